"""When a run of copies will be done: counted from the limits and from how fast it went of late."""

from dataclasses import dataclass
from datetime import datetime, timedelta

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a run may use: calls a minute, what is left of the day, a whole day, and when the next begins.

    None means not known yet. ``opens_at`` is when an endpoint that is held back opens again.
    """

    minute: int | None
    day_left: int | None
    day: int | None
    day_renews_at: datetime | None
    opens_at: datetime | None = None


def forecast(waiting: int, allowance: Allowance, measured: float | None, now: datetime) -> datetime | None:
    """Return when so many copies, of one call each, will be made; None while that cannot be said.

    ``measured`` copies a minute, where some were made of late, count if they are fewer than allowed.
    """
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
