"""Send nothing under a lease that may be another's by now."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from portal.domain.failed import Failed
from portal.domain.said import said
from portal.remote.errors import HeldBackError

_holds: ContextVar[Callable[[], bool]] = ContextVar("holds", default=lambda: True)


@contextmanager
def only_while(holds: Callable[[], bool]) -> Iterator[None]:
    """Let a request of the block leave only while ``holds`` says so."""
    around = _holds.get()
    before = _holds.set(lambda: around() and holds())
    try:
        yield
    finally:
        _holds.reset(before)


def check_lease() -> None:
    """Raise HeldBackError if the lease may be another's by now."""
    if not _holds.get()():
        raise HeldBackError(said(Failed.TAKEN_OVER))
