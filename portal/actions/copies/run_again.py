"""Try again what of a run needs somebody, all of one cause in one action."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from portal.actions.copies.retry_cause import Retried, retry_cause
from portal.actions.copies.run_settle import settle_run
from portal.actions.engine.jobs import Job
from portal.actions.engine.ports import Nudge
from portal.actions.engine.turn import transaction
from portal.domain.copies.runs import MOST, ItemState
from portal.store.runs import Item, list_items, lock_run


@dataclass(frozen=True, slots=True)
class Again:
    """What a retry within a run began: copies of before, and invoices that had none yet."""

    retried: Retried
    begun: int


def retry_of_run(
    session: Session, nudge: Nudge, run_id: str, *, cause: str, words: str, by: str, now: datetime
) -> Again:
    """Try again every invoice of a run that needs somebody for one cause."""
    with transaction(session):
        found = [
            each for each in _needing(session, run_id, now) if (each.cause, each.words) == (cause, words)
        ]
        copies = [each.row.copy_id for each in found if each.row.copy_id is not None]
        bare = [each for each in found if each.row.copy_id is None]
        run = lock_run(session, run_id)
        for each in bare:
            each.row.begin_again()
        if bare:
            run.go_on()

    retried = retry_cause(session, nudge, copies, requested_by=by, now=now)
    if bare:
        nudge(Job.MAKE_WISHES, run_id)

    settle_run(session, run_id, now=now)
    return Again(retried, len(bare))


def _needing(session: Session, run_id: str, now: datetime) -> list[Item]:
    return list_items(session, run_id, [ItemState.NEEDS_YOU], now, most=MOST)
