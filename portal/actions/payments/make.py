"""Bring what is due to Productive, each payment once: look at it, decide, write it down, send it.

What a payment should be was decided before, by ``domain/payments/wanted.py``.
"""

from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from sqlalchemy import case, select
from sqlalchemy.orm import Session

from portal.actions.engine.desk import Desk
from portal.actions.engine.ports import Billing
from portal.actions.engine.turn import TakenOverError, transaction
from portal.actions.invoices.pull import keep_read_invoices
from portal.actions.payments.after_error import put_off
from portal.actions.payments.look import look
from portal.actions.payments.seen import SOME, Seen
from portal.actions.payments.send import send
from portal.actions.payments.turn import PaymentTurn, hold_payment
from portal.actions.payments.write_down import write_down
from portal.domain.payments.decide import SENDING, Move, decide
from portal.domain.payments.states import PaymentState, PaymentStep
from portal.remote.errors import RemoteError
from portal.store.payments import PaymentRow, is_payment_due

# What makes room goes first, for Productive may refuse what would over-pay in between.
FIRST = case(
    (PaymentRow.wanted == PaymentStep.REMOVE, 0),
    (PaymentRow.next_amount < PaymentRow.amount, 1),
    (PaymentRow.wanted == PaymentStep.CHANGE, 2),
    else_=3,
)


def make_payments(session: Session, desk: Desk, connection_id: int) -> int:
    """Bring every payment that is due as far as it goes now. Returns how many were recorded."""
    billing = desk.billing()
    with transaction(session):
        due = session.execute(
            select(PaymentRow.id, PaymentRow.invoice_id)
            .where(PaymentRow.connection_id == connection_id, is_payment_due(desk.clock()))
            .order_by(FIRST, PaymentRow.created_at, PaymentRow.id)
        ).all()

    seen = Seen(billing, [invoice_id for _, invoice_id in due])
    desk = replace(desk, billing=lambda: billing)
    changed = set[str]()
    recorded = 0

    for payment_id, invoice_id in due:
        # Whoever took a payment over brings it on.
        with suppress(TakenOverError), hold_payment(session, desk, payment_id, seen) as turn:
            if turn is not None and _make(turn):
                changed.add(invoice_id)
                recorded += turn.row.state == PaymentState.MADE and turn.row.wanted == PaymentStep.CREATE

    _refresh(session, billing, sorted(changed), desk.clock())
    return recorded


def _make(turn: PaymentTurn) -> bool:
    """Work on one payment, and say whether Productive's side changed."""
    try:
        return _bring_on(turn)
    except RemoteError as error:
        put_off(turn, error)
        return False


def _bring_on(turn: PaymentTurn) -> bool:
    """Bring one payment as far as it goes now."""
    seen = look(turn)
    move = decide(seen.sight)

    if move in SENDING:
        # What is written down here is committed with the intent of what is sent.
        write_down(turn, seen, move)
        send(turn, marking=move is Move.MARK_AND_SEND)
        return True

    with turn.transaction():
        write_down(turn, seen, move)

    return turn.row.state == PaymentState.MADE


def _refresh(session: Session, billing: Billing, invoice_ids: list[str], now: datetime) -> None:
    """Read the invoices whose payments changed, so that the paid state is Productive's own."""
    for at in range(0, len(invoice_ids), SOME):
        try:
            read = billing.read_invoices(invoice_ids[at : at + SOME])
        except RemoteError:
            return  # the next pull of invoices finds what changed

        with transaction(session):
            keep_read_invoices(session, read, now)
