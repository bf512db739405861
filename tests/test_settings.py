"""Settings: what is needed, what is refused at the start, and where mail goes out."""

import os
import secrets
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal import settings as module
from portal.settings import (
    ROOT,
    BadSettingsError,
    MailServer,
    environment,
    is_guessable,
    read_mail_server,
    read_settings,
)

SENDER = "Portal <portal@example.com>"
SEALING_KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
GOOD_KEY = "5b0c8f1e7a2d4960b3fd1c86e29a75f04e6d8b317c52a9f0"
NEEDED = {
    "DATABASE_URL": "sqlite:////var/lib/portal/portal.sqlite",
    "REDIS_URL": "redis://:a-password@127.0.0.1:6379/0",
    "SECRET_KEY": GOOD_KEY,
    "ENCRYPTION_KEYS": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
    "PUBLIC_URL": "https://portal.example.com",
}

# What is set, and what is said about it; None where it is taken.
KINDS_OF_ADDRESS = {
    "https://portal.example.com": None,
    "https://portal.example.com:8443/": None,
    "HTTPS://portal.example.com": None,
    "http://localhost:8000": None,
    "http://127.0.0.1:8000": None,
    "http://127.9.9.9": None,
    "http://[::1]:8000": None,
    "http://portal.example.com": "must begin with https",
    "http://10.0.0.5:8000": "must begin with https",
    "http://localhost.example.com": "must begin with https",
    "http://0.0.0.0:8000": "must begin with https",
    "http://[fe80::1]:8000": "must begin with https",
    "x": "must be the address",
    "portal.example.com": "must be the address",
    "localhost:8000": "must be the address",
    "//portal.example.com": "must be the address",
    "https://": "must be the address",
    "https://:8000": "must be the address",
    "ftp://portal.example.com": "must be the address",
    "https://portal.example.com:many": "must be the address",
    "https://portal.example.com:99999": "must be the address",
    "https://ann:secret@portal.example.com": "must be the address",
    "https://portal.example.com/?next=1": "must be the address",
    "https://portal example.com": "must be the address",
    "https://[::1": "must be the address",
    "http://localhost.": None,
    "https://büro.example.com": None,
    "http://127.0.0.1.nip.io": "must begin with https",
    "http://localhost.evil.com": "must begin with https",
    "http://[::ffff:10.0.0.5]": "must begin with https",
    "http://localhost@evil.com": "must be the address",
    "http://@localhost": "must be the address",
    "http://localhost\\@evil.com": "must be the address",
    "https://portal.example.com?": "must be the address",
    "https://portal.example.com#": "must be the address",
    "https://portal.example.com/books": "must be the address",
    "https://portal.example.com:0": "must be the address",
    "https://portal..example.com": "must be the address",
    "https://.": "must be the address",
    "https://*.example.com": "must be the address",
    "https://portal.example.com'": "must be the address",
    "https://por\x00tal": "must be the address",
}
WEAK_KEYS = (
    "x",
    "changeme",
    "correct horse battery staple",
    "a" * 64,
    "ab" * 32,
    "changeme" * 8,
    "change-me-change-me-change-me-change-me",
    "0123456789" * 5,
    "0123456789abcdef0123456789abcdef",
    "abcdefghijklmnopqrstuvwxyz0123456789",
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
    "987654321098765432109876543210987654321",
    "94e55eeff5d91569d356b4bd",
    "change-me-to-a-long-random-string-1234",
    "django-insecure-0123456789abcdefghijk",
    "YOUR-SECRET-KEY-GOES-HERE-AND-IS-LONG",
    "qwertyuiopasdfghjklzxcvbnm7193046285",
    "The quick brown fox jumps over the lazy dog",
    "correcthorsebatterystaplecorrecthorse",
    GOOD_KEY[:32] * 2,
)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://mail.test", MailServer("mail.test", 587, SENDER)),
        ("smtp://u%40x:p%2Fw@mail.test:25", MailServer("mail.test", 25, SENDER, "u@x", "p/w")),
        ("smtps://u:p@mail.test", MailServer("mail.test", 465, SENDER, "u", "p", True)),
        ("mail.test:25", None),
        ("http://mail.test", None),
        ("smtp://", None),
        ("smtp://mail.test:many", None),
    ],
)
def test_a_mail_server_is_read_from_its_address(url: str, expected: MailServer | None) -> None:
    assert read_mail_server(url, SENDER) == expected


