"""Mark the invoice in Productive as exported, and write Exact's number back where it owns the numbers."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.actions.engine.attempts import attempt, new_attempt, open_attempts
from portal.actions.engine.claim import Claim
from portal.actions.engine.desk import Clock
from portal.actions.engine.ports import Billing
from portal.domain.assumptions import Feature
from portal.domain.copies.states import OPEN, TAKES_BACK, AttemptKind, AttemptState
from portal.remote.errors import NotFoundError, RefusedError
from portal.remote.odd import all_read
from portal.store.connections import ConnectionRow
from portal.store.copies import AttemptRow, CopyRow
from portal.store.invoices import InvoiceRow
from portal.store.trials import kept_off

KEPT_OFF = (
    "Marks in Productive are kept off, for a trial found that they do not work. The copy counts all the same."
)
RUNNING = timedelta(seconds=150)
SOON = timedelta(seconds=5)


def mark_invoice(session: Session, billing: Billing, claim: Claim, *, clock: Clock) -> None:
    """Carry out what is due at Productive's side; it never repeats the copy."""
    if claim.copy.mark_due and _may_mark(session, claim.copy, clock()):
        call = _unmark if claim.copy.action in TAKES_BACK else _mark
        call(session, billing, claim, clock)
    if claim.copy.number_due:
        _write_number(session, billing, claim, claim.copy.number_due, clock)


def _write_number(session: Session, billing: Billing, claim: Claim, number: str, clock: Clock) -> None:
    copy = claim.copy
    session.commit()

    if any(invoice.sent_on for invoice in all_read(billing.read_invoices([copy.invoice_id]))):
        copy.number_due = None
        copy.next_try_at = None
        copy.mark_trouble = "The invoice was marked as sent meanwhile, so Productive's number stays."
        _close(session, copy, AttemptKind.NUMBER, AttemptState.UNSENT, "marked as sent", clock())
        session.commit()

        return

    row = new_attempt(copy, AttemptKind.NUMBER, {"number": number}, clock())
    try:
        attempt(session, row, lambda: billing.set_number(copy.invoice_id, number), clock=clock)
        copy.mark_trouble = None
    except RefusedError as error:
        copy.mark_trouble = f"Productive kept its own number: {error.text}"

    copy.number_due = None
    copy.next_try_at = None
    copy.tries = 0
    session.commit()


def _close(
    session: Session, copy: CopyRow, kind: AttemptKind, state: AttemptState, found: str, now: datetime
) -> None:
    """Close the tries that are not to be made again, with what Productive shows instead. Commits nothing."""
    for each in session.scalars(open_attempts(kind, copy_id=copy.id)):
        each.state = state
        each.answered = {"found": found}
        each.finished_at = now


def _may_mark(session: Session, copy: CopyRow, now: datetime) -> bool:
    """Say whether a mark is still due, and no other one of the invoice is being set or taken off now."""
    due = session.scalar(select(CopyRow.mark_due).where(CopyRow.id == copy.id).with_for_update())
    others = (
        select(AttemptRow.id)
        .join(CopyRow, CopyRow.id == AttemptRow.copy_id)
        .where(CopyRow.invoice_id == copy.invoice_id, CopyRow.id != copy.id)
        .where(
            AttemptRow.kind.in_((AttemptKind.MARK, AttemptKind.UNMARK)),
            AttemptRow.state.in_(OPEN),
        )
        .where(AttemptRow.started_at > now - RUNNING)
    )

    busy = bool(due) and session.scalar(others.limit(1)) is not None
    if busy:
        copy.next_try_at = now + SOON
    elif not due:
        copy.mark_due = False

    session.commit()
    return bool(due) and not busy


def _unmark(session: Session, billing: Billing, claim: Claim, clock: Clock) -> None:
    """Take the mark off that names the undone entry; a newer copy's mark, or another link's, stays."""
    copy = claim.copy
    session.commit()
    found = all_read(billing.read_invoices([copy.invoice_id]))
    named = any(invoice.export_id == copy.undoes for invoice in found)
    row = session.get_one(InvoiceRow, copy.invoice_id, with_for_update=True, populate_existing=True)

    if named and row.latest_copy_id == copy.id:
        taking = new_attempt(copy, AttemptKind.UNMARK, {"export_id": copy.undoes}, clock())
        _tell(session, claim, taking, lambda: billing.unmark_exported(copy.invoice_id), clock)

        if taking.state == AttemptState.DONE:
            row.exported = False
            row.export_id = None
    elif not named:
        _close(session, copy, AttemptKind.UNMARK, AttemptState.DONE, "no mark of this entry", clock())

    _told(session, copy)


def _mark(session: Session, billing: Billing, claim: Claim, clock: Clock) -> None:
    copy = claim.copy
    if kept_off(session.get_one(ConnectionRow, copy.connection_id), Feature.MARKS):
        copy.mark_trouble = KEPT_OFF
        _told(session, copy)
        return

    entry_id = copy.entry_id or ""
    url = copy.entry_url or ""
    row = new_attempt(copy, AttemptKind.MARK, {"export_id": entry_id, "url": url}, clock())
    mark = partial(billing.mark_exported, copy.invoice_id, export_id=entry_id, url=url)
    _tell(session, claim, row, mark, clock)
    _told(session, copy)


def _tell(session: Session, claim: Claim, row: AttemptRow, call: Callable[[], None], clock: Clock) -> None:
    """Make the call; what Productive refuses is shown and not tried again."""
    try:
        attempt(session, row, call, clock=clock)
        claim.copy.mark_trouble = None
    except NotFoundError:
        claim.copy.mark_trouble = "The invoice no longer exists in Productive, so it could not be marked."
    except RefusedError as error:
        what = "to take its mark off" if row.kind == AttemptKind.UNMARK else "the mark as exported"
        claim.copy.mark_trouble = f"Productive refused {what}: {error.text}"


def _told(session: Session, copy: CopyRow) -> None:
    copy.mark_due = False
    copy.next_try_at = None
    copy.tries = 0
    session.commit()
