"""What shall go wrong: a list of faults, each good for a number of calls.

==============  ========  ==========================================================================
``do``          applied   what the client sees
==============  ========  ==========================================================================
drop-before     no        the connection closes without a byte
drop-after      yes       the same, but the service did its work
twice           twice     the second answer, as when a proxy on the way repeated the call
slow            yes       the answer after ``seconds`` (default 40), long after a client gave up
truncate        yes       the headers with the full Content-Length, half the body, then the end
garbage         yes       200 with an HTML page instead of the answer
status:NNN      no        that status with an empty body (or ``body``)
==============  ========  ==========================================================================

``applied`` can be given to turn the second column round for garbage and status:NNN. ``path`` fits when it is
a prefix of the path, a part of the path with its query, or a glob over the path. ``method`` may be ``*``.
"""

import re
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from threading import Lock

_KINDS = re.compile(r"drop-before|drop-after|twice|slow|truncate|garbage|status:[1-5]\d\d")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong, ``times`` times."""

    method: str
    path: str
    times: int
    do: str
    seconds: float = 40.0
    body: str = ""
    applied: bool | None = None

    def fits(self, method: str, path: str, query: str) -> bool:
        """Whether a call is meant."""
        if self.method not in ("*", method):
            return False
        whole = f"{path}?{query}" if query else path
        return path.startswith(self.path) or self.path in whole or fnmatchcase(path, self.path)

    @property
    def status(self) -> int | None:
        """The NNN of status:NNN."""
        return int(self.do.partition(":")[2]) if self.do.startswith("status:") else None

    @property
    def is_applied(self) -> bool:
        """Whether the service does its work although the answer is spoilt."""
        if self.applied is not None and (self.do == "garbage" or self.status):
            return self.applied
        return self.do != "drop-before" and self.status is None


def is_kind_of_fault(do: str) -> bool:
    """Whether this is something that can go wrong here."""
    return _KINDS.fullmatch(do) is not None


class Faults:
    """The faults still to come. The oldest that fits is used first."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []
        self._lock = Lock()

    def add(self, fault: Fault) -> None:
        """Let something go wrong from now on."""
        with self._lock:
            self._waiting.append(fault)

    def take(self, method: str, path: str, query: str = "") -> Fault | None:
        """The fault for this call, used up once."""
        with self._lock:
            for place, fault in enumerate(self._waiting):
                if fault.fits(method, path, query):
                    left = replace(fault, times=fault.times - 1)
                    self._waiting[place : place + 1] = [left] if left.times > 0 else []
                    return fault

        return None

    def all(self) -> list[Fault]:
        """What is still to come."""
        with self._lock:
            return list(self._waiting)

    def clear(self) -> None:
        """Let everything go right again."""
        with self._lock:
            self._waiting.clear()
