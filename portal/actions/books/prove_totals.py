"""Prove that the totals of both books are what their rows add up to."""

from datetime import datetime

import structlog
from sqlalchemy.orm import Session

from portal.actions.books.compare import LANE
from portal.actions.engine.desk import Clock
from portal.actions.engine.lanes import hold_lane
from portal.actions.engine.turn import transaction
from portal.domain.events import EventKind
from portal.domain.happened import Happened
from portal.domain.said import said
from portal.store.events import note_event
from portal.store.keep_compared import add_to_totals, find_wrong_totals

log = structlog.get_logger("portal.tallies")


def prove_totals(session: Session, *, clock: Clock) -> int:
    """Add up every compared row, and put right what is kept wrong. Returns in how many places."""
    # While nobody compares, for the totals and their rows are written together.
    with hold_lane(session, LANE, clock) as held:
        return _prove(session, clock()) if held else 0


def _prove(session: Session, now: datetime) -> int:
    session.connection(execution_options={"sqlite_begin": "DEFERRED"})
    with transaction(session):
        wrong = find_wrong_totals(session)

    if wrong:
        with transaction(session):
            add_to_totals(session, wrong)
            mended = said(Happened.TOTALS_MENDED, count=len(wrong))
            note_event(session, at=now, actor="portal", kind=EventKind.COUNT_MENDED, said=mended)

        log.error("a kept count was wrong", tally="totals of both books", keys=len(wrong))

    return len(wrong)
