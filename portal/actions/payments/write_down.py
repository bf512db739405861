"""Write down what was decided or done about a payment. No call is made here."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import select

from portal.actions.engine.attempts import next_probe_at
from portal.actions.payments.differences import show_difference
from portal.actions.payments.look import Look
from portal.actions.payments.turn import STALE, PaymentTurn
from portal.domain.booking.invoice import Payment
from portal.domain.copies.states import AttemptKind, AttemptState
from portal.domain.events import EventKind
from portal.domain.happened import Happened
from portal.domain.payments.decide import SENDING, Lost, Move, There
from portal.domain.payments.room import Room
from portal.domain.payments.states import GOING, FindingKind, PaymentCause
from portal.domain.payments.words import Figures, say_reason
from portal.domain.said import said
from portal.store.copies import AttemptRow, CopyRow
from portal.store.findings import end_finding, note_finding
from portal.store.payments import PaymentRow

HOLD = timedelta(minutes=5)
LOOK_AGAIN = timedelta(hours=6)
PUT_RIGHT_SOON = timedelta(seconds=30)
SOON = timedelta(seconds=1)


def write_down(turn: PaymentTurn, seen: Look, move: Move) -> None:
    """Write down what was seen and what follows from it, as far as that needs no call."""
    if seen.lost is not None:
        _note_probe(seen, seen.lost)

    if seen.found is not None and move is not Move.ADOPT and seen.sight.there is There.UNLIKE:
        # An earlier request came late, and something else is wanted by now.
        turn.row.change_from(seen.found.id, seen.found.amount, seen.found.on)

    if move in WAYS:
        WAYS[move](turn, seen)

    if seen.sight.room is not None and move in (*SENDING, Move.HOLD_UNSENT):
        end_finding(turn.session, turn.row.invoice_id, FindingKind.OVERPAID, turn.now())


def _note_probe(seen: Look, lost: AttemptRow) -> None:
    """Write down what Productive said about a lost reply."""
    lost.probes += 1
    if seen.sight.lost is Lost.FOUND and seen.found is not None:
        lost.state = AttemptState.DONE
        lost.answered = {"found": seen.found.id}
        lost.finished_at = seen.at
    elif seen.sight.lost is Lost.OLD:
        lost.state = AttemptState.UNSENT
        lost.finished_at = seen.at


def _adopt(turn: PaymentTurn, seen: Look) -> None:
    if seen.found is not None:
        be_made(turn, seen.found, seen.at)


def _wait_for_reply(turn: PaymentTurn, seen: Look) -> None:
    if seen.lost is not None:
        wait_for_reply(turn, seen.lost, seen.at)


def wait_for_reply(turn: PaymentTurn, lost: AttemptRow, now: datetime) -> None:
    """Wait until Productive is asked again what became of a payment."""
    turn.row.lose_reply(until=max(next_probe_at(lost, quiet=turn.desk.quiet), now + SOON))


def _hold_deleted(turn: PaymentTurn, _seen: Look) -> None:
    turn.session.refresh(turn.invoice)
    wait = HOLD if turn.invoice.deleted else SOON
    turn.row.hold(PaymentCause.INVOICE_DELETED, until=turn.now() + wait)


def _hold_unsent(turn: PaymentTurn, _seen: Look) -> None:
    # It may have been read anew since it was looked at.
    turn.session.refresh(turn.invoice)
    wait = HOLD if turn.invoice.sent_on is None else SOON
    turn.row.hold(PaymentCause.UNSENT, until=turn.now() + wait)


def _wait_for_ours(turn: PaymentTurn, _seen: Look) -> None:
    wait_for_ours(turn)


def wait_for_ours(turn: PaymentTurn) -> None:
    """Wait until others of ours are put right: long if none of them goes on by itself."""
    row = turn.row
    going = select(PaymentRow.id).where(
        PaymentRow.invoice_id == row.invoice_id, PaymentRow.id != row.id, PaymentRow.state.in_(GOING)
    )
    soon = turn.session.scalar(going.limit(1)) is not None
    row.wait_for_ours(until=turn.now() + (PUT_RIGHT_SOON if soon else LOOK_AGAIN))


def _ask_person(turn: PaymentTurn, seen: Look) -> None:
    if seen.sight.room is not None:
        ask_person(turn, seen.sight.room)


def ask_person(turn: PaymentTurn, room: Room) -> None:
    """Ask a person whether a payment is the same money as what Productive holds."""
    now = turn.now()
    amount = turn.row.amount_to_be
    figures: Figures = {
        "strangers": room.strangers,
        "credited": room.credited,
        "ours": room.ours_later,
        "amount": amount,
        "excess": room.excess(amount),
        "currency": turn.row.currency,
    }

    turn.row.ask(figures, now=now, until=now + LOOK_AGAIN)
    copy = turn.session.get_one(CopyRow, turn.row.copy_id)
    note_finding(turn.session, copy, FindingKind.OVERPAID, now, figures)


WAYS: dict[Move, Callable[[PaymentTurn, Look], None]] = {
    Move.ADOPT: _adopt,
    Move.WAIT_FOR_REPLY: _wait_for_reply,
    Move.WAIT_FOR_OURS: _wait_for_ours,
    Move.ASK_PERSON: _ask_person,
    Move.HOLD_DELETED: _hold_deleted,
    Move.HOLD_UNSENT: _hold_unsent,
}


def be_made(turn: PaymentTurn, payment: Payment, now: datetime) -> None:
    """Write down that a payment is in Productive as it was wanted."""
    row = turn.row
    kind = EventKind.PAYMENT_CHANGED if row.productive_id else EventKind.PAYMENT_MADE
    row.be_made(payment.id, now)
    _close_removal(turn, payment, now)
    told = Happened.PAYMENT_CHANGED if kind is EventKind.PAYMENT_CHANGED else Happened.PAYMENT_MADE
    turn.note(kind, said(told, reason=say_reason(row.reason)), now)
    # What was lost and is found again may have been changed by a person meanwhile.
    show_difference(row, payment, now)


def _close_removal(turn: PaymentTurn, payment: Payment, now: datetime) -> None:
    """Close a removal whose reply was lost, once it can no longer be under way: the payment is there."""
    lost = turn.find_attempt(AttemptKind.REMOVE_PAYMENT)
    if lost is not None and now > (lost.finished_at or lost.started_at) + STALE:
        lost.state = AttemptState.UNSENT
        lost.answered = {"found": payment.id}
        lost.finished_at = now


def be_removed(turn: PaymentTurn, now: datetime) -> None:
    """Write down that a payment is gone from Productive as it was wanted."""
    turn.row.be_removed(now)
    removed = said(Happened.PAYMENT_REMOVED, reason=say_reason(turn.row.reason))
    turn.note(EventKind.PAYMENT_REMOVED, removed, now)