@pytest.mark.parametrize("sender", ["", "portal"])
def test_mail_needs_a_sender(sender: str) -> None:
    assert read_mail_server("smtp://mail.test", sender) is None


def test_a_malformed_mail_server_is_named_and_its_password_is_not() -> None:
    with pytest.raises(BadSettingsError, match="SMTP_URL must look like") as bad:
        read_settings({**NEEDED, "SMTP_URL": "smtp:/u:mail-canary@x", "MAIL_FROM": SENDER})
    assert "canary" not in str(bad.value)
    assert read_settings(NEEDED).mail is None
    read = read_settings({**NEEDED, "SMTP_URL": "smtp://u:mail-canary@x", "MAIL_FROM": SENDER})
    assert "canary" not in repr(read) + repr(read.mail)


def test_the_page_of_vat_codes_is_exacts_start_until_it_is_set() -> None:
    assert read_settings(NEEDED).vat_page_of("NL", 101) == "https://start.exactonline.nl"
    known = read_settings({**NEEDED, "EXACT_VAT_PAGE": "{base}/vat-codes?division={division}"})
    assert known.vat_page_of("BE", 101) == "https://start.exactonline.be/vat-codes?division=101"


def test_each_country_is_a_site_of_its_own_unless_address_and_app_are_the_same() -> None:
    assert read_settings(NEEDED).site_of("NL") == ("NL",)
    one = {f"EXACT_{name}_URL": "http://localhost:8001" for name in ("BE", "NL", "DE")}
    app = {"EXACT_BE_CLIENT_ID": "a", "EXACT_NL_CLIENT_ID": "a", "EXACT_DE_CLIENT_ID": "b"}
    assert read_settings({**NEEDED, **one, **app}).site_of("NL") == ("BE", "NL")


def test_no_proxy_is_trusted_unless_it_is_said() -> None:
    assert read_settings(NEEDED).trusted_proxies == 0
    assert read_settings({**NEEDED, "TRUSTED_PROXIES": "2"}).trusted_proxies == 2
    with pytest.raises(BadSettingsError, match="TRUSTED_PROXIES must be the number"):
        read_settings({**NEEDED, "TRUSTED_PROXIES": "yes"})


@pytest.mark.parametrize(("address", "said"), KINDS_OF_ADDRESS.items())
def test_an_address_that_nobody_can_open_safely_is_refused(address: str, said: str | None) -> None:
    given_now = {**NEEDED, "PUBLIC_URL": address}
    if said is None:
        assert read_settings(given_now).public_url == address.rstrip("/")
        return
    with pytest.raises(BadSettingsError, match=said) as bad:
        read_settings(given_now)
    assert "secret" not in str(bad.value)


@pytest.mark.parametrize("key", WEAK_KEYS)
def test_a_key_that_can_be_guessed_is_refused_and_not_repeated(key: str) -> None:
    with pytest.raises(BadSettingsError, match="SECRET_KEY can be guessed") as bad:
        read_settings({**NEEDED, "SECRET_KEY": key})
    assert "token_hex" in str(bad.value)
    assert key == "x" or key not in str(bad.value)


@given(st.binary(min_size=32, max_size=32).map(lambda raw: raw.hex()) | st.builds(secrets.token_urlsafe))
def test_a_key_by_chance_is_taken(key: str) -> None:
    by_chance = len(set(key)) >= 12 and len(set(pairwise(key))) > 30
    assert not (by_chance and is_guessable(key))


@pytest.mark.parametrize(
    "keys",
    ["x", "short=", "MDEy,MDEy", f"{SEALING_KEY},x", "ä" * 44, ",", " , ", "A" * 43 + "="],
)
def test_a_key_that_seals_nothing_is_named(keys: str) -> None:
    with pytest.raises(BadSettingsError, match="ENCRYPTION_KEYS must be") as bad:
        read_settings({**NEEDED, "ENCRYPTION_KEYS": keys})
    assert len(keys) < 4 or keys not in str(bad.value)


