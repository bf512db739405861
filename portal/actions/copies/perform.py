"""Carry out one copy: read afresh, create the customer, book the entry, or update it; safe to repeat."""

from contextlib import suppress

from sqlalchemy.orm import Session

from portal.actions.copies.create_entry import create_entry
from portal.actions.copies.finish import postpone, refuse
from portal.actions.copies.hold import CUT_OFF, hold_fault, hold_if_alike, learn_from
from portal.actions.copies.mark import mark_invoice
from portal.actions.copies.resolve import resolve_attempts
from portal.actions.copies.take_back import take_back
from portal.actions.copies.turn import CopyTurn, hold_copy
from portal.actions.copies.update_entry import finish_update, update_entry
from portal.actions.engine.desk import Desk
from portal.actions.engine.gate import may_write, remember_writes
from portal.actions.engine.turn import TakenOverError, transaction
from portal.actions.invoices.pull import keep_pulled
from portal.domain.booking.invoice import Invoice
from portal.domain.connections.states import ConnectionState
from portal.domain.copies.failures import Cause
from portal.domain.copies.states import TAKES_BACK, CopyAction, CopyState
from portal.remote.errors import HeldBackError, RemoteError
from portal.store.connections import ConnectionRow
from portal.store.invoices import InvoiceRow

PATIENCE = 65.0
MOST_BEGUN = 6
DISCONNECTED = "Exact was disconnected before this was copied. Connect again, then copy."
DISCONNECTED_UNDO = "Exact was disconnected before this was undone. Connect again, then undo."


def perform_copy(session: Session, desk: Desk, copy_id: str) -> None:
    """Bring one copy as far as it goes now; another holder, or nothing due, is no failure."""
    if not may_write(session, desk.marks, now=desk.clock()):
        return

    with hold_copy(session, desk, copy_id) as turn:
        if turn is None:
            return

        with suppress(TakenOverError):
            if turn.copy.begun > MOST_BEGUN:
                _hold_cut_off(turn)
                return

            _perform_or_postpone(turn)
            learn_from(session, turn.copy, turn.now())

    remember_writes(session, desk.marks)


def _hold_cut_off(turn: CopyTurn) -> None:
    """Hold a copy whose work broke off again and again."""
    with transaction(turn.session):
        hold_fault(turn.session, turn.copy, CUT_OFF, turn.copy.marker, turn.now())


def _perform_or_postpone(turn: CopyTurn) -> None:
    try:
        _perform(turn)
    except RemoteError as error:
        postpone(turn.session, turn.claim, error, now=turn.now(), quiet=turn.desk.quiet)


def _perform(turn: CopyTurn) -> None:
    copy = turn.copy
    if copy.in_flight is not None and (copy.state == CopyState.UNCERTAIN or turn.was_interrupted()):
        is_settled = resolve_attempts(
            turn.session, turn.ledger, turn.claim, clock=turn.now, quiet=turn.desk.quiet
        )
        if not is_settled:
            return

    if copy.state in (CopyState.WAITING, CopyState.SENDING, CopyState.UNCERTAIN):
        _send(turn)

    if copy.mark_due or copy.number_due:
        mark_invoice(turn.session, turn.billing, turn.claim, clock=turn.now)


def _send(turn: CopyTurn) -> None:
    session = turn.session
    copy = turn.copy
    if session.get_one(ConnectionRow, copy.connection_id).state != ConnectionState.LIVE:
        text = DISCONNECTED_UNDO if copy.action in TAKES_BACK else DISCONNECTED
        refuse(session, turn.claim, cause=Cause.DISCONNECTED, text=text, now=turn.now())
        return

    if hold_if_alike(session, turn.claim):
        return

    _await_opening(turn)
    with transaction(session):
        copy.state = CopyState.SENDING
        session.get_one(InvoiceRow, copy.invoice_id).copy_state = CopyState.SENDING

    if copy.action in TAKES_BACK:
        take_back(turn)
        return

    if copy.plan is not None:
        finish_update(session, turn.ledger, turn.claim, clock=turn.now)
        return

    invoice = _read_afresh(turn)
    if invoice is None:
        return

    write = update_entry if copy.action == CopyAction.UPDATE else create_entry
    write(session, turn.ledger, turn.claim, invoice, clock=turn.now)


def _await_opening(turn: CopyTurn) -> None:
    """Wait until our budget lets an entry be booked, before anything is read; raise if that takes long."""
    opening = turn.ledger.booking_opens()
    seconds = (opening.at - turn.now()).total_seconds()
    if seconds > PATIENCE:
        raise HeldBackError(opening.why, retry_at=opening.at)

    if seconds > 0:
        turn.desk.sleep(seconds)


def _read_afresh(turn: CopyTurn) -> Invoice | None:
    """Read the invoice from Productive; None when it is gone or no longer what the person saw."""
    copy = turn.copy
    found = turn.desk.read_invoice(copy.invoice_id)
    now = turn.now()

    if not found or found[0].deleted:
        gone = "The invoice was deleted in Productive, so there is nothing to copy."
        refuse(turn.session, turn.claim, cause=Cause.INVOICE_DELETED, text=gone, now=now)
        return None

    keep_pulled(turn.session, found[0], now)
    connection = turn.session.get_one(ConnectionRow, copy.connection_id)
    moved = found[0].subsidiary_id != connection.subsidiary_id

    if moved or found[0].fingerprint() != copy.fingerprint:
        changed = "The invoice changed in Productive since it was checked here. Open it and copy again."
        refuse(turn.session, turn.claim, cause=Cause.INVOICE_CHANGED, text=changed, now=now)
        return None

    turn.session.commit()
    return found[0]
