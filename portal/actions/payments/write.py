"""Write a payment plan down as rows: the wishes that the worker then carries out in Productive."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from portal.actions.payments.by_hand import is_by_hand
from portal.domain.ids import marker_of, new_id
from portal.domain.payments.states import PaymentState, PaymentStep
from portal.domain.payments.wanted import (
    Kept,
    MadePayment,
    PaymentPlan,
    Wanted,
    WantedPayment,
    diff_payments,
)
from portal.store.copies import CopyRow
from portal.store.invoices import InvoiceRow
from portal.store.payments import PaymentRow

ENTRY_GONE = "The entry was deleted in Exact before this was recorded"


def write_down(
    session: Session,
    copy: CopyRow,
    invoice: InvoiceRow,
    rows: Sequence[PaymentRow],
    plan: PaymentPlan,
    now: datetime,
) -> None:
    """Turn a plan into rows. Commits nothing."""
    by_id = {row.id: row for row in rows}
    for kept in plan.keep:
        _follow(by_id[kept.made.id], copy, kept.term_id)
        _keep(by_id[kept.made.id], kept, now)

    for change in plan.change:
        _follow(by_id[change.made.id], copy, change.wanted.term_id)
        _ask_change(by_id[change.made.id], change.wanted, now)

    for made in plan.remove:
        _ask_removal(by_id[made.id], copy, now)

    session.add_all(_new_payment(copy, invoice, wanted, now) for wanted in plan.create)


def follow_older(
    rows: Sequence[PaymentRow], staying: Sequence[MadePayment], wanted: Sequence[WantedPayment], now: datetime
) -> None:
    """Let payments that stand for money on an older entry follow its amount and day. Commits nothing."""
    by_id = {row.id: row for row in rows}
    for change in diff_payments(Wanted(tuple(wanted), 0, 0), staying).change:
        _ask_change(by_id[change.made.id], change.wanted, now)


def withdraw_unmade(rows: Sequence[PaymentRow], now: datetime) -> None:
    """Let payments that Productive does not have yet not be made. Commits nothing."""
    for row in rows:
        if row.productive_id is None:
            row.state = PaymentState.REMOVED
            row.reason = ENTRY_GONE
            row.go_on(None)
            row.trouble = None
            row.changed_at = now


def _follow(row: PaymentRow, copy: CopyRow, term_id: str) -> None:
    """Let a payment stand for a term of the latest copy."""
    row.term_id = term_id
    row.copy_id = copy.id
    row.connection_id = copy.connection_id


def _keep(row: PaymentRow, kept: Kept, now: datetime) -> None:
    """Keep a payment; one whose removal was asked for is set as it should be, for it may be gone."""
    if row.wanted == PaymentStep.REMOVE:
        row.next_amount = kept.made.amount
        row.next_on = kept.made.on
        row.wanted = PaymentStep.CHANGE
        row.state = PaymentState.DUE
        row.go_on(now)
        row.changed_at = now
        row.trouble = None
        row.reason = "Exact settles this part again"


def _ask_change(row: PaymentRow, wanted: WantedPayment, now: datetime) -> None:
    row.changed_at = now
    if row.productive_id is None:
        row.amount = wanted.amount
        row.paid_on = wanted.on
        row.written_off = wanted.written_off
    else:
        row.next_amount = wanted.amount
        row.next_on = wanted.on
        row.written_off = wanted.written_off

    if is_by_hand(row):
        return

    if row.productive_id is not None:
        row.wanted = PaymentStep.CHANGE
        row.reason = "Exact settled another amount or date"

    row.state = PaymentState.DUE
    row.go_on(now)
    row.trouble = None


def _ask_removal(row: PaymentRow, copy: CopyRow, now: datetime) -> None:
    if row.wanted == PaymentStep.REMOVE:
        return

    row.changed_at = now
    row.connection_id = copy.connection_id
    row.trouble = None
    row.reason = "Exact no longer settles this part"
    row.wanted = PaymentStep.REMOVE

    if row.productive_id is None:
        row.state = PaymentState.REMOVED
        row.go_on(None)
    else:
        row.state = PaymentState.DUE
        row.go_on(now)


def _new_payment(copy: CopyRow, invoice: InvoiceRow, wanted: WantedPayment, now: datetime) -> PaymentRow:
    payment_id = new_id()
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
        state=PaymentState.HELD if invoice.sent_on is None else PaymentState.DUE,
        reason="Written off in Exact" if wanted.written_off else "Settled in Exact",
        created_at=now,
        changed_at=now,
        next_try_at=now,
    )