def test_everything_that_is_wrong_is_said_at_once() -> None:
    wrong = {**NEEDED, "SECRET_KEY": "x", "PUBLIC_URL": "x", "EXACT_TIMEOUT": "-1", "REDIS_URL": " "}
    with pytest.raises(BadSettingsError) as bad:
        read_settings(wrong)
    said = str(bad.value)
    assert [
        name for name in ("SECRET_KEY", "PUBLIC_URL", "EXACT_TIMEOUT", "REDIS_URL is missing") if name in said
    ] == [
        "SECRET_KEY",
        "PUBLIC_URL",
        "EXACT_TIMEOUT",
        "REDIS_URL is missing",
    ]


@pytest.mark.parametrize("number", ["0", "-1", "²", "١٠", "1.5", "1e3", " 5", "999999", "9" * 5000])
def test_a_number_that_is_none_is_named(number: str) -> None:
    names = ("UNCERTAIN_QUIET", "SESSION_IDLE_MINUTES", "EXACT_TIMEOUT", "PERSON_SECONDS")
    with pytest.raises(BadSettingsError) as bad:
        read_settings({**NEEDED, **dict.fromkeys(names, number)})
    assert [name for name in names if f"{name} must be a whole number" not in str(bad.value)] == []
    if number != "0":
        with pytest.raises(BadSettingsError, match="TRUSTED_PROXIES"):
            read_settings({**NEEDED, "TRUSTED_PROXIES": number})


@pytest.mark.parametrize("name", ["PRODUCTIVE_URL", "EXACT_BE_URL", "EXACT_NL_URL", "EXACT_DE_URL"])
def test_no_token_travels_in_the_clear(name: str) -> None:
    good = ("https://api.example.com/api/v2", "http://localhost:8001/api/v2", "http://[::1]:8001")
    assert [url for url in good if not read_settings({**NEEDED, name: url})] == []
    for url in (
        "http://api.example.com",
        "http://localhost.evil.com",
        "ftp://x",
        "x",
        "https://u:p@x",
        "//x",
    ):
        with pytest.raises(BadSettingsError, match=f"{name} must begin with https") as bad:
            read_settings({**NEEDED, name: url})
        assert "u:p" not in str(bad.value)


@pytest.mark.parametrize("name", ["EXACT_ENTRY_PAGE", "EXACT_VAT_PAGE"])
@pytest.mark.parametrize("page", ["{base}/x?d={nope}", "{", "{0}", "{base.x}", "{base[x]}"])
def test_an_address_of_a_page_that_cannot_be_filled_in_is_named(name: str, page: str) -> None:
    with pytest.raises(BadSettingsError, match=f"{name} may name {{base}} and {{division}}"):
        read_settings({**NEEDED, name: page})


def test_blanks_and_commas_around_keys_are_no_keys() -> None:
    read = read_settings({**NEEDED, "ENCRYPTION_KEYS": f" {SEALING_KEY} , "})
    assert read.encryption_keys == (SEALING_KEY,)


def test_an_empty_setting_is_none_at_all() -> None:
    empty = {"EXACT_NL_URL": "", "UNCERTAIN_QUIET": " ", "PRODUCTIVE_URL": "", "SMTP_URL": ""}
    assert read_settings({**NEEDED, **empty}) == read_settings(NEEDED)


def test_the_needed_settings_alone_lead_to_the_real_services() -> None:
    read = read_settings(NEEDED)
    assert {site.url for site in read.exact.values()} == {
        f"https://start.exactonline.{country}" for country in ("be", "nl", "de")
    }
    assert (read.productive_url, read.uncertain_quiet) == ("https://api.productive.io/api/v2", 360)


def test_what_a_demo_left_behind_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "instance").mkdir()
    (tmp_path / "instance" / "demo.env").write_text("UNCERTAIN_QUIET=5\n")
    monkeypatch.setattr(module, "ENV_FILE", tmp_path / ".env")
    assert environment().get("UNCERTAIN_QUIET") is None
    (tmp_path / ".env").write_text("UNCERTAIN_QUIET=6\n")
    assert environment()["UNCERTAIN_QUIET"] == "6"
    monkeypatch.setenv("UNCERTAIN_QUIET", "7")
    assert environment()["UNCERTAIN_QUIET"] == "7"


def test_a_portal_without_settings_does_not_start_and_names_them() -> None:
    alone = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-c", "import app"], cwd=ROOT, env=alone, capture_output=True, text=True
    )
    assert done.returncode != 0
    assert [name for name in NEEDED if f"{name} is missing" not in done.stderr] == []
