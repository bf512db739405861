"""Restore a payment that somebody changed or removed in Productive: as Exact has it, once asked for."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.actions.payments.by_hand import REMOVED_BY_HAND, RESTORED, is_by_hand
from portal.domain.events import EventKind
from portal.domain.payments.states import PaymentState, PaymentStep
from portal.store.events import note_event
from portal.store.invoices import InvoiceRow
from portal.store.payments import PaymentRow


def may_restore(row: PaymentRow) -> bool:
    """Say whether a person's change in Productive can be taken back."""
    return is_by_hand(row) and row.wanted != PaymentStep.REMOVE


def restore_payment(session: Session, payment_id: str, *, actor: str, now: datetime) -> None:
    """Ask for the payment again; one that is there is changed, one that is gone is made anew."""
    row = session.get_one(PaymentRow, payment_id, with_for_update=True, populate_existing=True)
    if may_restore(row):
        gone = (row.trouble or "").startswith(REMOVED_BY_HAND)
        amount = row.amount_to_be
        on = row.day_to_be

        if gone:
            row.productive_id = None
            row.wanted = PaymentStep.CREATE
            row.amount = amount
            row.paid_on = on
            row.next_amount = None
            row.next_on = None
        else:
            row.wanted = PaymentStep.CHANGE
            row.next_amount = amount
            row.next_on = on

        row.state = PaymentState.DUE
        row.reason = RESTORED
        row.trouble = None
        row.tries = 0
        row.changed_at = now
        row.go_on(now)
        note_event(
            session,
            at=now,
            actor=actor,
            kind=EventKind.PAYMENT_RESTORED,
            text="Asked to restore a payment that was changed or removed in Productive",
            subsidiary_id=session.get_one(InvoiceRow, row.invoice_id).subsidiary_id,
            invoice_id=row.invoice_id,
        )

    session.commit()
