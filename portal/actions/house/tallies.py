"""Keep the kept counts: fold what lies apart, and prove each by counting."""

from datetime import datetime

import structlog
from sqlalchemy.orm import Session

from portal.actions.engine.turn import let_go, transaction
from portal.domain.events import EventKind
from portal.domain.happened import Happened
from portal.domain.said import said
from portal.store.events import note_event
from portal.store.tallies import TALLIES, Tally, differences, fold, mend

PROVER = "portal"
log = structlog.get_logger("portal.tallies")


def fold_tallies(session: Session) -> int:
    """Fold every tally, each in a transaction of its own. Returns how many rows went."""
    gone = 0
    for tally in TALLIES:
        with transaction(session):
            gone += fold(session, tally)

    return gone


def prove_tallies(session: Session, *, now: datetime) -> list[str]:
    """Compare every tally with the count of its source, mend those that are wrong, and return their names."""
    return [tally.name for tally in TALLIES if _prove(session, tally, now)]


def _prove(session: Session, tally: Tally, now: datetime) -> bool:
    """Say whether a tally was wrong, and put it right."""
    # Counting takes a while, so nobody who writes waits for it. It is counted again where it was wrong.
    session.connection(execution_options={"sqlite_begin": "DEFERRED"})
    wrong = session.execute(differences(tally)).first() is not None
    let_go(session)
    if not wrong:
        return False

    with transaction(session):
        keys = mend(session, tally)
        if keys:
            mended = said(Happened.COUNT_MENDED, name=tally.name, count=keys)
            note_event(session, at=now, actor=PROVER, kind=EventKind.COUNT_MENDED, said=mended)
            log.error("a kept count was wrong", tally=tally.name, keys=keys)

    return keys > 0
