"""Hold a row while working, by a short lease that a heartbeat keeps."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from portal.actions.engine.desk import Clock
from portal.actions.engine.turn import let_go, transaction
from portal.remote.lease import only_while
from portal.store.leases import Lease, keep, leave

LEASE = timedelta(seconds=20)
BEAT = 5.0


@contextmanager
def held(
    session: Session,
    lease: Lease,
    *,
    clock: Clock,
    since: datetime,
    lasting: timedelta = LEASE,
    at_end: dict[str, Any] | None = None,
    last: Callable[[], None] | None = None,
    quiet: bool = False,
    given_back: Callable[[], bool] | None = None,
) -> Iterator[None]:
    """Hold for the block what was taken at ``since``, then give it back.

    Where all went well, ``at_end`` is set, and ``last`` is done in the same transaction if it was still
    ours. ``quiet`` says that pages show no difference once it is free, ``given_back`` whether the last
    write of the block let go of it already.
    """
    went_well = False
    let_go(session)
    try:
        with _kept_alive(session, lease, clock, since, lasting):
            yield
        went_well = True
    finally:
        is_left = went_well and given_back is not None and given_back()
        session.rollback()
        if not is_left:
            _give_back(session, lease, at_end if went_well else None, last if went_well else None, quiet)


def _give_back(
    session: Session,
    lease: Lease,
    at_end: dict[str, Any] | None,
    last: Callable[[], None] | None,
    quiet: bool,
) -> None:
    with transaction(session):
        was_ours = leave(session, lease, quiet=quiet, **(at_end or {}))
        if was_ours and last is not None:
            last()


@contextmanager
def _kept_alive(
    session: Session, lease: Lease, clock: Clock, since: datetime, lasting: timedelta
) -> Iterator[None]:
    # Whoever slept past the end of a lease asks before sending.
    # The engine is asked for here, for where a session belongs to a request the thread could not.
    bind = session.get_bind()
    renewed_at = since
    stop = threading.Event()

    def renew() -> bool:
        nonlocal renewed_at
        now = clock()

        try:
            with Session(bind) as own, own.begin():
                ours = keep(own, lease, now=now, lasting=lasting)
        except OperationalError:
            return False  # a busy database; the next beat tries again

        if ours:
            renewed_at = now

        return ours

    def beat() -> None:
        while not stop.wait(BEAT):
            renew()

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()

    try:
        with only_while(lambda: clock() < renewed_at + lasting or renew()):
            yield
    finally:
        stop.set()
        thread.join()
