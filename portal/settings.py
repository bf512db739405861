"""The only reader of the environment. It names every missing or malformed variable at once."""

import binascii
import os
import re
from base64 import urlsafe_b64decode
from collections.abc import Iterator, Mapping
from datetime import timedelta
from email.utils import parseaddr
from ipaddress import ip_address
from itertools import pairwise
from pathlib import Path
from string import Formatter
from urllib.parse import unquote, urlsplit

import msgspec

from portal.secret_files import with_secrets

LOCALES = ("BE", "NL", "DE")
ROOT = Path(__file__).resolve().parent.parent
ENV_FILE = ROOT / ".env"
SHORTEST_KEY = 32
FEWEST_SIGNS = 10
FEWEST_PAIRS = 20
FEWEST_STEPS = 10
# A key by chance says no such word and no dozen of characters twice.
WORDS = (
    "change",
    "default",
    "example",
    "insecure",
    "passphrase",
    "password",
    "please",
    "portal",
    "qwerty",
    "random",
    "replace",
    "secret",
    "string",
)
SAID_TWICE = 12
# Far beyond any use, and short of what no duration can hold.
MOST_DIGITS = 5
LABEL = re.compile(r"[\w-]+")
KEY_BYTES = 32
SMTP_PORTS = {"smtp": 587, "smtps": 465}
BAD_MAIL = (
    "SMTP_URL must look like smtp://user:password@host:587 or smtps://user:password@host:465, with odd "
    "characters as %XX, and MAIL_FROM must be the sender's address"
)
WEAK_KEY = (
    "SECRET_KEY can be guessed; it must be at least 32 characters by chance. Make one with: "
    'python -c "import secrets; print(secrets.token_hex(32))"'
)
BAD_KEYS = (
    "ENCRYPTION_KEYS must be keys of 32 bytes in base64, by comma. Make one with: "
    'python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"'
)
NO_ADDRESS = "PUBLIC_URL must be the address where people open the portal, like https://portal.example.com"
IN_THE_CLEAR = (
    "PUBLIC_URL must begin with https://, or passwords travel in the clear; http:// is for localhost only"
)
WEAK_METRICS = "METRICS_TOKEN can be guessed; it must be like SECRET_KEY, and not the same"
BAD_SERVICE = "{name} must begin with https://, or tokens travel in the clear; http:// is for localhost only"
BAD_PAGE = "{name} may name {fields} in braces, and nothing else"
# Whether everybody must set up a second factor, or may.
OPTIONAL = "optional"
REQUIRED = "required"
PAGES = {
    "EXACT_ENTRY_PAGE": ("base", "division", "entry_id"),
    "EXACT_VAT_PAGE": ("base", "division"),
}


# Each of these may stand in a file, named by its name and ``_FILE``.
SECRETS = (
    "DATABASE_URL",
    "REDIS_URL",
    "SECRET_KEY",
    "ENCRYPTION_KEYS",
    *(f"EXACT_{locale}_{part}_SECRET" for locale in LOCALES for part in ("CLIENT", "WEBHOOK")),
    "PRODUCTIVE_WEBHOOK_SECRET",
    "SMTP_URL",
    "METRICS_TOKEN",
)


class AppRegistration(msgspec.Struct, frozen=True):
    """Our app at one country site of Exact. Without a client id that country cannot be connected."""

    url: str
    client_id: str
    client_secret: str
    webhook_secret: str = ""

    def __repr__(self) -> str:
        """Never show the secret."""
        return f"AppRegistration({self.url!r}, {self.client_id!r})"

    @property
    def is_complete(self) -> bool:
        """Say whether people can sign in at this site."""
        return bool(self.client_id and self.client_secret)


