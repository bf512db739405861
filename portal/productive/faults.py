"""Productive's refusals as errors of ours, in its own words."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec

from portal.domain.characters import clean
from portal.domain.failed import Failed
from portal.domain.said import Quoted, said
from portal.domain.text import cut
from portal.remote.answers import error_of
from portal.remote.clock import read_retry_after
from portal.remote.errors import MOST_WORDS, RemoteError, TemporaryError, Vendor
from portal.remote.pace import LONGEST_PAUSE
from portal.remote.transport import Answer

USUAL_WAIT = timedelta(seconds=10)
# No window of Productive is longer, so no 429 asks for more.
LONGEST_WINDOW = timedelta(minutes=30)
RETRY_HEADERS = ("X-RateLimit-Reset", "Retry-After")
ADVICE = {
    401: Failed.PRODUCTIVE_TOKEN,
    402: Failed.PRODUCTIVE_UNPAID,
    403: Failed.PRODUCTIVE_DENIED,
    404: Failed.PRODUCTIVE_LACKS,
    429: Failed.PRODUCTIVE_WAITS,
}


class Source(msgspec.Struct, frozen=True):
    """Where in the request a fault lies. The pointer has no leading slash."""

    pointer: str | None = None


class Fault(msgspec.Struct, frozen=True):
    """One entry of an error body. Its status comes as a string or as a number."""

    status: str | int | None = None
    code: str | None = None
    title: str | None = None
    detail: str | None = None
    source: Source | None = None

    def __str__(self) -> str:
        """Say it in plain words, with the field in front."""
        words = (self.detail or self.title or self.code or "no reason given").rstrip(".")
        pointer = self.source.pointer if self.source else None
        field = (pointer or "").strip("/").rpartition("/")[2].replace("_", " ")
        return f"{field} – {words}" if field else words


class Faults(msgspec.Struct, frozen=True):
    """An error body."""

    errors: list[Fault]


def read_faults(body: bytes) -> list[Fault]:
    """Return the faults in an error body, none where it is no such body."""
    try:
        return msgspec.json.decode(body, type=Faults).errors
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return []


def wait_of(headers: Mapping[str, str]) -> timedelta | None:
    """Return how long an answer asks to wait, within reason. None where it says nothing."""
    asked = (read_retry_after(headers, name) for name in RETRY_HEADERS)
    told = next((wait for wait in asked if wait is not None), None)
    return None if told is None else min(told, LONGEST_PAUSE)


def window_of(headers: Mapping[str, str]) -> timedelta:
    """Return how long a 429 asks to wait, never longer than the longest window."""
    asked = wait_of(headers)
    return USUAL_WAIT if asked is None else min(asked, LONGEST_WINDOW)


def failure_of(answer: Answer, now: datetime) -> RemoteError | None:
    """Return the error that an answer amounts to, or None for a success. ``now`` is on our clock."""
    faults = "; ".join(map(str, read_faults(answer.body)))
    words = Quoted(cut(clean(faults), MOST_WORDS)) if faults else said(Failed.STATUS, status=answer.status)
    if answer.status >= 500:
        retry_at = _retry_at(answer, now) if answer.status == 503 else None
        told = said(Failed.PRODUCTIVE_FAILED, words=words)
        return TemporaryError(told, status=answer.status, retry_at=retry_at, vendor=Vendor.PRODUCTIVE)

    advice = ADVICE.get(answer.status, Failed.PRODUCTIVE_REFUSED)
    retry_at = now + window_of(answer.headers) if answer.status == 429 else None
    told = said(advice, words=words)
    return error_of(answer, vendor=Vendor.PRODUCTIVE, words=told, retry_at=retry_at)


def _retry_at(answer: Answer, now: datetime) -> datetime | None:
    asked = wait_of(answer.headers)
    return None if asked is None else now + asked
