"""When a run of copies will be done, by the limits and its own speed."""

from dataclasses import dataclass
from datetime import datetime, timedelta

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a run may use of Exact's limits. None means not known yet."""

    minute: int | None
    day_left: int | None
    day: int | None
    day_renews_at: datetime | None
    # When an endpoint that is held back opens again.
    opens_at: datetime | None = None


def forecast(waiting: int, allowance: Allowance, measured: float | None, now: datetime) -> datetime | None:
    """Return when so many copies will be made. None while that cannot be said."""
    # A copy is one call. The copies of a minute that were measured count if they are fewer than allowed.
    speeds = [speed for speed in (allowance.minute, measured) if speed]
    if not speeds or not waiting:
        return None

    speed = min(speeds)
    starts = max(now, allowance.opens_at or now)
    left = allowance.day_left
    day = allowance.day
    if left is None or day is None or waiting <= left:
        return starts + _time_for(waiting, speed)
    if allowance.day_renews_at is None or day <= 0:
        return None

    days, rest = divmod(waiting - left - 1, day)
    return max(starts, allowance.day_renews_at) + days * DAY + _time_for(rest + 1, speed)


def _time_for(copies: int, speed: float) -> timedelta:
    return timedelta(minutes=copies / speed)
