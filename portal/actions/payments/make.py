"""Make, change and remove payments in Productive, each once; what cannot be done yet stays owed."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import case, select
from sqlalchemy.orm import Session

from portal.actions.engine.attempts import attempt, is_quiet, new_attempt, next_probe_at
from portal.actions.engine.desk import Clock
from portal.actions.engine.heartbeat import held
from portal.actions.engine.ports import Billing
from portal.actions.engine.turn import TakenOverError, transaction
from portal.actions.invoices.pull import keep_read_invoices, pull_one
from portal.actions.payments.by_hand import (
    REMOVED_BY_HAND,
    is_by_hand,
    keep_unreadable_payments,
    show_difference,
)
from portal.actions.payments.check_room import Seen, has_room, needs_room
from portal.domain.booking.invoice import Payment
from portal.domain.copies.states import AttemptKind, AttemptState
from portal.domain.events import EventKind
from portal.domain.ids import find_marker
from portal.domain.imprint import payment_note
from portal.domain.payments.states import FindingKind, PaymentState, PaymentStep
from portal.domain.unreadable import Kind
from portal.remote.errors import NotFoundError, RefusedError, RemoteError
from portal.remote.odd import UnreadableError, all_read
from portal.store.connections import ConnectionRow
from portal.store.copies import AttemptRow, CopyRow
from portal.store.events import note_event
from portal.store.findings import INVOICE_GONE, note_finding
from portal.store.invoices import InvoiceRow
from portal.store.leases import holds, take_row
from portal.store.payments import PaymentRow, is_payment_due

Answer = TypeVar("Answer")
RETRY = (5, 30, 120, 600)
# Longer than a request of a sender that died can still take.
STALE = timedelta(seconds=150)
HOLD = timedelta(minutes=5)
SOON = timedelta(seconds=1)
UNSENT_INVOICE = "Productive takes payments only on invoices marked as sent."
MARK_AND_PAY = "Mark as sent and record payment was chosen."
GONE_INVOICE = "The invoice was deleted in Productive, so nothing can be recorded there."
# What makes room goes first, for Productive may refuse what would over-pay in between.
FIRST = case(
    (PaymentRow.wanted == PaymentStep.REMOVE, 0),
    (PaymentRow.next_amount < PaymentRow.amount, 1),
    (PaymentRow.wanted == PaymentStep.CHANGE, 2),
    else_=3,
)


def make_payments(session: Session, billing: Billing, connection_id: int, *, clock: Clock, quiet: int) -> int:
    """Bring every payment that is due as far as it goes now; returns how many were worked on."""
    due = session.execute(
        select(PaymentRow.id, PaymentRow.invoice_id)
        .where(PaymentRow.connection_id == connection_id, is_payment_due(clock()))
        .order_by(FIRST, PaymentRow.created_at, PaymentRow.id)
    ).all()

    session.commit()
    seen = Seen(billing, [invoice_id for _, invoice_id in due])
    worked = {_make(session, billing, payment_id, seen, clock, quiet) for payment_id, _ in due}
    _refresh(session, billing, sorted(invoice_id for invoice_id in worked if invoice_id), clock())

    return len(due)


def _make(
    session: Session, billing: Billing, payment_id: str, seen: Seen, clock: Clock, quiet: int
) -> str | None:
    """Hold one payment and work on it; returns its invoice when Productive's side changed."""
    now = clock()
    with transaction(session):
        taken = take_row(session, PaymentRow, payment_id, now=now, lasting=STALE, only=is_payment_due(now))

    if taken is None:
        return None

    row, lease = taken
    with held(session, lease, clock=clock, since=now, lasting=STALE):
        return _work_on(session, billing, row, seen, clock, quiet)


def _work_on(
    session: Session, billing: Billing, row: PaymentRow, seen: Seen, clock: Clock, quiet: int
) -> str | None:
    try:
        if not _resolved(session, billing, row, clock, quiet):
            return row.invoice_id if row.state == PaymentState.MADE else None

        if not _may_go(session, billing, row, seen, clock) or not _is_ours(session, row):
            session.commit()
            return row.invoice_id if row.state == PaymentState.MADE else None

        CALLS[row.wanted](session, billing, row, clock)
    except TakenOverError:
        session.rollback()
        return None
    except RemoteError as error:
        if not _is_ours(session, row):
            session.rollback()
            return None

        if isinstance(error, UnreadableError) and error.record.kind == Kind.PAYMENT:
            keep_unreadable_payments(session, [row.invoice_id], [error.record], clock())

        _postpone(session, row, error, clock(), quiet)
        _look_closer(session, billing, row, error, clock())
        return None

    return row.invoice_id


