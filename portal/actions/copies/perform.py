"""Carry out one copy: read afresh, create the customer, then book the entry or update it."""

from contextlib import suppress
from functools import partial

from sqlalchemy.orm import Session

from portal.actions.copies.create_entry import create_entry
from portal.actions.copies.finish import postpone, refuse, show_state
from portal.actions.copies.hold import hold_fault, hold_if_alike, learn_from
from portal.actions.copies.mark import mark_invoice
from portal.actions.copies.resolve import resolve_attempts
from portal.actions.copies.run_settle import settle_run
from portal.actions.copies.run_withdraw import is_stopped
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
from portal.domain.copies.states import IN_FLIGHT, TAKES_BACK, CopyAction, CopyState
from portal.domain.copies.troubles import Trouble
from portal.domain.said import said
from portal.remote.errors import HeldBackError, RemoteError
from portal.store.copies import attempts_of, has_begun
from portal.store.invoices import is_kept

PATIENCE = 65.0
MOST_BEGUN = 6


def perform_copy(session: Session, desk: Desk, copy_id: str) -> None:
    """Bring one copy as far as it goes now."""
    # That another holds it, or that nothing is due, is no failure.
    if not may_write(session, desk.marks, now=desk.clock()):
        return

    run_id = None
    with hold_copy(session, desk, copy_id) as turn:
        if turn is None:
            return

        run_id = turn.copy.run_id
        with suppress(TakenOverError):
            if turn.copy.begun > MOST_BEGUN:
                _hold_cut_off(turn)
                return

            _perform_or_postpone(turn)
            turn.last = partial(learn_from, turn)

    if run_id is not None:
        settle_run(session, run_id, now=desk.clock())

    remember_writes(session, desk.marks)


def _hold_cut_off(turn: CopyTurn) -> None:
    """Hold a copy whose work broke off again and again."""
    with turn.transaction():
        hold_fault(turn.session, turn.copy, None, turn.copy.marker, turn.now())


def _perform_or_postpone(turn: CopyTurn) -> None:
    try:
        _perform(turn)
    except RemoteError as error:
        postpone(turn, error)


def _perform(turn: CopyTurn) -> None:
    copy = turn.copy
    is_open = copy.in_flight is not None and (copy.state == CopyState.UNCERTAIN or turn.was_interrupted)
    if is_open and not resolve_attempts(turn):
        return

    if copy.state in IN_FLIGHT:
        _send(turn)

    if copy.mark_due or copy.number_due:
        mark_invoice(turn)


def _send(turn: CopyTurn) -> None:
    copy = turn.copy
    if turn.connection.state != ConnectionState.LIVE:
        trouble = Trouble.DISCONNECTED_UNDO if copy.action in TAKES_BACK else Trouble.DISCONNECTED
        refuse(turn, Cause.DISCONNECTED, said(trouble))
        return

    _await_opening(turn)
    if not _begin(turn):
        return

    if copy.action in TAKES_BACK:
        take_back(turn)
        return

    if _is_half_way(turn):
        finish_update(turn)
        return

    # A plan that was stored and not begun is made anew, for Exact may have changed since.
    invoice = _read_afresh(turn)
    if invoice is None:
        return

    write = update_entry if copy.action == CopyAction.UPDATE else create_entry
    write(turn, invoice)


def _begin(turn: CopyTurn) -> bool:
    """Begin to send, unless others failed alike, or somebody stopped the run, which takes the wish back."""
    # Asked last, for that may have happened while this one waited for its turn.
    with turn.transaction():
        if hold_if_alike(turn):
            return False

        stopped = is_stopped(turn.session, turn.copy)
        if stopped:
            turn.copy.wait(turn.now(), None)
        else:
            turn.copy.send()

        show_state(turn)

    return not stopped


def _is_half_way(turn: CopyTurn) -> bool:
    """Say whether a step of an update took effect, or may have."""
    if turn.copy.plan is None:
        return False

    with transaction(turn.session):
        return has_begun(attempts_of(turn.session, turn.copy.id))


def _await_opening(turn: CopyTurn) -> None:
    """Wait until our budget lets an entry be booked, and raise if that takes long."""
    opening = turn.ledger.booking_opens()
    seconds = (opening.at - turn.now()).total_seconds()
    if seconds > PATIENCE:
        raise HeldBackError(opening.why, retry_at=opening.at)

    if seconds > 0:
        turn.desk.sleep(seconds)


def _read_afresh(turn: CopyTurn) -> Invoice | None:
    """Read the invoice from Productive, None when it is gone or no longer what the person saw."""
    copy = turn.copy
    found = turn.desk.read_invoice(copy.invoice_id)
    now = turn.now()

    if not found or found[0].deleted:
        refuse(turn, Cause.INVOICE_DELETED, said(Trouble.INVOICE_DELETED))
        return None

    # Most often nothing changed since it was asked for, so nothing is written.
    if not is_kept(turn.invoice_row, found[0]):
        with transaction(turn.session):
            keep_pulled(turn.session, found[0], now)

    moved = found[0].subsidiary_id != turn.connection.subsidiary_id
    if moved or found[0].fingerprint() != copy.fingerprint:
        refuse(turn, Cause.INVOICE_CHANGED, said(Trouble.INVOICE_CHANGED))
        return None

    return found[0]
