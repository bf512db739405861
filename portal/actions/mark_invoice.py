"""Mark the invoice in Productive as exported, and write Exact's number back where it owns the numbers."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from portal.actions.attempts import attempt, new_attempt
from portal.actions.claim import Claim
from portal.actions.ports import Billing
from portal.remote.errors import NotFoundError, RefusedError

Clock = Callable[[], datetime]


def mark_invoice(session: Session, billing: Billing, claim: Claim, *, clock: Clock) -> None:
    """Carry out what is due at Productive's side; it never repeats the copy."""
    if claim.copy.mark_due:
        _mark(session, billing, claim, clock)
    if claim.copy.number_due:
        _write_number(session, billing, claim, claim.copy.number_due, clock)


def _write_number(session: Session, billing: Billing, claim: Claim, number: str, clock: Clock) -> None:
    copy = claim.copy
    session.commit()
    if any(invoice.sent_on for invoice in billing.read_invoices([copy.invoice_id])):
        copy.number_due = copy.next_try_at = None
        copy.mark_trouble = "The invoice was marked as sent meanwhile, so Productive's number stays."
        session.commit()
        return
    row = new_attempt(
        "number",
        connection_id=copy.connection_id,
        marker=copy.marker,
        sent={"number": number},
        now=clock(),
        copy_id=copy.id,
    )
    try:
        attempt(session, row, lambda: billing.set_number(copy.invoice_id, number), clock=clock)
        copy.mark_trouble = None
    except RefusedError as error:
        copy.mark_trouble = f"Productive kept its own number: {error.text}"
    copy.number_due = copy.next_try_at = None
    copy.tries = 0
    session.commit()


def _mark(session: Session, billing: Billing, claim: Claim, clock: Clock) -> None:
    copy = claim.copy
    entry_id, url = copy.entry_id or "", copy.entry_url or ""
    row = new_attempt(
        "mark",
        connection_id=copy.connection_id,
        marker=copy.marker,
        sent={"export_id": entry_id, "url": url},
        now=clock(),
        copy_id=copy.id,
    )
    try:
        attempt(
            session,
            row,
            lambda: billing.mark_exported(copy.invoice_id, export_id=entry_id, url=url),
            clock=clock,
        )
        copy.mark_trouble = None
    except NotFoundError:
        copy.mark_trouble = "The invoice no longer exists in Productive, so it could not be marked."
    except RefusedError as error:
        copy.mark_trouble = f"Productive refused the mark as exported: {error.text}"
    copy.mark_due = False
    copy.next_try_at, copy.tries = None, 0
    session.commit()
