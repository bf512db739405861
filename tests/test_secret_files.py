"""Secrets in files: each is taken as it stands there, and what is wrong is said without it."""

from pathlib import Path

import pytest

from portal.settings import LOCALES, SECRETS, BadSettingsError, Settings, read_settings
from tests.test_settings import GOOD_KEY, NEEDED, SENDER

ALL = {
    **NEEDED,
    **{
        f"EXACT_{locale}_{part}_SECRET": f"{locale}-{part}-canary"
        for locale in LOCALES
        for part in ("CLIENT", "WEBHOOK")
    },
    "PRODUCTIVE_WEBHOOK_SECRET": "one-canary,two-canary",
    "SMTP_URL": "smtp://portal:mail-canary@mail.example.com",
}
# What stands in the file, and what is said about it.
KINDS: dict[str, tuple[bytes | None, str]] = {
    "nothing is there": (None, "cannot be read"),
    "empty": (b"", "must hold one line"),
    "blank": (b" \n\t\n", "must hold one line"),
    "two lines": (f"{GOOD_KEY}\n{GOOD_KEY}".encode(), "must hold one line"),
    "a null byte": (f"{GOOD_KEY}\0".encode(), "must hold one line"),
    "far too long": (b"k" * 65_537, "must hold one line"),
    "no text": (b"\xff\xfe" + GOOD_KEY.encode(), "is no text"),
}


def in_files(folder: Path, given: dict[str, str], end: str = "\n") -> dict[str, str]:
    """Move every secret of these settings into a file of its own."""
    moved = {}
    for name, text in given.items():
        if name in SECRETS:
            path = folder / name.lower()
            path.write_text(text + end)
            moved[f"{name}_FILE"] = str(path)
        else:
            moved[name] = text

    return moved


def as_told(settings: Settings) -> dict[str, object]:
    return {name: getattr(settings, name) for name in settings.__struct_fields__}


@pytest.mark.parametrize("end", ["", "\n", "\r\n", " \n"])
def test_every_secret_may_stand_in_a_file(tmp_path: Path, end: str) -> None:
    given = {**ALL, "MAIL_FROM": SENDER}
    moved = in_files(tmp_path, given, end)
    assert not {*moved} & {*SECRETS}
    assert as_told(read_settings(moved)) == as_told(read_settings(given))


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_that_holds_no_secret_is_named(tmp_path: Path, kind: str) -> None:
    content, said = KINDS[kind]
    path = tmp_path / "secret"
    if content is not None:
        path.write_bytes(content)
    given = {name: text for name, text in NEEDED.items() if name != "SECRET_KEY"}

    with pytest.raises(BadSettingsError) as bad:
        read_settings({**given, "SECRET_KEY_FILE": str(path)})
    assert f"SECRET_KEY_FILE {said}" in str(bad.value)
    assert "SECRET_KEY is missing" not in str(bad.value)
    assert GOOD_KEY not in str(bad.value)


@pytest.mark.parametrize("path", ["/", "/no/such/file", "\0", "x" * 5000])
def test_a_path_that_leads_nowhere_is_named(path: str) -> None:
    with pytest.raises(BadSettingsError, match="REDIS_URL_FILE cannot be read"):
        read_settings({**NEEDED, "REDIS_URL": "", "REDIS_URL_FILE": path})


def test_a_secret_that_is_given_twice_is_not_chosen_from(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(GOOD_KEY[::-1])
    with pytest.raises(BadSettingsError, match="SECRET_KEY and SECRET_KEY_FILE are both given"):
        read_settings({**NEEDED, "SECRET_KEY_FILE": str(tmp_path / "key")})


def test_an_empty_name_of_a_file_is_none() -> None:
    assert read_settings({**NEEDED, "SECRET_KEY_FILE": " "}).secret_key == GOOD_KEY


def test_a_weak_secret_in_a_file_is_refused_like_any(tmp_path: Path) -> None:
    weak = in_files(tmp_path, {**NEEDED, "SECRET_KEY": "change-me"})
    with pytest.raises(BadSettingsError, match="SECRET_KEY can be guessed"):
        read_settings(weak)
