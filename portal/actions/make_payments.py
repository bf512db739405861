"""Make, change and remove payments in Productive, each once; what cannot be done yet stays owed."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.actions.attempts import attempt, is_quiet, new_attempt, next_probe_at
from portal.actions.ports import Billing
from portal.actions.pull_invoices import keep_pulled
from portal.domain.ids import find_marker, tag_of
from portal.domain.invoice import Payment
from portal.remote.errors import NotFoundError, RefusedError, RemoteError
from portal.store.connections import ConnectionRow
from portal.store.copies import DONE, INTENDED, LOST, UNSENT, AttemptRow, CopyRow
from portal.store.events import note_event
from portal.store.invoices import InvoiceRow
from portal.store.payments import (
    DUE,
    HELD,
    MADE,
    PAYMENT_REFUSED,
    PAYMENT_SENDING,
    PAYMENT_UNCERTAIN,
    REMOVED,
    PaymentRow,
)

Clock = Callable[[], datetime]
RETRY = (5, 30, 120, 600)
STALE = timedelta(seconds=150)
UNSENT_INVOICE = "Productive takes payments only on invoices marked as sent."
BY_HAND = "This payment was removed in Productive by hand."
OPEN = (DUE, HELD, PAYMENT_SENDING, PAYMENT_UNCERTAIN)


def make_payments(session: Session, billing: Billing, connection_id: int, *, clock: Clock, quiet: int) -> int:
    """Bring every payment that is due as far as it goes now; returns how many were worked on."""
    due = session.scalars(
        select(PaymentRow.id)
        .where(
            PaymentRow.connection_id == connection_id,
            PaymentRow.state.in_(OPEN),
            PaymentRow.next_try_at <= clock(),
        )
        .order_by(PaymentRow.created_at, PaymentRow.id)
    ).all()
    session.commit()
    worked = (_make(session, billing, payment_id, clock, quiet) for payment_id in due)
    _refresh(session, billing, sorted({invoice_id for invoice_id in worked if invoice_id}), clock())
    return len(due)


def _make(session: Session, billing: Billing, payment_id: str, clock: Clock, quiet: int) -> str | None:
    """Work on one payment; returns its invoice when something was sent."""
    row = _claim(session, payment_id, clock())
    if row is None:
        return None
    try:
        if not _resolved(session, billing, row, clock, quiet) or not _may_be_paid(
            session, billing, row, clock
        ):
            return None
        CALLS[row.wanted](session, billing, row, clock)
    except RemoteError as error:
        _postpone(session, row, error, clock(), quiet)
        return None
    return row.invoice_id


def _claim(session: Session, payment_id: str, now: datetime) -> PaymentRow | None:
    """Take one payment; a sender that died is taken over after its requests must have ended."""
    row = session.get_one(PaymentRow, payment_id, with_for_update=True, populate_existing=True)
    takes = row.state in OPEN and row.next_try_at is not None and row.next_try_at <= now
    if takes:
        taken = session.execute(
            update(PaymentRow)
            .where(PaymentRow.id == row.id, PaymentRow.next_try_at == row.next_try_at)
            .values(next_try_at=now + STALE)
            .returning(PaymentRow.id)
            .execution_options(synchronize_session=False)
        ).scalar()
        takes = taken is not None
    session.commit()
    if takes:
        session.refresh(row)
        session.commit()
    return row if takes else None


def _resolved(session: Session, billing: Billing, row: PaymentRow, clock: Clock, quiet: int) -> bool:
    """Ask Productive what became of a lost reply; True when the payment may go on."""
    lost = session.scalars(
        select(AttemptRow).where(
            AttemptRow.payment_id == row.id,
            AttemptRow.kind == "create payment",
            AttemptRow.state.in_((INTENDED, LOST)),
        )
    ).first()
    session.commit()
    if lost is None:
        return True
    asked_at = clock()
    found = [
        payment
        for payment in billing.find_payments([row.invoice_id])
        if find_marker(payment.note) == row.marker
    ]
    lost.probes += 1
    if found:
        lost.state, lost.answered, lost.finished_at = DONE, {"found": found[0].id}, asked_at
        _done(session, row, found[0], asked_at)
        return False
    if is_quiet(lost, quiet=quiet, now=asked_at):
        lost.state, lost.finished_at = UNSENT, asked_at
        session.commit()
        return True
    row.state, row.next_try_at = PAYMENT_UNCERTAIN, max(next_probe_at(lost, quiet=quiet), asked_at)
    session.commit()
    return False


def _may_be_paid(session: Session, billing: Billing, row: PaymentRow, clock: Clock) -> bool:
    """Hold a payment of an invoice that is not marked as sent, unless the connection marks it by itself."""
    invoice = session.get_one(InvoiceRow, row.invoice_id)
    by_itself = session.get_one(ConnectionRow, row.connection_id).mark_sent_by_itself
    session.commit()
    if row.wanted == "remove" or invoice.sent_on is not None:
        return True
    if not by_itself and row.trouble != MARK_AND_PAY:
        row.state, row.trouble = HELD, UNSENT_INVOICE
        row.next_try_at = clock() + timedelta(minutes=5)
        session.commit()
        return False
    billing.mark_sent(row.invoice_id, on=invoice.invoiced_on)
    invoice.sent_on = invoice.invoiced_on
    _note(session, row, "marked as sent", "Marked as sent in Productive", clock())
    session.commit()
    return True


MARK_AND_PAY = "Mark as sent and record payment was chosen."


def mark_sent_and_pay(session: Session, payment_id: str, *, actor: str, now: datetime) -> None:
    """Let a held payment mark its invoice as sent first."""
    row = session.get_one(PaymentRow, payment_id)
    if row.state == HELD:
        row.trouble, row.next_try_at = MARK_AND_PAY, now
        note_event(
            session, at=now, actor=actor, kind="mark as sent", text=MARK_AND_PAY, invoice_id=row.invoice_id
        )
    session.commit()


def _create(session: Session, billing: Billing, row: PaymentRow, clock: Clock) -> None:
    note = note_of(session, row)
    row.state = PAYMENT_SENDING
    made = attempt(
        session,
        _attempt(
            row, "create payment", {"amount": row.amount, "on": str(row.paid_on), "note": note}, clock()
        ),
        lambda: billing.create_payment(
            row.invoice_id, amount=row.amount, on=row.paid_on, written_off=row.written_off, note=note
        ),
        clock=clock,
        told=lambda payment: {"payment": payment.id},
    )
    _done(session, row, made, clock())


def _change(session: Session, billing: Billing, row: PaymentRow, clock: Clock) -> None:
    note, payment_id = note_of(session, row), row.productive_id or ""
    amount, on = row.next_amount or row.amount, row.next_on or row.paid_on
    sent = {"payment": payment_id, "amount": amount, "on": str(on)}
    changed = attempt(
        session,
        _attempt(row, "change payment", sent, clock()),
        lambda: billing.change_payment(
            payment_id, amount=amount, on=on, written_off=row.written_off, note=note
        ),
        clock=clock,
    )
    _done(session, row, changed, clock())


def _remove(session: Session, billing: Billing, row: PaymentRow, clock: Clock) -> None:
    payment_id = row.productive_id or ""
    attempt(
        session,
        _attempt(row, "remove payment", {"payment": payment_id}, clock()),
        lambda: billing.delete_payment(payment_id),
        clock=clock,
    )
    row.state, row.changed_at, row.next_try_at, row.trouble = REMOVED, clock(), None, None
    _note(session, row, "payment removed", f"Payment removed: {row.reason}", clock())
    session.commit()


CALLS = {"create": _create, "change": _change, "remove": _remove}


def note_of(session: Session, row: PaymentRow) -> str:
    """Spell the note that leads from Productive back to the receivable term."""
    number = session.get_one(CopyRow, row.copy_id).entry_number
    return f"Exact entry {number}, term {row.term_id} {tag_of(row.marker)}"


def _done(session: Session, row: PaymentRow, payment: Payment, now: datetime) -> None:
    kind = "payment changed" if row.productive_id else "payment made"
    row.productive_id, row.amount, row.paid_on = payment.id, payment.amount, payment.on
    row.next_amount = row.next_on = row.next_try_at = row.trouble = None
    row.state, row.changed_at, row.tries = MADE, now, 0
    _note(session, row, kind, f"{kind.capitalize()} in Productive: {row.reason}", now)
    session.commit()


def _postpone(session: Session, row: PaymentRow, error: RemoteError, now: datetime, quiet: int) -> None:
    row.tries += 1
    row.trouble = error.text
    wait = timedelta(seconds=RETRY[min(row.tries, len(RETRY)) - 1])
    if isinstance(error, NotFoundError) and row.wanted == "change":
        row.state, row.trouble, row.next_try_at = PAYMENT_REFUSED, BY_HAND, None
    elif isinstance(error, RefusedError):
        row.state, row.next_try_at = PAYMENT_REFUSED, None
    elif error.may_have_happened and row.wanted == "create":
        row.state, row.next_try_at = PAYMENT_UNCERTAIN, now + timedelta(seconds=min(10, quiet))
    else:
        row.state, row.next_try_at = DUE, error.retry_at or now + wait
    session.commit()


def _attempt(row: PaymentRow, kind: str, sent: dict[str, object], now: datetime) -> AttemptRow:
    return new_attempt(
        kind, connection_id=row.connection_id, marker=row.marker, sent=sent, now=now, payment_id=row.id
    )


def _note(session: Session, row: PaymentRow, kind: str, text: str, now: datetime) -> None:
    invoice = session.get_one(InvoiceRow, row.invoice_id)
    note_event(
        session,
        at=now,
        actor="portal",
        kind=kind,
        text=text,
        subsidiary_id=invoice.subsidiary_id,
        invoice_id=row.invoice_id,
    )


def _refresh(session: Session, billing: Billing, invoice_ids: list[str], now: datetime) -> None:
    """Read the invoices whose payments changed, so that the paid state is Productive's own."""
    for at in range(0, len(invoice_ids), 50):
        for invoice in billing.read_invoices(invoice_ids[at : at + 50]):
            keep_pulled(session, invoice, now)
        session.commit()
