"""Write down that work on a copy ended in a bug: it is tried a few times, then held for a person."""

import traceback
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from portal.actions.copies.finish import RETRY
from portal.actions.copies.hold import hold_fault
from portal.actions.engine.turn import transaction
from portal.store.copies import CopyRow

MOST_FAULTS = 3


def note_fault(session: Session, copy_id: str, bug: BaseException, reference: str, *, now: datetime) -> None:
    """Put the copy off, or hold it once it failed often enough."""
    # What it may have sent is asked for first.
    session.rollback()
    with transaction(session):
        copy = session.get_one(CopyRow, copy_id, with_for_update=True, populate_existing=True)
        copy.next_try_at = now + timedelta(seconds=RETRY[min(max(copy.begun, 1), len(RETRY)) - 1])
        if copy.begun >= MOST_FAULTS:
            hold_fault(session, copy, name_bug(bug), reference, now)


def name_bug(bug: BaseException) -> str:
    """Name a bug by its kind and place, without its words, which may hold anything."""
    frames = traceback.extract_tb(bug.__traceback__)
    return f"{type(bug).__name__} in {frames[-1].name}" if frames else type(bug).__name__
