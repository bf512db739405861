"""How long remote work may take in all: for a person who waits, and for each call of a job."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from portal.domain.failed import Failed
from portal.domain.said import said
from portal.remote.errors import HeldBackError


class Places:
    """How many requests of a process may wait for another system at once."""

    def __init__(self, count: int) -> None:
        self._free = threading.BoundedSemaphore(count)

    def take(self) -> bool:
        """Take a place. False when all are taken."""
        return self._free.acquire(blocking=False)

    def leave(self) -> None:
        """Give a place back."""
        self._free.release()


class PersonsWait:
    """What one request of a person may spend on remote work. It begins with the first of it."""

    def __init__(self, seconds: float, places: Places | None = None) -> None:
        self._seconds = seconds
        self._places = places
        self._ends: float | None = None

    def start(self) -> float:
        """Begin, unless it has begun, and return when it ends. Raise HeldBackError without a free place."""
        if self._ends is None:
            if self._places and not self._places.take():
                raise HeldBackError(said(Failed.CROWDED))
            self._ends = time.monotonic() + self._seconds
        return self._ends

    def end(self) -> None:
        """Give the place back."""
        if self._ends is not None and self._places:
            self._places.leave()
        self._ends = None


_person: ContextVar[PersonsWait | None] = ContextVar("person", default=None)
_ends: ContextVar[float | None] = ContextVar("ends", default=None)


@contextmanager
def a_person_waits(wait: PersonsWait | None) -> Iterator[None]:
    """Bound all remote work of the block by a person's wait. None lets each call take its own time."""
    before = _person.set(wait)
    ends_before = _ends.set(None)

    try:
        yield
    finally:
        _ends.reset(ends_before)
        _person.reset(before)
        if wait:
            wait.end()


def begin_wait(wait: PersonsWait) -> None:
    """Bound all remote work of this thread from now on, until the wait ends."""
    _person.set(wait)


def end_wait(wait: PersonsWait) -> None:
    """End a wait that was begun in this thread."""
    wait.end()
    if _person.get() is wait:
        _person.set(None)


def does_person_wait() -> bool:
    """Say whether a person waits for what is done now."""
    return _person.get() is not None


def persons_seconds_left() -> float | None:
    """Return what a person who waits has left, None where nobody waits. Raise HeldBackError if none."""
    wait = _person.get()
    if wait is None:
        return None

    left = wait.start() - time.monotonic()
    if left <= 0:
        raise HeldBackError(said(Failed.WAITED_TOO_LONG))

    return left


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Let the block's calls take this long in all, or less where less is left. Nothing is sent too late."""
    left = persons_seconds_left()
    end = time.monotonic() + (seconds if left is None else min(seconds, left))
    outer = _ends.get()
    before = _ends.set(end if outer is None else min(outer, end))

    try:
        yield
    finally:
        _ends.reset(before)


def seconds_left(most: float) -> float:
    """Return how long the present call may go on, at most so long. Raise TimeoutError when it is over."""
    end = _ends.get()
    left = most if end is None else min(most, end - time.monotonic())
    if left <= 0:
        raise TimeoutError("the time for this call is over")
    return left
