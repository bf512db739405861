"""Hold a lane while working: a short lease, kept by a heartbeat, that a killed process soon frees."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy.orm import Session

from portal.actions.engine.heartbeat import LEASE, kept_alive
from portal.domain.ids import new_id
from portal.remote.errors import HeldBackError
from portal.remote.lease import TAKEN_OVER
from portal.store.leases import holds_lane, keep_lane, leave_lane, take_lane

Clock = Callable[[], datetime]
SECONDS = LEASE.seconds
HELD = "held lane"


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


def is_held(session: Session) -> bool:
    """Say whether the lane that this is done under is still ours, and keep it so until the commit."""
    held = session.info.get(HELD)
    return held is None or holds_lane(session, *held)


def check_held(session: Session) -> None:
    """Raise HeldBackError if the lane that this is done under is another's: what was read is old by now.

    To be asked in the transaction that writes what was read; work under no lane is not held back.
    """
    if not is_held(session):
        raise HeldBackError(TAKEN_OVER)
