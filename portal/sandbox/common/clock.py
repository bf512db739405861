"""The sandbox's time: the real time plus what a back door added."""

import time
from datetime import UTC, datetime
from email.utils import format_datetime


class Clock:
    """``now()`` is aware UTC. ``advance`` only ever adds to the offset, ``reset`` takes it off again."""

    def __init__(self, offset: float = 0.0) -> None:
        self.offset = offset

    def time(self) -> float:
        """Seconds since 1970 by this clock."""
        return time.time() + self.offset

    def now(self) -> datetime:
        """The moment by this clock, in UTC."""
        return datetime.fromtimestamp(self.time(), UTC)

    def advance(self, seconds: float) -> None:
        """Move the clock on."""
        self.offset += seconds

    def reset(self) -> float:
        """Go back to real time, and return the seconds that were taken off."""
        gone = self.offset
        self.offset = 0.0
        return gone

    def http_date(self) -> str:
        """The moment as a ``Date`` header has it."""
        return format_datetime(self.now().replace(microsecond=0), usegmt=True)
