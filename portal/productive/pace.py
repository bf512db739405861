"""Productive's limits: 100 calls in 10 s per token, 4,000 in 30 min per organisation.

https://developer.productive.io, rate limits. ``SlidingWindow`` counts them within one process, ``PACE`` and
``read_limits`` fit a lane that several processes share.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from portal.productive.faults import wait_of
from portal.remote.errors import HeldBackError
from portal.remote.pace import Pace, Told, Window

SHORT, LONG = (100, 10), (4000, 1800)
SHORT_NAME, LONG_NAME = "10 seconds", "30 minutes"
RESERVED = 0.1
PATIENCE = 30.0
PACE = Pace(
    (
        Window(name=SHORT_NAME, limit=SHORT[0], length=SHORT[1], keep_for_people=10),
        Window(name=LONG_NAME, limit=LONG[0], length=LONG[1], keep_for_people=200, keep_for_pulls=200),
    )
)


def read_limits(headers: Mapping[str, str], status: int, now: datetime) -> list[Told]:
    """Read what an answer says about the limits; only a 429 says anything."""
    if status != 429:
        return []
    wait = wait_of(headers)
    name, limit = (SHORT_NAME, SHORT[0]) if wait.total_seconds() <= SHORT[1] else (LONG_NAME, LONG[0])
    return [Told(name=name, limit=limit, remaining=0, resets_at=now + wait)]


class SlidingWindow:
    """A lane within one process; batch calls leave a tenth of each window to people who wait."""

    def __init__(
        self,
        *limits: tuple[int, float],
        patience: float = PATIENCE,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._limits = limits or (SHORT, LONG)
        self._patience = patience
        self._clock = clock
        self._sleep = sleep
        self._calls: deque[float] = deque()
        self._closed_until = float("-inf")
        self._lock = threading.Lock()

    @contextmanager
    def turn(self, *, endpoint: str, interactive: bool = False, pull: bool = False) -> Iterator[None]:  # noqa: ARG002
        """Wait until a call fits into every window; raise HeldBackError where that takes too long."""
        waited = 0.0
        while wait := self._take(kept=0 if interactive or pull else RESERVED):
            if waited + wait > self._patience:
                raise HeldBackError(
                    "Productive's limit of calls is used up for now.",
                    retry_at=datetime.now(UTC) + timedelta(seconds=wait),
                )
            self._sleep(wait)
            waited += wait
        yield

    def learn(self, headers: Mapping[str, str], status: int, endpoint: str, now: datetime) -> None:  # noqa: ARG002
        """Stay closed after a 429 for as long as Productive says."""
        if status == 429:
            with self._lock:
                self._closed_until = self._clock() + wait_of(headers).total_seconds()

    def _take(self, *, kept: float) -> float:
        """Take a place and return 0, or return how long to wait for one."""
        with self._lock:
            now = self._clock()
            self._forget(now)
            wait = max(self._closed_until - now, *self._waits(now, kept))
            if wait > 0:
                return wait
            self._calls.append(now)
            return 0.0

    def _waits(self, now: float, kept: float) -> Iterator[float]:
        for limit, span in self._limits:
            places = max(1, int(limit * (1 - kept)))
            if len(self._calls) < places:
                yield 0.0
            else:
                yield self._calls[-places] + span - now

    def _forget(self, now: float) -> None:
        longest = max(span for _, span in self._limits)
        while self._calls and self._calls[0] <= now - longest:
            self._calls.popleft()
