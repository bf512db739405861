"""Exact's limits as its headers tell them: per minute and per day, resets in epoch milliseconds."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from portal.remote.clock import read_header, read_remote_time
from portal.remote.pace import Pace, Told, Window

MINUTE, DAY = "minute", "day"
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
_GRACE = timedelta(seconds=1)
_BLIND_WAIT = timedelta(seconds=61)


def read_limits(headers: Mapping[str, str], status: int, now: datetime) -> Sequence[Told]:
    """Return what an answer says; a missing header is unknown, never 0. ``now`` and results on our clock."""
    told = [
        each
        for name in (MINUTE, DAY)
        if (each := _read_window(headers, name, refused=status == 429, now=now))
    ]
    if status == 429 and not any(each.remaining <= 0 for each in told):
        told = [Told(MINUTE, None, 0, now + _BLIND_WAIT)]
    return told


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
    moment = datetime.fromtimestamp(reset / 1000, UTC)
    return Told(name, limit, remaining, now + (moment - (read_remote_time(headers) or now)) + _GRACE)


def _read_number(headers: Mapping[str, str], name: str) -> int | None:
    value = (read_header(headers, name) or "").strip()
    return int(value) if value.isdecimal() and len(value) <= 13 else None
