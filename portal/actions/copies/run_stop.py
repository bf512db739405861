"""Stop a run: what was not sent stays as it was, and what is being sent ends."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.actions.copies.run_settle import settle
from portal.actions.engine.jobs import Job
from portal.actions.engine.ports import Nudge
from portal.actions.engine.turn import transaction
from portal.domain.copies.failures import Cause
from portal.domain.copies.runs import ItemState, RunState
from portal.domain.copies.states import CopyState
from portal.domain.events import EventKind
from portal.domain.happened import Happened
from portal.domain.said import Said, said
from portal.store.copies import CopyRow
from portal.store.events import note_event
from portal.store.runs import RunItemRow, RunRow, lock_run, subsidiaries_of


def stop_run(session: Session, run_id: str, *, by: str, now: datetime) -> None:
    """Begin nothing more of a run, and take back the wishes that were not sent."""
    with transaction(session):
        run = lock_run(session, run_id)
        if run.state != RunState.RUNNING:
            return

        run.stop(by, now)
        _note(session, run, EventKind.RUN_STOPPED, said(Happened.RUN_STOPPED), by, now)
        _stop_unmade(session, run_id)
        # What was not sent is withdrawn as the run is settled.
        settle(session, run, now)


def go_on(session: Session, nudge: Nudge, run_id: str, *, by: str, now: datetime) -> None:
    """Go on with what a stopped run left."""
    with transaction(session):
        run = lock_run(session, run_id)
        stopped = _stopped(session, run_id)
        if not stopped:
            return

        for item, copy in stopped:
            # What was refused because the run was stopped is no news to whoever goes on.
            item.latest_seen = copy.id if copy is not None else item.latest_seen
            item.begin_again()

        run.go_on()
        _note(session, run, EventKind.RUN_RESUMED, said(Happened.RUN_GOES_ON), by, now)

    nudge(Job.MAKE_WISHES, run_id)


def _stop_unmade(session: Session, run_id: str) -> None:
    """Stop the invoices for which no wish was made yet."""
    session.execute(
        update(RunItemRow)
        .where(RunItemRow.run_id == run_id, RunItemRow.copy_id.is_(None), RunItemRow.outcome.is_(None))
        .values(outcome=ItemState.STOPPED)
        .execution_options(synchronize_session="fetch")
    )


def _stopped(session: Session, run_id: str) -> Sequence[tuple[RunItemRow, CopyRow | None]]:
    """Return what was stopped, with the copy where it was tried."""
    query = (
        select(RunItemRow, CopyRow)
        .outerjoin(CopyRow, CopyRow.id == RunItemRow.copy_id)
        .where(
            RunItemRow.run_id == run_id,
            (RunItemRow.outcome == ItemState.STOPPED)
            | ((CopyRow.state == CopyState.REFUSED) & (CopyRow.cause == Cause.STOPPED)),
        )
    )
    return [(item, copy) for item, copy in session.execute(query)]


def _note(session: Session, run: RunRow, kind: EventKind, happened: Said, by: str, now: datetime) -> None:
    for subsidiary_id in subsidiaries_of(session, run.id):
        note_event(session, at=now, actor=by, kind=kind, said=happened, subsidiary_id=subsidiary_id)
