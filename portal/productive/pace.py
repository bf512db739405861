"""Productive's limits: 100 calls in 10 s per token, 4,000 in 30 min per organisation.

https://developer.productive.io, rate limits. It does not say when its windows begin, so ours roll.
"""

from collections.abc import Mapping
from datetime import datetime

from portal.productive.faults import wait_of, window_of
from portal.remote.pace import PAUSE, Pace, Rolling, Told

SHORT = (100, 10)
LONG = (4000, 1800)
SHORT_NAME = "10 seconds"
LONG_NAME = "30 minutes"
PACE = Pace(
    (
        Rolling(name=SHORT_NAME, limit=SHORT[0], length=SHORT[1], keep_for_people=10),
        Rolling(
            name=LONG_NAME, limit=LONG[0], length=LONG[1], slices=30, keep_for_people=200, keep_for_pulls=200
        ),
    )
)


def read_limits(headers: Mapping[str, str], status: int, now: datetime) -> list[Told]:
    """Read what an answer says about the limits: a 429, or a 503 that asks to wait."""
    asked = wait_of(headers)
    if status == 503 and asked:
        return [Told(name=PAUSE, limit=None, remaining=0, resets_at=now + asked)]
    if status != 429:
        return []

    wait = window_of(headers)
    name, limit = (SHORT_NAME, SHORT[0]) if wait.total_seconds() <= SHORT[1] else (LONG_NAME, LONG[0])
    return [Told(name=name, limit=limit, remaining=0, resets_at=now + wait)]
