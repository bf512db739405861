"""Secrets are struck out of text, however they are spelt."""

from collections.abc import Iterator
from urllib.parse import quote_plus

import pytest
import structlog

from portal import redact
from portal.logs import without_secrets
from portal.redact import know, know_for_good, strike_out

SECRET = 'stampNL001.a+b/c!"d"'


@pytest.fixture(autouse=True)
def forgetful(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(redact, "_known", {})
    monkeypatch.setattr(redact, "_kept", set())
    return iter([None])


@pytest.mark.parametrize("spelt", [SECRET, quote_plus(SECRET), SECRET.replace('"', '\\"')])
def test_a_secret_in_hand_is_struck_out_in_every_spelling(spelt: str) -> None:
    know(SECRET)
    assert strike_out(f"token={spelt}; more") == "token=…; more"


def test_the_longer_secret_goes_first() -> None:
    know("secret-1", "secret-1-and-more")
    assert strike_out("secret-1-and-more, secret-1") == "…, …"


def test_the_oldest_are_forgotten_but_not_the_settings_and_nothing_short() -> None:
    know_for_good("kept-for-good")
    know("short", *(f"secret-{number:04}-secret" for number in range(redact.REMEMBERED + 1)))
    told = "kept-for-good short secret-0000-secret secret-0512-secret"
    assert strike_out(told) == "… short secret-0000-secret …"


@pytest.mark.parametrize(
    ("told", "left"),
    [
        ("Authorization: Bearer abcdefghijklmnopqrstuvwx.y!", "Authorization: Bearer …"),
        ("{'refresh_token': ['stampNL001.xyz']}", "{'refresh_token': ['…']}"),
        ("client_secret=abcdefgh&code=1", "client_secret=…&code=1"),
        ("redis://:abcdef@127.0.0.1:1/0", "redis://:…@127.0.0.1:1/0"),
        ('Bearer error="invalid_token", error_description="expired"', None),
        ("unauthorized_client: Old refresh token used.", None),
        ("The refresh token expired at 1/2/2026 10:00:00 AM", None),
    ],
)
def test_what_looks_like_a_secret_is_struck_out_and_plain_words_are_not(told: str, left: str | None) -> None:
    assert strike_out(told) == (left or told)


def test_a_log_line_is_struck_out_when_it_is_finished() -> None:
    know(SECRET)
    line = structlog.processors.JSONRenderer()(None, "info", {"event": f"a {SECRET} b"})
    assert without_secrets(None, "info", str(line)) == '{"event": "a … b"}'
