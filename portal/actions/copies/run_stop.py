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
from portal.domain.copies.states import OPEN, CopyState
from portal.domain.events import EventKind
from portal.store.copies import AttemptRow, CopyRow
from portal.store.events import note_event
from portal.store.invoices import NOT_COPIED, InvoiceRow
from portal.store.leases import is_free
from portal.store.runs import RunItemRow, RunRow, lock_run, subsidiaries_of

NOT_SENT = "Not sent, for the run was stopped"
TRIED = "You stopped the run after this was tried once. Nothing of it stands in Exact."


def stop_run(session: Session, run_id: str, *, by: str, now: datetime) -> None:
    """Begin nothing more of a run, and take back the wishes that were not sent."""
    with transaction(session):
        run = lock_run(session, run_id)
        if run.state != RunState.RUNNING:
            return

        run.stop(by, now)
        _note(session, run, EventKind.RUN_STOPPED, "Stopped the run", by, now)
        _stop_unmade(session, run_id)
        for copy in _not_sent(session, run_id, now):
            _withdraw(session, run_id, copy, by, now)

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
        _note(session, run, EventKind.RUN_RESUMED, "Let the run go on", by, now)

    nudge(Job.MAKE_WISHES, run_id)


def _stop_unmade(session: Session, run_id: str) -> None:
    """Stop the invoices for which no wish was made yet."""
    session.execute(
        update(RunItemRow)
        .where(RunItemRow.run_id == run_id, RunItemRow.copy_id.is_(None), RunItemRow.outcome.is_(None))
        .values(outcome=ItemState.STOPPED)
        .execution_options(synchronize_session="fetch")
    )


def _not_sent(session: Session, run_id: str, now: datetime) -> Sequence[CopyRow]:
    """Return the wishes that nobody sends just now, and keep them until the commit."""
    # One that a worker takes at this moment is skipped, and ends as if it had been taken before.
    is_open = select(AttemptRow.id).where(AttemptRow.copy_id == CopyRow.id, AttemptRow.state.in_(OPEN))
    query = select(CopyRow).where(
        CopyRow.run_id == run_id,
        CopyRow.in_flight.is_not(None),
        CopyRow.state == CopyState.WAITING,
        is_free(CopyRow, now),
        ~is_open.exists(),
    )
    locked = query.order_by(CopyRow.id).with_for_update(skip_locked=True)
    return session.scalars(locked.execution_options(populate_existing=True)).all()


def _withdraw(session: Session, run_id: str, copy: CopyRow, by: str, now: datetime) -> None:
    """Take one wish back."""
    item = session.get_one(RunItemRow, (run_id, copy.invoice_id))
    row = session.get_one(InvoiceRow, copy.invoice_id)
    tried = select(AttemptRow.id).where(AttemptRow.copy_id == copy.id)

    if session.scalar(tried.limit(1)) is not None:
        # What was tried stays in the history of the invoice.
        copy.let_go()
        copy.hold_id = None
        copy.refuse(Cause.STOPPED, TRIED, None, now)
        row.copy_state = copy.state
        row.latest_copy_id = copy.id
        return

    # What it is the latest copy of then is known to whoever goes on.
    item.latest_seen = row.latest_copy_id
    item.stop()
    session.flush()
    row.copy_state = item.state_before or NOT_COPIED
    note_event(
        session,
        at=now,
        actor=by,
        kind=EventKind.NOT_SENT,
        text=NOT_SENT,
        subsidiary_id=row.subsidiary_id,
        invoice_id=row.id,
    )
    session.delete(copy)


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


def _note(session: Session, run: RunRow, kind: EventKind, text: str, by: str, now: datetime) -> None:
    for subsidiary_id in subsidiaries_of(session, run.id):
        note_event(session, at=now, actor=by, kind=kind, text=text, subsidiary_id=subsidiary_id)
