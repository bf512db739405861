"""A payment plan as rows: the wishes that the worker then carries out in Productive."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from portal.domain.ids import marker_of, new_id
from portal.domain.payments.plan import MadePayment, PaymentPlan, Wanted, WantedPayment, diff_payments
from portal.domain.payments.states import PaymentCause, PaymentReason, PaymentState, PaymentStep
from portal.domain.payments.tally import Tally
from portal.store.copies import CopyRow
from portal.store.invoices import InvoiceRow
from portal.store.payments import PaymentRow


def write_plan(
    session: Session,
    copy: CopyRow,
    invoice: InvoiceRow,
    rows: Sequence[PaymentRow],
    plan: PaymentPlan,
    now: datetime,
) -> Tally:
    """Turn a plan into rows, and return what changed by it."""
    by_id = {row.id: row for row in rows}
    again = 0
    removed = 0

    for kept in plan.keep:
        row = by_id[kept.made.id]
        _follow(row, copy, kept.term_id)
        # Its removal was asked for, so it may be gone.
        if row.wanted == PaymentStep.REMOVE:
            row.want_again(kept.made.amount, kept.made.on, now)
            again += 1

    for change in plan.change:
        _follow(by_id[change.made.id], copy, change.wanted.term_id)
        _ask_change(by_id[change.made.id], change.wanted, now)

    for made in plan.remove:
        row = by_id[made.id]
        if row.wanted != PaymentStep.REMOVE:
            row.connection_id = copy.connection_id
            row.want_removal(now)
            removed += 1

    session.add_all(_new_payment(copy, invoice, wanted, now) for wanted in plan.create)
    return Tally(found=len(plan.create), changed=len(plan.change) + again, removed=removed)


def follow_older(
    rows: Sequence[PaymentRow], staying: Sequence[MadePayment], wanted: Sequence[WantedPayment], now: datetime
) -> None:
    """Let payments that stand for money on an older entry follow its amount and day."""
    by_id = {row.id: row for row in rows}
    for change in diff_payments(Wanted(tuple(wanted), 0, 0), staying).change:
        _ask_change(by_id[change.made.id], change.wanted, now)


def withdraw_unmade(rows: Sequence[PaymentRow], now: datetime) -> None:
    """Let payments that Productive does not have yet not be made."""
    for row in rows:
        if row.productive_id is None:
            row.withdraw(PaymentReason.ENTRY_DELETED, now)


def _ask_change(row: PaymentRow, wanted: WantedPayment, now: datetime) -> None:
    row.want_change(wanted.amount, wanted.on, written_off=wanted.written_off, now=now)


def _follow(row: PaymentRow, copy: CopyRow, term_id: str) -> None:
    """Let a payment stand for a term of the latest copy."""
    row.term_id = term_id
    row.copy_id = copy.id
    row.connection_id = copy.connection_id


def _new_payment(copy: CopyRow, invoice: InvoiceRow, wanted: WantedPayment, now: datetime) -> PaymentRow:
    payment_id = new_id()
    is_held = invoice.sent_on is None
    return PaymentRow(
        id=payment_id,
        connection_id=copy.connection_id,
        invoice_id=copy.invoice_id,
        copy_id=copy.id,
        term_id=wanted.term_id,
        amount=wanted.amount,
        currency=copy.currency,
        paid_on=wanted.on,
        written_off=wanted.written_off,
        marker=marker_of(payment_id),
        state=PaymentState.HELD if is_held else PaymentState.DUE,
        cause=PaymentCause.UNSENT if is_held else None,
        reason=PaymentReason.WRITTEN_OFF if wanted.written_off else PaymentReason.SETTLED,
        created_at=now,
        changed_at=now,
        next_try_at=now,
    )