def _may_go(session: Session, billing: Billing, row: PaymentRow, seen: Seen, clock: Clock) -> bool:
    """Say whether a payment may be sent now: its invoice takes payments and is not over-paid by it."""
    if row.wanted == PaymentStep.REMOVE:
        return True
    if _is_of_deleted(session, row, clock):
        return False

    if needs_room(row):
        session.commit()
        payments = seen.take(row.invoice_id)
        if not _is_ours(session, row) or _is_there(session, row, payments, clock()):
            return False
        if needs_room(row) and not has_room(session, payments, row, clock()):
            return False

    return _may_be_paid(session, billing, row, clock)


def _is_there(session: Session, row: PaymentRow, payments: Sequence[Payment], now: datetime) -> bool:
    """Adopt a payment that is there after all, as when a request came late; an unlike one is changed."""
    found = next((one for one in payments if find_marker(one.note) == row.marker), None)
    if row.productive_id is not None or found is None:
        return False

    if (found.amount, found.on, found.written_off) == (row.amount, row.paid_on, row.written_off):
        _done(session, row, found, now)
        return True

    row.productive_id = found.id
    row.wanted = PaymentStep.CHANGE
    row.next_amount = row.amount
    row.next_on = row.paid_on
    row.amount = found.amount
    row.paid_on = found.on

    return False


def _look_closer(
    session: Session, billing: Billing, row: PaymentRow, error: RemoteError, now: datetime
) -> None:
    """After a refusal read the invoice: it may be gone, or be credited or paid by somebody meanwhile."""
    if (
        not isinstance(error, RefusedError)
        or row.state != PaymentState.REFUSED
        or row.wanted == PaymentStep.REMOVE
    ):
        return

    try:
        found = pull_one(session, billing, row.invoice_id, now=now)
        if found is not None and needs_room(row):
            session.commit()
            has_room(session, all_read(billing.find_payments([row.invoice_id])), row, now)
    except RemoteError:
        session.rollback()
        return  # the refusal stays shown

    if found is None:
        row.state = PaymentState.HELD
        row.trouble = GONE_INVOICE
        row.go_on(now + HOLD)
        note_finding(
            session, session.get_one(CopyRow, row.copy_id), FindingKind.INVOICE_DELETED, INVOICE_GONE, now
        )

    session.commit()


def _is_ours(session: Session, row: PaymentRow) -> bool:
    """Say whether the payment is still ours, and keep it so until the commit."""
    lease = row.lease()
    return lease is not None and holds(session, lease)


def _resolved(session: Session, billing: Billing, row: PaymentRow, clock: Clock, quiet: int) -> bool:
    """Ask Productive what became of a lost reply; True when the payment may go on."""
    lost = _open_attempt(session, row, AttemptKind.CREATE_PAYMENT, AttemptState.INTENDED, AttemptState.LOST)
    session.commit()
    if lost is None:
        return True

    asked_at = clock()
    found = [
        payment
        for payment in all_read(billing.find_payments([row.invoice_id]))
        if find_marker(payment.note) == row.marker
    ]

    lost.probes += 1
    if found:
        lost.state = AttemptState.DONE
        lost.answered = {"found": found[0].id}
        lost.finished_at = asked_at
        _done(session, row, found[0], asked_at)
        return False

    if is_quiet(lost, quiet=quiet, now=asked_at):
        lost.state = AttemptState.UNSENT
        lost.finished_at = asked_at
        session.commit()
        return True

    row.state = PaymentState.UNCERTAIN
    row.go_on(max(next_probe_at(lost, quiet=quiet), asked_at + SOON))
    session.commit()

    return False


def _is_of_deleted(session: Session, row: PaymentRow, clock: Clock) -> bool:
    """Say whether the invoice was deleted in Productive, and hold its payment then.

    Asked first: what fills a deleted invoice will not make room, so waiting for that would tell nobody.
    """
    deleted = session.get_one(InvoiceRow, row.invoice_id).deleted
    session.commit()
    if deleted:
        _hold(session, row, GONE_INVOICE, clock())
    return deleted


def _hold(session: Session, row: PaymentRow, why: str, now: datetime) -> None:
    if _is_ours(session, row):
        row.state = PaymentState.HELD
        row.trouble = why
        row.go_on(now + HOLD)
    session.commit()


