"""The log of calls, so that a check from outside can see what a client really did."""

from collections import deque
from dataclasses import dataclass
from datetime import datetime
from threading import Lock


@dataclass(frozen=True, slots=True)
class Call:
    """One call. ``status`` 0 means that the connection was dropped before the service saw the call."""

    method: str
    path: str
    status: int
    time: datetime
    fault: str | None = None

    def as_json(self) -> dict[str, object]:
        """The call as the back door shows it."""
        shown: dict[str, object] = {
            "method": self.method,
            "path": self.path,
            "status": self.status,
            "time": self.time.isoformat(),
        }
        return shown | ({"fault": self.fault} if self.fault else {})


class CallLog:
    """The newest 100,000 calls since the last reset, oldest first."""

    def __init__(self, keep: int = 100_000) -> None:
        self._calls: deque[Call] = deque(maxlen=keep)
        self._lock = Lock()

    def record(self, call: Call) -> None:
        """Add a call."""
        with self._lock:
            self._calls.append(call)

    def all(self) -> list[Call]:
        """Every call, oldest first."""
        with self._lock:
            return list(self._calls)

    def clear(self) -> None:
        """Forget all calls."""
        with self._lock:
            self._calls.clear()
