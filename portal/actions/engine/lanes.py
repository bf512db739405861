"""Hold a lane for what only one worker at a time may do."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from portal.actions.engine.desk import Clock
from portal.actions.engine.heartbeat import LEASE, held
from portal.actions.engine.turn import transaction
from portal.store.lane_rows import take_lane
from portal.store.leases import HELD


@contextmanager
def hold_lane(session: Session, name: str, clock: Clock) -> Iterator[bool]:
    """Hold a lane for the block, or say that another holds it."""
    now = clock()
    with transaction(session):
        taken = take_lane(session, name, now=now, lasting=LEASE)

    if taken is None:
        yield False
        return

    _lane, lease = taken
    outer = session.info.get(HELD)
    with held(session, lease, clock=clock, since=now):
        session.info[HELD] = lease
        try:
            yield True
        finally:
            session.info[HELD] = outer