def _may_be_paid(session: Session, billing: Billing, row: PaymentRow, clock: Clock) -> bool:
    """Hold a payment of an invoice that is not marked as sent unless it may be marked now."""
    invoice = session.get_one(InvoiceRow, row.invoice_id)
    by_itself = session.get_one(ConnectionRow, row.connection_id).payments.mark_sent_by_itself
    session.commit()
    if row.productive_id is not None or invoice.sent_on is not None:
        return True

    if not by_itself and row.wanted != PaymentStep.MARK:
        _hold(session, row, UNSENT_INVOICE, clock())
        return False

    _write(
        session,
        row,
        new_attempt(row, AttemptKind.MARK_SENT, {"on": str(invoice.invoiced_on)}, clock()),
        lambda: billing.mark_sent(row.invoice_id, on=invoice.invoiced_on),
        clock=clock,
    )

    invoice.sent_on = invoice.invoiced_on
    _note(session, row, EventKind.MARKED_AS_SENT, "Marked as sent in Productive", clock())
    session.commit()

    return True


def _write(
    session: Session,
    row: PaymentRow,
    trying: AttemptRow,
    call: Callable[[], Answer],
    *,
    clock: Clock,
    told: Callable[[Answer], Mapping[str, Any]] = lambda _answer: {},
) -> Answer:
    """Make a remote write; raise TakenOverError if another worker went on with the payment meanwhile."""
    answer = attempt(session, trying, call, clock=clock, told=told)
    if not _is_ours(session, row):
        raise TakenOverError(row.id)
    return answer


