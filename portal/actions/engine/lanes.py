"""Hold a lane while working: a short lease, kept by a heartbeat, that a killed process soon frees."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy.orm import Session

from portal.actions.engine.desk import Clock
from portal.actions.engine.heartbeat import LEASE, kept_alive
from portal.domain.ids import new_id
from portal.store.leases import HELD, keep_lane, leave_lane, take_lane

SECONDS = LEASE.seconds


@contextmanager
def hold_lane(session: Session, name: str, clock: Clock) -> Iterator[bool]:
    """Hold a lane for the block; False when another holds it."""
    now = clock()
    fence = take_lane(session, name, new_id(), now=now, seconds=SECONDS)
    session.commit()

    if fence is None:
        yield False
        return

    def renew(own: Session, at: datetime) -> bool:
        return keep_lane(own, name, fence, now=at, seconds=SECONDS)

    session.info[HELD] = (name, fence)
    try:
        with kept_alive(session, renew, clock=clock, since=now):
            yield True
    finally:
        del session.info[HELD]
        session.rollback()
        leave_lane(session, name, fence)
        session.commit()