class MailServer(msgspec.Struct, frozen=True):
    """Where mail goes out. ``encrypted`` is from the first byte, else by STARTTLS where the server can."""

    host: str
    port: int
    sender: str
    user: str = ""
    password: str = ""
    encrypted: bool = False

    def __repr__(self) -> str:
        """Never show the password."""
        return f"MailServer({self.host!r}, {self.port!r})"


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything an operator can set."""

    database_url: str
    redis_url: str
    secret_key: str
    encryption_keys: tuple[str, ...]
    public_url: str
    productive_url: str
    exact: Mapping[str, AppRegistration]
    uncertain_quiet: int = 360
    payment_pull_minutes: int = 10
    invoice_pull_minutes: int = 5
    exact_timeout: int = 60
    person_seconds: int = 2
    exact_entry_page: str = ""
    exact_vat_page: str = "{base}"
    productive_webhook_secrets: tuple[str, ...] = ()
    mail: MailServer | None = None
    metrics_token: str = ""
    needs_second_factor: bool = False
    trusted_proxies: int = 0
    session_idle_minutes: int = 60
    testing: bool = False

    def __repr__(self) -> str:
        """Never show a secret."""
        return f"Settings(public_url={self.public_url!r})"

    @property
    def session_idle(self) -> timedelta:
        """How long a session lasts without a person's doing."""
        return timedelta(minutes=self.session_idle_minutes)

    @property
    def callback_url(self) -> str:
        """Where Exact sends people back to."""
        return f"{self.public_url}/connections/exact/callback"

    def site_of(self, locale: str) -> tuple[str, ...]:
        """The countries that are one site with this one, by address and app: one sandbox plays them all."""
        here = self.exact[locale]
        return tuple(
            name
            for name, each in self.exact.items()
            if (each.url, each.client_id) == (here.url, here.client_id)
        )

    def vat_page_of(self, locale: str, division: int | None) -> str:
        """Where a person sees a division's VAT codes. Exact does not document it, so it can be set."""
        return self.exact_vat_page.format(base=self.exact[locale].url, division=division)

    @property
    def exact_hook_url(self) -> str:
        """Where Exact sends its webhooks, at the callback's domain as Exact demands."""
        return f"{self.public_url}/hooks/exact"


class BadSettingsError(ValueError):
    """The environment lacks something. The text names all of it."""


def read_settings(given: Mapping[str, str]) -> Settings:
    """Read the settings. Raise BadSettingsError naming every missing (or empty) or malformed variable."""
    filled, unread = with_secrets(given, SECRETS)
    environ = {name: text for name, text in filled.items() if text.strip()}
    needed = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "ENCRYPTION_KEYS", "PUBLIC_URL")
    wrong = [*unread.values()]
    wrong += [f"{name} is missing" for name in needed if name not in {*environ, *unread}]
    wrong += refuse_weak(environ)
    wrong += refuse_services(environ)
    wrong += refuse_pages(environ)
    numbers: dict[str, int] = {}

    for name, default in (
        ("UNCERTAIN_QUIET", 360),
        ("PAYMENT_PULL_MINUTES", 10),
        ("INVOICE_PULL_MINUTES", 5),
        ("EXACT_TIMEOUT", 60),
        ("SESSION_IDLE_MINUTES", 60),
        ("PERSON_SECONDS", 2),
    ):
        number = read_number(environ.get(name, str(default)))
        if number:
            numbers[name.lower()] = number
        else:
            wrong.append(f"{name} must be a whole number above 0, of {MOST_DIGITS} digits at most")

    proxies = read_number(environ.get("TRUSTED_PROXIES", "0"))
    if proxies is None:
        wrong.append("TRUSTED_PROXIES must be the number of proxies before the portal, 0 for none")

    if environ.get("SECOND_FACTOR", OPTIONAL) not in (OPTIONAL, REQUIRED):
        wrong.append(f"SECOND_FACTOR must be {OPTIONAL} or {REQUIRED}")

    mail = None
    if environ.get("SMTP_URL"):
        mail = read_mail_server(environ["SMTP_URL"], environ.get("MAIL_FROM", ""))
        wrong += [BAD_MAIL] if mail is None else []

    if wrong:
        raise BadSettingsError("; ".join(wrong) + ". See .env.example.")

    return Settings(
        database_url=environ["DATABASE_URL"],
        redis_url=environ["REDIS_URL"],
        secret_key=environ["SECRET_KEY"],
        encryption_keys=read_list(environ["ENCRYPTION_KEYS"]),
        public_url=environ["PUBLIC_URL"].rstrip("/"),
        productive_url=environ.get("PRODUCTIVE_URL", "https://api.productive.io/api/v2").rstrip("/"),
        exact={
            locale: AppRegistration(
                environ.get(f"EXACT_{locale}_URL", f"https://start.exactonline.{locale.lower()}").rstrip("/"),
                environ.get(f"EXACT_{locale}_CLIENT_ID", ""),
                environ.get(f"EXACT_{locale}_CLIENT_SECRET", ""),
                environ.get(f"EXACT_{locale}_WEBHOOK_SECRET", ""),
            )
            for locale in LOCALES
        },
        uncertain_quiet=numbers["uncertain_quiet"],
        payment_pull_minutes=numbers["payment_pull_minutes"],
        invoice_pull_minutes=numbers["invoice_pull_minutes"],
        exact_timeout=numbers["exact_timeout"],
        person_seconds=numbers["person_seconds"],
        exact_entry_page=environ.get("EXACT_ENTRY_PAGE", ""),
        exact_vat_page=environ.get("EXACT_VAT_PAGE") or "{base}",
        productive_webhook_secrets=read_list(environ.get("PRODUCTIVE_WEBHOOK_SECRET", "")),
        mail=mail,
        metrics_token=environ.get("METRICS_TOKEN", ""),
        needs_second_factor=environ.get("SECOND_FACTOR", OPTIONAL) == REQUIRED,
        trusted_proxies=proxies or 0,
        session_idle_minutes=numbers["session_idle_minutes"],
    )


