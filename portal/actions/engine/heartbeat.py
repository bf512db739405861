"""Keep a lease for as long as its holder lives: a thread renews it, and a request leaves only within it."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from portal.actions.engine.desk import Clock
from portal.remote.lease import only_while

LEASE = timedelta(seconds=20)
BEAT = 5.0

Renewal = Callable[[Session, datetime], bool]
"""Lets a lease that is still ours last ``LEASE`` from a moment on; says whether it is. Commits nothing."""


@contextmanager
def kept_alive(session: Session, renew: Renewal, *, clock: Clock, since: datetime) -> Iterator[None]:
    """Renew a lease taken at ``since`` for the block; who slept past its end asks before sending."""
    # Asked here, for where a session belongs to a request the thread could not.
    renewed_at = since
    bind = session.get_bind()
    stop = threading.Event()

    def keep() -> bool:
        nonlocal renewed_at
        now = clock()

        try:
            with Session(bind) as own:
                ours = renew(own, now)
                own.commit()
        except OperationalError:
            return False  # a busy database; the next beat tries again

        if ours:
            renewed_at = now

        return ours

    def beat() -> None:
        while not stop.wait(BEAT):
            keep()

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()

    try:
        with only_while(lambda: clock() < renewed_at + LEASE or keep()):
            yield
    finally:
        stop.set()
        thread.join()
