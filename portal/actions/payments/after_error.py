"""What becomes of a payment when a call failed: it is put off, held as uncertain, or shown as refused."""

from datetime import datetime, timedelta

from portal.actions.engine.turn import transaction
from portal.actions.invoices.pull import pull_one
from portal.actions.payments.differences import keep_unreadable_payments
from portal.actions.payments.look import needs_room, weigh
from portal.actions.payments.turn import PaymentTurn, open_attempts_of
from portal.actions.payments.write_down import HOLD, SOON, ask_person, wait_for_ours, wait_for_reply
from portal.domain.copies.states import AttemptKind, AttemptState
from portal.domain.payments.room import Fit, Room
from portal.domain.payments.states import FindingKind, PaymentCause, PaymentState, PaymentStep
from portal.domain.unreadable import Kind
from portal.remote.errors import NotFoundError, RefusedError, RemoteError
from portal.remote.odd import UnreadableError, all_read
from portal.store.copies import AttemptRow, CopyRow
from portal.store.findings import end_finding, note_finding

RETRY = (5, 30, 120, 600)


def put_off(turn: PaymentTurn, error: RemoteError) -> None:
    """Write down what a failed call means for a payment, and look into a refusal."""
    with turn.transaction():
        if isinstance(error, UnreadableError) and error.record.kind == Kind.PAYMENT:
            keep_unreadable_payments(turn.session, [turn.row.invoice_id], [error.record], turn.now())

        _choose(turn, error, turn.now())

    refused = isinstance(error, RefusedError) and turn.row.state == PaymentState.REFUSED
    if refused and turn.row.wanted != PaymentStep.REMOVE:
        _look_closer(turn)


def _choose(turn: PaymentTurn, error: RemoteError, now: datetime) -> None:
    """Choose what a payment waits for after a failure."""
    row = turn.row
    # Asked before the row changes hands, for the failed call is among them.
    attempts = open_attempts_of(turn.session, row.id)
    creations = (one for one in attempts if one.kind == AttemptKind.CREATE_PAYMENT)
    creation = next((one for one in creations if one.state == AttemptState.LOST), None)
    removal = next((one for one in attempts if one.kind == AttemptKind.REMOVE_PAYMENT), None)
    row.fail(error.said, now)

    if isinstance(error, NotFoundError) and row.wanted == PaymentStep.CHANGE:
        _be_gone(turn, removal, now)
    elif creation is not None:
        wait_for_reply(turn, creation, now)
    elif isinstance(error, RefusedError):
        row.refuse()
    else:
        wait = timedelta(seconds=RETRY[min(row.tries, len(RETRY)) - 1])
        row.try_again(at=max(error.retry_at or now + wait, now + SOON))


def _be_gone(turn: PaymentTurn, removal: AttemptRow | None, now: datetime) -> None:
    """Make a payment anew that our own lost removal took away. One that a person removed is shown."""
    if removal is None:
        turn.row.differ(PaymentCause.REMOVED_BY_HAND, {}, now)
        return

    removal.state = AttemptState.DONE
    removal.answered = {"found": None}
    removal.finished_at = now
    turn.row.make_anew(now)


def _look_closer(turn: PaymentTurn) -> None:
    """After a refusal read the invoice: it may be gone, or be credited or paid by somebody meanwhile."""
    session = turn.session
    now = turn.now()
    try:
        found = pull_one(session, turn.billing, turn.row.invoice_id, now=now)
        if found is None:
            _note_deleted(turn, now)
        elif needs_room(turn.row):
            payments = all_read(turn.billing.find_payments([turn.row.invoice_id]))
            with transaction(session):
                _weigh_again(turn, weigh(turn, payments), now)
    except RemoteError:
        session.rollback()  # the refusal stays shown


def _note_deleted(turn: PaymentTurn, now: datetime) -> None:
    with transaction(turn.session):
        turn.row.hold(PaymentCause.INVOICE_DELETED, until=now + HOLD)
        copy = turn.session.get_one(CopyRow, turn.row.copy_id)
        note_finding(turn.session, copy, FindingKind.INVOICE_DELETED, now)


def _weigh_again(turn: PaymentTurn, room: Room | None, now: datetime) -> None:
    """Say by whom an invoice is filled, where that is why Productive did not take the payment."""
    if room is None:
        return

    fit = room.judge(turn.row.amount_to_be)
    if fit is Fit.ASK:
        ask_person(turn, room)
    elif fit is Fit.LATER:
        wait_for_ours(turn)
    else:
        end_finding(turn.session, turn.row.invoice_id, FindingKind.OVERPAID, now)
