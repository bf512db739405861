"""Hold a lane while working: a short lease, kept by a heartbeat, that a killed process soon frees."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy.orm import Session

from portal.domain.ids import new_id
from portal.store.leases import keep_lane, leave_lane, take_lane

Clock = Callable[[], datetime]
LEASE, BEAT = 20, 5.0


@contextmanager
def hold_lane(session: Session, name: str, clock: Clock) -> Iterator[bool]:
    """Hold a lane for the block; False when another holds it."""
    fence = take_lane(session, name, new_id(), now=clock(), seconds=LEASE)
    session.commit()
    if fence is None:
        yield False
        return
    stop = threading.Event()
    beat = threading.Thread(target=_beat, args=(session, name, fence, clock, stop), daemon=True)
    beat.start()
    try:
        yield True
    finally:
        stop.set()
        beat.join()
        session.rollback()
        leave_lane(session, name, fence)
        session.commit()


def _beat(session: Session, name: str, fence: int, clock: Clock, stop: threading.Event) -> None:
    while not stop.wait(BEAT):
        with Session(session.get_bind()) as own:
            keep_lane(own, name, fence, now=clock(), seconds=LEASE)
            own.commit()
