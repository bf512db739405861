"""Strikes secrets out of text that leaves the process: those it has had in hand, and what looks like one."""

import json
import re
import threading
from urllib.parse import quote, quote_plus

STRUCK = "…"
SHORTEST = 6
REMEMBERED = 512

LOOKS_SECRET = (
    re.compile(r"(\b(?:bearer|basic)\s+)[\w.~+/!-]{16,}=*", re.IGNORECASE),
    re.compile(r"""(\b(?:access_token|refresh_token|client_secret)\W{1,6})[^\s"'&,;}]{6,}""", re.IGNORECASE),
    re.compile(r"(://[^/\s:@]*:)[^@/\s]+(?=@)"),
)

_lock = threading.Lock()
_known: dict[str, None] = {}
_kept: set[str] = set()


def know(*secrets: str) -> None:
    """Remember secrets that the process has in hand, in every spelling. The oldest are forgotten first."""
    with _lock:
        for spelling in _spellings(secrets):
            _known.pop(spelling, None)
            _known[spelling] = None
        for oldest in list(_known)[:-REMEMBERED]:
            del _known[oldest]


def know_for_good(*secrets: str) -> None:
    """Remember the secrets of the settings, which are in hand for as long as the process lives."""
    with _lock:
        _kept.update(_spellings(secrets))


def strike_out(text: str) -> str:
    """Return a text without secrets, and without what only looks like one."""
    text = strike_known(text)
    for pattern in LOOKS_SECRET:
        text = pattern.sub(rf"\1{STRUCK}", text)
    return text


def strike_known(text: str) -> str:
    """Return a text without the secrets in hand. Every other word stays, for it may mean something."""
    with _lock:
        found = [secret for secret in (*_known, *_kept) if secret in text]
    for secret in sorted(found, key=len, reverse=True):
        text = text.replace(secret, STRUCK)
    return text


def _spellings(secrets: tuple[str, ...]) -> list[str]:
    """Return how a secret may be spelt: as it is, in an address, in a form, and in JSON."""
    long_enough = [secret for secret in secrets if len(secret) >= SHORTEST]
    spell = (str, lambda text: quote(text, safe=""), quote_plus, lambda text: json.dumps(text)[1:-1])
    return [each(secret) for secret in long_enough for each in spell]
