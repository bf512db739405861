"""A lane within one process, for tests of the clients; the real one is shared and lives in the store."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

from portal.remote.clock import utc_now
from portal.remote.errors import HeldBackError
from portal.remote.pace import Opening, Pace, Reader


class LocalLane:
    """Lets one request through at a time, people before batches; waits up to ``patience`` seconds."""

    def __init__(
        self,
        pace: Pace,
        reader: Reader,
        *,
        clock: Callable[[], datetime] = utc_now,
        sleep: Callable[[float], None] = time.sleep,
        patience: float = 70.0,
    ) -> None:
        self.pace = pace
        self._reader = reader
        self._clock = clock
        self._sleep = sleep
        self._patience = patience
        self._free = threading.Condition()
        self._busy = False
        self._people_waiting = 0

    @contextmanager
    def turn(self, *, endpoint: str, interactive: bool = False, pull: bool = False) -> Iterator[None]:
        """Wait for the lane and for the pace; raise HeldBackError when that would take too long."""
        self._enter(interactive)
        try:
            self._wait(endpoint, interactive, pull)
            self.pace = self.pace.spend(self._clock())
            yield
        finally:
            self._leave()

    def peek(self, *, endpoint: str, interactive: bool = False, pull: bool = False) -> Opening:
        """Say when a call may go by the pace alone."""
        return self.pace.opening(self._clock(), endpoint=endpoint, interactive=interactive, pull=pull)

    def learn(self, headers: Mapping[str, str], status: int, endpoint: str, now: datetime) -> None:
        """Take over what an answer says about the limits."""
        self.pace = self.pace.learn(self._reader(headers, status, now), status, endpoint, now)

    def _enter(self, interactive: bool) -> None:
        with self._free:
            self._people_waiting += interactive
            self._free.wait_for(lambda: not self._busy and (interactive or not self._people_waiting))
            self._people_waiting -= interactive
            self._busy = True

    def _leave(self) -> None:
        with self._free:
            self._busy = False
            self._free.notify_all()

    def _wait(self, endpoint: str, interactive: bool, pull: bool) -> None:
        now = self._clock()
        opening = self.pace.opening(now, endpoint=endpoint, interactive=interactive, pull=pull)
        seconds = (opening.at - now).total_seconds()
        if seconds > self._patience:
            raise HeldBackError(opening.why, retry_at=opening.at)
        if seconds > 0:
            self._sleep(seconds)
