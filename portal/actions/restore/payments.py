"""Adopt the payments that were made in Productive since the backup, so that none is made twice."""

from collections.abc import Sequence

from sqlalchemy import or_, select

from portal.actions.engine.ports import Billing
from portal.actions.engine.turn import let_go, transaction
from portal.actions.restore.adopting import Adopting
from portal.domain.booking.invoice import Payment
from portal.domain.copies.adoption import Doubt, DoubtCause, doubt
from portal.domain.copies.states import IN_EXACT, AttemptState
from portal.domain.ids import find_marker, new_id
from portal.domain.imprint import read_payment_note
from portal.domain.money import to_decimal
from portal.domain.payments.states import OPEN, PaymentReason, PaymentState
from portal.domain.unreadable import Unreadable, readable, unreadable
from portal.remote.odd import UnreadableError
from portal.store.connections import ConnectionRow
from portal.store.copies import AttemptRow, CopyRow
from portal.store.invoices import InvoiceRow
from portal.store.payments import PaymentRow

SOME = 50


def adopt_payments(adopting: Adopting, billing: Billing) -> None:
    """Look at the payments of every invoice that has or may have one of ours, fifty invoices at a time."""
    session = adopting.session
    ids = _invoices(adopting)
    let_go(session)

    for at in range(0, len(ids), SOME):
        some = ids[at : at + SOME]
        found = billing.find_payments(some)
        with transaction(session):
            _report_unreadable(adopting, unreadable(found))
            _adopt_some(adopting, some, readable(found))


def _report_unreadable(adopting: Adopting, records: Sequence[Unreadable]) -> None:
    for record in records:
        invoice = adopting.session.get(InvoiceRow, record.parent)
        number = (invoice.number if invoice else None) or record.parent
        unsure = doubt(DoubtCause.PAYMENT_NOT_READ, why=UnreadableError(record).said)
        adopting.report(record.id, f"payment {record.id}", number, unsure)


def _invoices(adopting: Adopting) -> list[str]:
    """Return the copied invoices with money in Productive, and those with payments here."""
    session = adopting.session
    here = adopting.connection.id
    copied = select(CopyRow.invoice_id).where(CopyRow.connection_id == here, CopyRow.state.in_(IN_EXACT))
    money = or_(InvoiceRow.amount_paid != 0, InvoiceRow.amount_written_off != 0)
    paid = select(InvoiceRow.id).where(InvoiceRow.id.in_(copied), money)
    known = select(PaymentRow.invoice_id).where(PaymentRow.connection_id == here)

    return sorted({*session.scalars(paid), *session.scalars(known)})


def _adopt_some(adopting: Adopting, invoice_ids: Sequence[str], found: Sequence[Payment]) -> None:
    rows = adopting.session.scalars(
        select(PaymentRow).where(
            PaymentRow.invoice_id.in_(invoice_ids), PaymentRow.state != PaymentState.REMOVED
        )
    ).all()
    by_marker = {row.marker: row for row in rows}
    there = {payment.id for payment in found}

    for payment in found:
        if marker := find_marker(payment.note):
            _adopt(adopting, payment, marker, by_marker.get(marker), there)

    for row in rows:
        if row.state in OPEN and row.productive_id is None:
            _drop(adopting, row)


def _adopt(
    adopting: Adopting, payment: Payment, marker: str, row: PaymentRow | None, there: set[str]
) -> None:
    """Let a payment stand for the row of its marker, or for a new one."""
    if row is None:
        _new_row(adopting, payment, marker)
    elif row.productive_id == payment.id:
        return
    elif row.productive_id in there:
        _report(adopting, payment, doubt(DoubtCause.TWO_PAYMENTS, payment=payment.id))
    else:
        row.adopt(payment.id, payment.amount, payment.on, written_off=payment.written_off, now=adopting.now)
        _close_attempts(adopting, row, AttemptState.DONE)
        adopting.told.payments += 1


def _new_row(adopting: Adopting, payment: Payment, marker: str) -> None:
    copy = _copy_of(adopting, payment)
    named = read_payment_note(payment.note)

    if copy is None or named is None:
        _report(adopting, payment, doubt(DoubtCause.NO_COPY if copy is None else DoubtCause.NO_TERM))
        return

    row = PaymentRow(
        id=new_id(),
        connection_id=adopting.connection.id,
        invoice_id=payment.invoice_id,
        copy_id=copy.id,
        term_id=named[1],
        amount=payment.amount,
        currency=copy.currency,
        paid_on=payment.on,
        written_off=payment.written_off,
        marker=marker,
        state=PaymentState.MADE,
        reason=PaymentReason.ADOPTED,
        created_at=adopting.now,
        changed_at=adopting.now,
        productive_id=payment.id,
    )

    adopting.session.add(row)
    adopting.told.payments += 1


def _copy_of(adopting: Adopting, payment: Payment) -> CopyRow | None:
    """Return the copy whose entry the payment's note names, else the latest one of its invoice."""
    query = select(CopyRow).where(
        CopyRow.invoice_id == payment.invoice_id,
        CopyRow.connection_id == adopting.connection.id,
        CopyRow.state.in_(IN_EXACT),
    )

    copies = adopting.session.scalars(query.order_by(CopyRow.requested_at.desc())).all()
    named = read_payment_note(payment.note)
    number = named[0] if named else None

    return next((copy for copy in copies if copy.entry_number == number), copies[0] if copies else None)


def _drop(adopting: Adopting, row: PaymentRow) -> None:
    """Drop what was still to be made: the next pull compares anew and asks for what Exact settles now."""
    row.withdraw(PaymentReason.DROPPED, adopting.now)
    _close_attempts(adopting, row, AttemptState.UNSENT)


def _close_attempts(adopting: Adopting, row: PaymentRow, state: AttemptState) -> None:
    open_rows = select(AttemptRow).where(
        AttemptRow.payment_id == row.id, AttemptRow.state.in_((AttemptState.INTENDED, AttemptState.LOST))
    )
    for attempt in adopting.session.scalars(open_rows):
        attempt.state = state
        attempt.finished_at = adopting.now


def _report(adopting: Adopting, payment: Payment, unsure: Doubt) -> None:
    invoice = adopting.session.get(InvoiceRow, payment.invoice_id)
    currency = adopting.session.get_one(ConnectionRow, adopting.connection.id).division_currency
    amount = f"payment {to_decimal(payment.amount)} {invoice.currency if invoice else currency}"
    adopting.report(payment.id, amount, (invoice.number if invoice else None) or payment.invoice_id, unsure)
