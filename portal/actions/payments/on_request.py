"""What a person asks for about a payment. It is written down here, and the worker does it."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.actions.engine.turn import transaction
from portal.domain.events import EventKind
from portal.domain.happened import Happened
from portal.domain.payments.states import FindingKind, PaymentCause, PaymentReason, PaymentState
from portal.domain.payments.words import say_cause, say_reason
from portal.domain.said import Said, said
from portal.store.events import note_event
from portal.store.findings import end_finding
from portal.store.invoices import InvoiceRow
from portal.store.payments import PaymentRow


def mark_sent_and_pay(session: Session, payment_id: str, *, actor: str, now: datetime) -> None:
    """Let the held payments of an invoice mark it as sent first. Outlives failures on the way."""
    with transaction(session):
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
            each.allow_mark(now)

        if held:
            _note(session, row, EventKind.MARKING_REQUESTED, say_cause(PaymentCause.MARKING, {}), actor, now)


def retry_payment(session: Session, payment_id: str, *, actor: str, now: datetime) -> None:
    """Try a refused payment again. What a person changed in Productive is restored, not tried again."""
    with transaction(session):
        row = _locked(session, payment_id)
        if row.state == PaymentState.REFUSED and not row.is_by_hand:
            row.retry(now)
            _note(session, row, EventKind.PAYMENT_RETRIED, said(Happened.PAYMENT_TRIED_AGAIN), actor, now)


def restore_payment(session: Session, payment_id: str, *, actor: str, now: datetime) -> None:
    """Ask for a payment that somebody changed or removed in Productive, as Exact has it."""
    with transaction(session):
        row = _locked(session, payment_id)
        if row.may_restore:
            row.restore(now)
            restored = said(Happened.PAYMENT_RESTORED)
            _note(session, row, EventKind.PAYMENT_RESTORED, restored, actor, now)


def record_anyway(session: Session, payment_id: str, *, actor: str, now: datetime) -> None:
    """Record a payment although it over-pays, for a person said that it is other money."""
    with transaction(session):
        row = _locked(session, payment_id)
        if row.state == PaymentState.ASKED:
            row.record_anyway(now)
            _decide(session, row, said(Happened.PAYMENT_ANYWAY), actor, now)


def leave_by_hand(session: Session, payment_id: str, *, actor: str, now: datetime) -> None:
    """Take what somebody recorded by hand as this payment. Nothing is sent to Productive."""
    with transaction(session):
        row = _locked(session, payment_id)
        # Productive may not take what a person wanted all the same.
        refused = row.anyway and row.state == PaymentState.REFUSED
        if refused or row.state == PaymentState.ASKED:
            row.leave_by_hand(now)
            _decide(session, row, say_reason(PaymentReason.BY_HAND), actor, now)


def _locked(session: Session, payment_id: str) -> PaymentRow:
    return session.get_one(PaymentRow, payment_id, with_for_update=True, populate_existing=True)


def _decide(session: Session, row: PaymentRow, happened: Said, actor: str, now: datetime) -> None:
    """Note what a person said about a payment that would over-pay its invoice."""
    end_finding(session, row.invoice_id, FindingKind.OVERPAID, now)
    _note(session, row, EventKind.OVERPAYMENT_DECIDED, happened, actor, now)


def _note(
    session: Session, row: PaymentRow, kind: EventKind, happened: Said, actor: str, now: datetime
) -> None:
    note_event(
        session,
        at=now,
        actor=actor,
        kind=kind,
        said=happened,
        subsidiary_id=session.get_one(InvoiceRow, row.invoice_id).subsidiary_id,
        invoice_id=row.invoice_id,
    )
