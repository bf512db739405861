"""A lane that counts every call before it is made, and keeps what the last answer told."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

from portal.remote.pace import COUNTED, Lane, Opening


class CountedLane:
    """A ``Lane`` behind a counter. ``spend`` raises where no further call may be made."""

    def __init__(self, lane: Lane, spend: Callable[[], None]) -> None:
        self._lane = lane
        self.spend = spend
        self.headers: Mapping[str, str] = {}
        self.learned_at: datetime | None = None
        self.errors = 0

    @contextmanager
    def turn(self, *, endpoint: str, interactive: bool = False, pull: bool = False) -> Iterator[None]:
        """Count the call, then wait for the lane."""
        self.spend()
        with self._lane.turn(endpoint=endpoint, interactive=interactive, pull=pull):
            yield

    def peek(self, *, endpoint: str, interactive: bool = False, pull: bool = False) -> Opening:
        """Say when a call may go."""
        return self._lane.peek(endpoint=endpoint, interactive=interactive, pull=pull)

    def learn(self, headers: Mapping[str, str], status: int, endpoint: str, now: datetime) -> None:
        """Keep what was told, and pass it on."""
        self.headers = headers
        self.learned_at = now
        self.errors += status in COUNTED
        self._lane.learn(headers, status, endpoint, now)
