"""Send a payment to Productive: create, change or remove it. The intent is committed before the call."""

from collections.abc import Callable

from sqlalchemy import select

from portal.actions.engine.attempts import new_attempt
from portal.actions.payments.turn import PaymentTurn
from portal.actions.payments.write_down import be_made, be_removed
from portal.domain.copies.states import AttemptKind
from portal.domain.events import EventKind
from portal.domain.happened import Happened
from portal.domain.imprint import payment_note
from portal.domain.payments.states import PaymentStep
from portal.domain.said import said
from portal.store.copies import CopyRow
from portal.store.payments import PaymentRow, look_again


def send(turn: PaymentTurn, *, marking: bool) -> None:
    """Do what is wanted of a payment, after marking its invoice as sent where that comes first."""
    if marking:
        _mark_sent(turn)
    SENDERS[turn.row.wanted](turn)


def _mark_sent(turn: PaymentTurn) -> None:
    invoice = turn.invoice
    on = invoice.invoiced_on
    trying = new_attempt(turn.row, AttemptKind.MARK_SENT, {"on": str(on)}, turn.now())
    turn.attempt(trying, lambda: turn.billing.mark_sent(invoice.id, on=on))

    with turn.transaction():
        invoice.sent_on = on
        of_invoice = PaymentRow.invoice_id == invoice.id
        look_again(turn.session, of_invoice, PaymentRow.id != turn.row.id, now=turn.now())
        turn.note(EventKind.MARKED_AS_SENT, said(Happened.MARKED_AS_SENT), turn.now())


def _create(turn: PaymentTurn) -> None:
    row = turn.row
    note = note_of(turn)
    row.send()
    sent = {"amount": row.amount, "on": str(row.paid_on), "note": note}
    trying = new_attempt(row, AttemptKind.CREATE_PAYMENT, sent, turn.now())
    made = turn.attempt(
        trying,
        lambda: turn.billing.create_payment(
            row.invoice_id, amount=row.amount, on=row.paid_on, written_off=row.written_off, note=note
        ),
        told=lambda payment: {"payment": payment.id},
    )

    with turn.transaction():
        be_made(turn, made, turn.now())


def _change(turn: PaymentTurn) -> None:
    row = turn.row
    note = note_of(turn)
    payment_id = row.productive_id or ""
    amount = row.amount_to_be
    on = row.day_to_be
    sent = {"payment": payment_id, "amount": amount, "on": str(on)}
    trying = new_attempt(row, AttemptKind.CHANGE_PAYMENT, sent, turn.now())
    changed = turn.attempt(
        trying,
        lambda: turn.billing.change_payment(
            payment_id, amount=amount, on=on, written_off=row.written_off, note=note
        ),
    )

    with turn.transaction():
        be_made(turn, changed, turn.now())


def _remove(turn: PaymentTurn) -> None:
    payment_id = turn.row.productive_id or ""
    trying = new_attempt(turn.row, AttemptKind.REMOVE_PAYMENT, {"payment": payment_id}, turn.now())
    turn.attempt(trying, lambda: turn.billing.delete_payment(payment_id))

    with turn.transaction():
        be_removed(turn, turn.now())


SENDERS: dict[PaymentStep, Callable[[PaymentTurn], None]] = {
    PaymentStep.CREATE: _create,
    PaymentStep.MARK: _create,
    PaymentStep.CHANGE: _change,
    PaymentStep.REMOVE: _remove,
}


def note_of(turn: PaymentTurn) -> str:
    """Spell the note that leads from Productive back to the receivable term."""
    row = turn.row
    number = turn.session.scalar(select(CopyRow.entry_number).where(CopyRow.id == row.copy_id))
    return payment_note(number, row.term_id, row.marker)
