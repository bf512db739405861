"""Carry out one copy: read afresh, create the customer, book the entry, or update it; safe to repeat."""

from contextlib import suppress

from sqlalchemy.orm import Session

from portal.actions.copies.create_entry import create_entry
from portal.actions.copies.finish import postpone, refuse
from portal.actions.copies.hold import CUT_OFF, hold_fault, hold_if_alike, learn_from
from portal.actions.copies.mark import mark_invoice
from portal.actions.copies.resolve import resolve_attempts
from portal.actions.copies.take_back import take_back
from portal.actions.copies.update_entry import finish_update, update_entry
from portal.actions.engine.claim import Claim, TakenOverError, claim_copy
from portal.actions.engine.desk import Desk
from portal.actions.engine.gate import may_write, remember_writes
from portal.actions.engine.ports import Ledger
from portal.actions.invoices.pull import keep_pulled
from portal.domain.booking.invoice import Invoice
from portal.domain.connections.states import ConnectionState
from portal.remote.errors import HeldBackError, RemoteError
from portal.store.connections import ConnectionRow
from portal.store.copies import SENDING, TAKES_BACK, UNCERTAIN, UPDATE, WAITING, CopyRow
from portal.store.invoices import InvoiceRow

PATIENCE = 65.0
MOST_BEGUN = 6
DISCONNECTED = "Exact was disconnected before this was copied. Connect again, then copy."
DISCONNECTED_UNDO = "Exact was disconnected before this was undone. Connect again, then undo."


def perform_copy(session: Session, desk: Desk, copy_id: str) -> None:
    """Bring one copy as far as it goes now; another holder, or nothing due, is no failure."""
    if not may_write(session, desk.marks, now=desk.clock()):
        return

    with claim_copy(session, copy_id, clock=desk.clock) as claim:
        if claim is None:
            return

        with suppress(TakenOverError):
            if claim.copy.begun > MOST_BEGUN:
                hold_fault(session, claim.copy, CUT_OFF, claim.copy.marker, desk.clock())
                session.commit()
                return

            _perform_or_postpone(session, desk, claim)
            learn_from(session, claim.copy, desk.clock())

    remember_writes(session, desk.marks)


def _perform_or_postpone(session: Session, desk: Desk, claim: Claim) -> None:
    try:
        _perform(session, desk, claim)
    except RemoteError as error:
        postpone(session, claim, error, now=desk.clock(), quiet=desk.quiet)


def _perform(session: Session, desk: Desk, claim: Claim) -> None:
    copy = claim.copy
    if copy.in_flight is not None and (copy.state == UNCERTAIN or claim.was_interrupted(session)):
        ledger = desk.ledger(copy.connection_id)
        if not resolve_attempts(session, ledger, claim, clock=desk.clock, quiet=desk.quiet):
            return

    if copy.state in (WAITING, SENDING, UNCERTAIN):
        _send(session, desk, claim)

    if copy.mark_due or copy.number_due:
        mark_invoice(session, desk.billing(), claim, clock=desk.clock)


def _send(session: Session, desk: Desk, claim: Claim) -> None:
    copy = claim.copy
    if session.get_one(ConnectionRow, copy.connection_id).state != ConnectionState.LIVE:
        text = DISCONNECTED_UNDO if copy.action in TAKES_BACK else DISCONNECTED
        refuse(session, claim, cause="disconnected", text=text, now=desk.clock())
        return

    if hold_if_alike(session, claim):
        return

    ledger = _await_turn(session, desk, copy)
    copy.state = SENDING
    session.get_one(InvoiceRow, copy.invoice_id).copy_state = SENDING
    session.commit()

    if copy.action in TAKES_BACK:
        take_back(session, ledger, claim, clock=desk.clock)
        return

    if copy.plan is not None:
        finish_update(session, ledger, claim, clock=desk.clock)
        return

    invoice = _read_afresh(session, desk, claim)
    if invoice is None:
        return

    write = update_entry if copy.action == UPDATE else create_entry
    write(session, ledger, claim, invoice, clock=desk.clock)


def _await_turn(session: Session, desk: Desk, copy: CopyRow) -> Ledger:
    """Wait until our budget lets an entry be booked, before anything is read; raise if that takes long."""
    session.commit()
    ledger = desk.ledger(copy.connection_id)
    opening = ledger.booking_opens()
    seconds = (opening.at - desk.clock()).total_seconds()
    if seconds > PATIENCE:
        raise HeldBackError(opening.why, retry_at=opening.at)

    if seconds > 0:
        desk.sleep(seconds)

    return ledger


def _read_afresh(session: Session, desk: Desk, claim: Claim) -> Invoice | None:
    """Read the invoice from Productive; None when it is gone or no longer what the person saw."""
    copy = claim.copy
    session.commit()
    found = desk.read_invoice(copy.invoice_id)
    now = desk.clock()

    if not found or found[0].deleted:
        gone = "The invoice was deleted in Productive, so there is nothing to copy."
        refuse(session, claim, cause="invoice deleted", text=gone, now=now)
        return None

    keep_pulled(session, found[0], now)
    connection = session.get_one(ConnectionRow, copy.connection_id)
    moved = found[0].subsidiary_id != connection.subsidiary_id

    if moved or found[0].fingerprint() != copy.fingerprint:
        changed = "The invoice changed in Productive since it was checked here. Open it and copy again."
        refuse(session, claim, cause="invoice changed", text=changed, now=now)
        return None

    session.commit()
    return found[0]
