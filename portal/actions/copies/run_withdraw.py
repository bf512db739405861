"""Take back what a stopped run asked for and nobody sent, so that every invoice stays as it was."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain.copies.failures import Cause
from portal.domain.copies.runs import RunState
from portal.domain.copies.states import OPEN, CopyState
from portal.domain.copies.troubles import Trouble
from portal.domain.events import EventKind
from portal.domain.happened import Happened
from portal.domain.said import said
from portal.store.copies import AttemptRow, CopyRow
from portal.store.events import note_event
from portal.store.invoices import ELSEWHERE, NOT_COPIED, InvoiceRow
from portal.store.leases import is_free
from portal.store.runs import RunItemRow, RunRow


def is_stopped(session: Session, copy: CopyRow) -> bool:
    """Say whether somebody stopped the run that a copy belongs to."""
    if copy.run_id is None:
        return False

    state = session.scalar(select(RunRow.state).where(RunRow.id == copy.run_id))
    return state == RunState.STOPPED


def withdraw_unsent(session: Session, run: RunRow, by: str, now: datetime) -> None:
    """Take back every wish of a stopped run that nobody sends just now."""
    for copy in _unsent(session, run.id, now):
        _withdraw(session, run.id, copy, by, now)


def _unsent(session: Session, run_id: str, now: datetime) -> Sequence[CopyRow]:
    """Return the wishes that nobody sends just now, and keep them until the commit."""
    # One that a worker takes at this moment is skipped, and is looked at again when its turn is over.
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
        copy.refuse(Cause.STOPPED, said(Trouble.RUN_STOPPED), None, now)
        row.copy_state = copy.state
        row.latest_copy_id = copy.id
        return

    # What it is the latest copy of then is known to whoever goes on.
    item.latest_seen = row.latest_copy_id
    item.stop()
    session.flush()
    row.copy_state = _state_without(row, item)
    note_event(
        session,
        at=now,
        actor=by,
        kind=EventKind.NOT_SENT,
        said=said(Happened.NOT_SENT),
        subsidiary_id=row.subsidiary_id,
        invoice_id=row.id,
    )
    session.delete(copy)


def _state_without(row: InvoiceRow, item: RunItemRow) -> str:
    """Return the state of an invoice whose wish is taken back."""
    # Another link may have copied it while the wish waited.
    before = item.state_before or NOT_COPIED
    return ELSEWHERE if row.exported and before == NOT_COPIED else before
