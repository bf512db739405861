"""Exact's limits as its headers tell them: per minute and per day, resets in epoch milliseconds."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from portal.remote.clock import read_header, read_remote_time, read_retry_after
from portal.remote.pace import LONGEST_PAUSE, PAUSE, Pace, Told, Window

MINUTE = "minute"
DAY = "day"
# Exact blocks an endpoint for an hour after more than 10 errors within one.
MOST_ERRORS = 5
PACE = Pace(
    (
        Window(name=MINUTE, length=60, keep_for_people=2),
        Window(name=DAY, length=86400, keep_for_people=100, keep_for_pulls=300),
    ),
    most_errors=MOST_ERRORS,
)
_PREFIXES = {MINUTE: "X-RateLimit-Minutely-", DAY: "X-RateLimit-"}
_LENGTHS = {MINUTE: timedelta(minutes=1), DAY: timedelta(days=1)}
_GRACE = timedelta(seconds=1)
_BLIND_WAIT = timedelta(seconds=61)
# Fewer digits are seconds, and as milliseconds would be of the year 1973 or before.
_FEWEST_MILLISECONDS = 10**11
_HEEDED = frozenset({429, 503})


def read_limits(headers: Mapping[str, str], status: int, now: datetime) -> Sequence[Told]:
    """Return what an answer says of the limits.

    A missing header is unknown, never 0. ``now`` and the results are on our clock.
    """
    told = [
        each
        for name in (MINUTE, DAY)
        if (each := _read_window(headers, name, refused=status == 429, now=now))
    ]
    if status == 429 and not any(each.remaining <= 0 for each in told):
        told = [Told(MINUTE, None, 0, now + _BLIND_WAIT)]

    asked = read_asked_wait(headers, status)
    return [*told, Told(PAUSE, None, 0, now + asked)] if asked else told


def read_asked_wait(headers: Mapping[str, str], status: int) -> timedelta | None:
    """Return how long a refusal asks to wait by Retry-After, at most as long as anything does."""
    asked = read_retry_after(headers) if status in _HEEDED else None
    return None if asked is None else min(asked, LONGEST_PAUSE)


def read_retry_at(headers: Mapping[str, str], now: datetime) -> datetime:
    """Return when to come back after a 429, on our clock."""
    return max(each.resets_at for each in read_limits(headers, 429, now) if each.remaining <= 0)


def _read_window(headers: Mapping[str, str], name: str, *, refused: bool, now: datetime) -> Told | None:
    prefix = _PREFIXES[name]
    limit, remaining, reset = (
        _read_number(headers, prefix + part) for part in ("Limit", "Remaining", "Reset")
    )
    if remaining is None and refused:
        remaining = 0

    if reset is None or remaining is None:
        return None

    wait = _wait_until(reset, headers, now, _LENGTHS[name])
    if wait is None:
        return None

    # Some say -1 for no limit at all.
    known_limit = limit if limit and limit > 0 else None
    return Told(name, known_limit, max(remaining, 0), now + wait + _GRACE)


def _wait_until(reset: int, headers: Mapping[str, str], now: datetime, length: timedelta) -> timedelta | None:
    """Return how long a window still lasts, or None where it is over.

    It never lasts longer than a whole window. The reset is on the clock of the ``Date`` header, or on ours
    where that header is plainly wrong.
    """
    if reset < 0:
        return None

    seconds = reset if reset < _FEWEST_MILLISECONDS else reset / 1000
    moment = datetime.fromtimestamp(seconds, UTC)
    waits = [moment - (read_remote_time(headers) or now), moment - now]
    possible = [wait for wait in waits if -_GRACE <= wait <= length]
    if possible:
        return max(possible[0], timedelta())

    return length - _GRACE if waits[0] > length else None


def _read_number(headers: Mapping[str, str], name: str) -> int | None:
    value = (read_header(headers, name) or "").strip()
    digits = value.removeprefix("-")
    return int(value) if digits.isascii() and digits.isdecimal() and len(digits) <= 13 else None