def refuse_weak(environ: Mapping[str, str]) -> Iterator[str]:
    """Yield what is wrong with the keys and the address that were given."""
    if "SECRET_KEY" in environ and is_guessable(environ["SECRET_KEY"]):
        yield WEAK_KEY

    token = environ.get("METRICS_TOKEN")
    if token and (is_guessable(token) or token == environ.get("SECRET_KEY")):
        yield WEAK_METRICS

    if "ENCRYPTION_KEYS" in environ:
        keys = read_list(environ["ENCRYPTION_KEYS"])
        if not keys or not all(map(is_sealing_key, keys)):
            yield BAD_KEYS

    if "PUBLIC_URL" in environ:
        yield from refuse_address(environ["PUBLIC_URL"])


def refuse_services(environ: Mapping[str, str]) -> Iterator[str]:
    """Yield which service would be asked in the clear, or nowhere."""
    for name in ("PRODUCTIVE_URL", *(f"EXACT_{locale}_URL" for locale in LOCALES)):
        scheme, host = parts_of(environ.get(name, "https://default"))
        if not host or not (scheme == "https" or (scheme == "http" and is_loopback(host))):
            yield BAD_SERVICE.format(name=name)


def refuse_pages(environ: Mapping[str, str]) -> Iterator[str]:
    """Yield which address of a page cannot be filled in."""
    for name, fields in PAGES.items():
        if not fields_of(environ.get(name, "")) <= {*fields}:
            yield BAD_PAGE.format(name=name, fields=" and ".join(f"{{{field}}}" for field in fields))


def fields_of(page: str) -> set[str]:
    """Return what stands in braces, a brace alone where they are not paired."""
    try:
        return {field for _, field, _, _ in Formatter().parse(page) if field is not None}
    except ValueError:
        return {"{"}


def read_number(text: str) -> int | None:
    """Read a whole number from 0 that some duration can hold, None for anything else."""
    fits = text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS
    return int(text) if fits else None


def is_guessable(key: str) -> bool:
    """Say whether a key is short, has few characters, or says, repeats or counts something."""
    pairs = set(pairwise(key))
    steps = {ord(after) - ord(before) for before, after in pairs}
    few = len(set(key)) < FEWEST_SIGNS or len(pairs) < FEWEST_PAIRS or len(steps) < FEWEST_STEPS
    return len(key) < SHORTEST_KEY or few or says_something(key)


