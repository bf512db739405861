"""Adjustable limits, and counters over fixed windows of time."""

from dataclasses import dataclass, field
from threading import Lock


@dataclass
class Limits:
    """Two limits that a back door can change. What a "minute" is, the service decides."""

    minute: int
    day: int
    _given: tuple[int, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._given = (self.minute, self.day)

    def reset(self) -> None:
        """Back to the limits of the real service."""
        self.minute, self.day = self._given


class Windows:
    """Counts per key within windows of fixed length that begin at multiples of it since 1970."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        self._counts: dict[object, tuple[int, int]] = {}
        self._lock = Lock()

    def used(self, key: object, now: float) -> int:
        """How much of the present window is used."""
        window, count = self._counts.get(key, (0, 0))
        return count if window == int(now // self.seconds) else 0

    def add(self, key: object, now: float, amount: int = 1) -> int:
        """Use some of the present window, and return what is used now."""
        with self._lock:
            count = self.used(key, now) + amount
            self._counts[key] = (int(now // self.seconds), count)
            return count

    def ends(self, now: float) -> float:
        """When the present window ends, in seconds since 1970."""
        return (now // self.seconds + 1) * self.seconds

    def clear(self) -> None:
        """Forget all counts."""
        with self._lock:
            self._counts.clear()