def mark_sent_and_pay(session: Session, payment_id: str, *, actor: str, now: datetime) -> None:
    """Let the held payments of an invoice mark it as sent first; outlives failures on the way."""
    row = session.get_one(PaymentRow, payment_id)
    held = session.scalars(
        select(PaymentRow)
        .where(
            PaymentRow.invoice_id == row.invoice_id,
            PaymentRow.state == PaymentState.HELD,
            PaymentRow.productive_id.is_(None),
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()

    for each in held:
        each.wanted = PaymentStep.MARK
        each.trouble = MARK_AND_PAY
        each.changed_at = now
        each.go_on(now)

    if held:
        _note(session, row, EventKind.MARKING_REQUESTED, MARK_AND_PAY, now, actor=actor)

    session.commit()


def retry_payment(session: Session, payment_id: str, *, actor: str, now: datetime) -> None:
    """Try a refused payment again; what a person changed in Productive is restored, not tried again."""
    row = session.get_one(PaymentRow, payment_id, with_for_update=True, populate_existing=True)
    if row.state == PaymentState.REFUSED and not is_by_hand(row):
        row.state = PaymentState.DUE
        row.trouble = None
        row.tries = 0
        row.changed_at = now
        row.go_on(now)
        _note(session, row, EventKind.PAYMENT_RETRIED, "Asked to try the payment again", now, actor=actor)

    session.commit()


def _create(session: Session, billing: Billing, row: PaymentRow, clock: Clock) -> None:
    note = note_of(session, row)
    row.state = PaymentState.SENDING
    sent = {"amount": row.amount, "on": str(row.paid_on), "note": note}
    made = _write(
        session,
        row,
        new_attempt(row, AttemptKind.CREATE_PAYMENT, sent, clock()),
        lambda: billing.create_payment(
            row.invoice_id, amount=row.amount, on=row.paid_on, written_off=row.written_off, note=note
        ),
        clock=clock,
        told=lambda payment: {"payment": payment.id},
    )

    _done(session, row, made, clock())


def _change(session: Session, billing: Billing, row: PaymentRow, clock: Clock) -> None:
    note = note_of(session, row)
    payment_id = row.productive_id or ""
    amount = row.amount_to_be
    on = row.day_to_be
    sent = {"payment": payment_id, "amount": amount, "on": str(on)}
    changed = _write(
        session,
        row,
        new_attempt(row, AttemptKind.CHANGE_PAYMENT, sent, clock()),
        lambda: billing.change_payment(
            payment_id, amount=amount, on=on, written_off=row.written_off, note=note
        ),
        clock=clock,
    )

    _done(session, row, changed, clock())


def _remove(session: Session, billing: Billing, row: PaymentRow, clock: Clock) -> None:
    payment_id = row.productive_id or ""
    _write(
        session,
        row,
        new_attempt(row, AttemptKind.REMOVE_PAYMENT, {"payment": payment_id}, clock()),
        lambda: billing.delete_payment(payment_id),
        clock=clock,
    )

    row.state = PaymentState.REMOVED
    row.changed_at = clock()
    row.go_on(None)
    row.trouble = None
    _note(session, row, EventKind.PAYMENT_REMOVED, f"Payment removed: {row.reason}", clock())
    session.commit()


CALLS = {
    PaymentStep.CREATE: _create,
    PaymentStep.MARK: _create,
    PaymentStep.CHANGE: _change,
    PaymentStep.REMOVE: _remove,
}


def note_of(session: Session, row: PaymentRow) -> str:
    """Spell the note that leads from Productive back to the receivable term."""
    number = session.get_one(CopyRow, row.copy_id).entry_number
    return payment_note(number, row.term_id, row.marker)


def _done(session: Session, row: PaymentRow, payment: Payment, now: datetime) -> None:
    kind = EventKind.PAYMENT_CHANGED if row.productive_id else EventKind.PAYMENT_MADE
    row.productive_id = payment.id
    row.amount = row.amount if row.next_amount is None else row.next_amount
    row.paid_on = row.next_on or row.paid_on
    row.next_amount = None
    row.next_on = None
    row.go_on(None)
    row.trouble = None
    row.state = PaymentState.MADE
    row.changed_at = now
    row.tries = 0
    row.anyway = False
    lost = _open_attempt(session, row, AttemptKind.REMOVE_PAYMENT, AttemptState.INTENDED, AttemptState.LOST)

    if lost and now > (lost.finished_at or lost.started_at) + STALE:
        lost.state = AttemptState.UNSENT
        lost.answered = {"found": payment.id}
        lost.finished_at = now

    row.wanted = PaymentStep.CREATE if row.wanted == PaymentStep.MARK else row.wanted
    _note(session, row, kind, f"{kind.capitalize()} in Productive: {row.reason}", now)
    # What was lost and is found again may have been changed by a person meanwhile.
    show_difference(row, payment, now)
    session.commit()


def _postpone(session: Session, row: PaymentRow, error: RemoteError, now: datetime, quiet: int) -> None:
    """Put a payment off after a failure that may pass, hold it as uncertain, or show it as refused."""
    row.tries += 1
    row.trouble = error.text
    row.changed_at = now
    wait = timedelta(seconds=RETRY[min(row.tries, len(RETRY)) - 1])

    if isinstance(error, NotFoundError) and row.wanted == PaymentStep.CHANGE:
        _gone(session, row, now)
    elif lost := _open_attempt(session, row, AttemptKind.CREATE_PAYMENT, AttemptState.LOST):
        row.state = PaymentState.UNCERTAIN
        row.go_on(max(next_probe_at(lost, quiet=quiet), now + SOON))
    elif isinstance(error, RefusedError):
        row.state = PaymentState.REFUSED
        row.go_on(None)
    else:
        row.state = PaymentState.DUE
        row.go_on(max(error.retry_at or now + wait, now + SOON))

    session.commit()


def _gone(session: Session, row: PaymentRow, now: datetime) -> None:
    """Tell a payment that our own lost removal took away (made anew) from one that a person removed."""
    if lost := _open_attempt(
        session, row, AttemptKind.REMOVE_PAYMENT, AttemptState.INTENDED, AttemptState.LOST
    ):
        lost.state = AttemptState.DONE
        lost.answered = {"found": None}
        lost.finished_at = now
        row.amount = row.amount_to_be
        row.paid_on = row.day_to_be
        row.productive_id = None
        row.next_amount = None
        row.next_on = None
        row.trouble = None
        row.wanted = PaymentStep.CREATE
        row.state = PaymentState.DUE
        row.go_on(now)
    else:
        row.state = PaymentState.REFUSED
        row.trouble = REMOVED_BY_HAND
        row.go_on(None)


def _open_attempt(
    session: Session, row: PaymentRow, kind: AttemptKind, *states: AttemptState
) -> AttemptRow | None:
    """Return the payment's first attempt of a kind whose outcome is not known."""
    found = select(AttemptRow).where(
        AttemptRow.payment_id == row.id, AttemptRow.kind == kind, AttemptRow.state.in_(states)
    )
    return session.scalars(found.order_by(AttemptRow.started_at)).first()


def _note(
    session: Session, row: PaymentRow, kind: EventKind, text: str, now: datetime, *, actor: str = "portal"
) -> None:
    invoice = session.get_one(InvoiceRow, row.invoice_id)
    note_event(
        session,
        at=now,
        actor=actor,
        kind=kind,
        text=text,
        subsidiary_id=invoice.subsidiary_id,
        invoice_id=row.invoice_id,
    )


def _refresh(session: Session, billing: Billing, invoice_ids: list[str], now: datetime) -> None:
    """Read the invoices whose payments changed, so that the paid state is Productive's own."""
    for at in range(0, len(invoice_ids), 50):
        try:
            read = billing.read_invoices(invoice_ids[at : at + 50])
        except RemoteError:
            return  # the next pull of invoices finds what changed

        keep_read_invoices(session, read, now)
        session.commit()