def says_something(key: str) -> bool:
    """Say whether a key has blanks, words, or the same dozen of characters twice."""
    ends = range(SAID_TWICE, len(key))
    twice = any(key[end - SAID_TWICE : end] in key[end - SAID_TWICE + 1 :] for end in ends)
    return twice or any(map(str.isspace, key)) or any(word in key.lower() for word in WORDS)


def is_sealing_key(key: str) -> bool:
    """Say whether a key has the shape of Fernet's, and is not one byte again and again."""
    try:
        raw = urlsafe_b64decode(key)
    except (binascii.Error, ValueError):
        return False
    return len(raw) == KEY_BYTES and len(set(raw)) >= FEWEST_SIGNS


def refuse_address(url: str) -> Iterator[str]:
    """Yield why people cannot open the portal at this address."""
    scheme, host = parts_of(url)
    if scheme not in ("http", "https") or not host or urlsplit(url).path.strip("/"):
        yield NO_ADDRESS
    elif scheme == "http" and not is_loopback(host):
        yield IN_THE_CLEAR


def parts_of(url: str) -> tuple[str, str]:
    """Return scheme and host of an address with a port and path at most, empty for all others."""
    try:
        told = urlsplit(url)
        port = told.port
    except ValueError:
        return "", ""

    host = told.hostname or ""
    more = told.username is not None or port == 0 or any(sign.isspace() or sign in "?#\\" for sign in url)
    return (told.scheme, host) if url.isprintable() and is_host(host) and not more else ("", "")


def is_host(text: str) -> bool:
    """Say whether this is a name or number of a machine."""
    try:
        ip_address(text)
    except ValueError:
        return all(map(LABEL.fullmatch, text.removesuffix(".").split(".")))
    return True


def is_loopback(host: str) -> bool:
    """Say whether a host is this machine by its name or number."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower().rstrip(".") == "localhost"


def read_mail_server(url: str, sender: str) -> MailServer | None:
    """Read ``smtp://user:password@host:587`` (or ``smtps``) and the sender, None for anything else."""
    try:
        told = urlsplit(url)
        port = told.port or SMTP_PORTS[told.scheme]
    except (ValueError, KeyError):
        return None

    if told.scheme not in SMTP_PORTS or not told.hostname or "@" not in parseaddr(sender)[1]:
        return None

    user = unquote(told.username or "")
    password = unquote(told.password or "")
    return MailServer(told.hostname, port, sender, user, password, told.scheme == "smtps")


def read_list(text: str) -> tuple[str, ...]:
    """Read what stands between commas, without empty parts."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def secrets_of(settings: Settings) -> tuple[str, ...]:
    """Return every secret of the settings, so that it can be struck out of what is written."""
    addresses = (urlsplit(settings.database_url), urlsplit(settings.redis_url))
    return (
        settings.secret_key,
        *settings.encryption_keys,
        *(secret for site in settings.exact.values() for secret in (site.client_secret, site.webhook_secret)),
        *settings.productive_webhook_secrets,
        *(unquote(address.password or "") for address in addresses),
        settings.mail.password if settings.mail else "",
        settings.metrics_token,
    )


def read_env_file(path: Path) -> dict[str, str]:
    """Read ``NAME=value`` lines. Comments and a missing file are nothing."""
    lines = path.read_text().splitlines() if path.is_file() else []
    pairs = (line.split("=", 1) for line in lines if "=" in line and not line.lstrip().startswith("#"))
    return {name.strip(): value.strip().strip("\"'") for name, value in pairs}


def environment() -> dict[str, str]:
    """Return the process's environment. A ``.env`` fills what it lacks."""
    return {**read_env_file(ENV_FILE), **os.environ}


def shell_environment() -> dict[str, str]:
    """Return the process's environment alone."""
    return dict(os.environ)
