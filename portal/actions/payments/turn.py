"""The work on one payment: whoever has its turn holds the payment meanwhile."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.actions.engine.desk import Desk
from portal.actions.engine.heartbeat import held
from portal.actions.engine.turn import Turn, transaction
from portal.actions.payments.seen import Seen
from portal.domain.copies.states import OPEN as OUTCOME_UNKNOWN
from portal.domain.copies.states import AttemptKind
from portal.domain.events import EventKind
from portal.domain.said import Said
from portal.store.copies import AttemptRow
from portal.store.events import note_event
from portal.store.invoices import InvoiceRow
from portal.store.leases import take_row
from portal.store.payments import PaymentRow, is_payment_due

# Longer than a request of a sender that died can still take.
STALE = timedelta(seconds=150)


@dataclass
class PaymentTurn(Turn[PaymentRow]):
    """The work on one payment.

    ``attempts`` are the remote writes whose outcome was not known when the turn began, the oldest first.
    """

    invoice: InvoiceRow
    attempts: Sequence[AttemptRow]
    seen: Seen

    def find_attempt(self, kind: AttemptKind) -> AttemptRow | None:
        """Find the first remote write of a kind whose outcome was not known when the turn began."""
        return next((one for one in self.attempts if one.kind == kind), None)

    def note(self, kind: EventKind, happened: Said, now: datetime) -> None:
        """Note what the portal did in the history of the invoice."""
        note_event(
            self.session,
            at=now,
            actor="portal",
            kind=kind,
            said=happened,
            subsidiary_id=self.invoice.subsidiary_id,
            invoice_id=self.row.invoice_id,
        )


@contextmanager
def hold_payment(session: Session, desk: Desk, payment_id: str, seen: Seen) -> Iterator[PaymentTurn | None]:
    """Hold a payment that is due for the block. None when another holds it or it is done."""
    now = desk.clock()
    with transaction(session):
        taken = take_row(
            session, PaymentRow, payment_id, now=now, lasting=STALE, only=is_payment_due(now), quiet=True
        )
        if taken is not None:
            row, lease = taken
            invoice = session.get_one(InvoiceRow, row.invoice_id, populate_existing=True)
            attempts = open_attempts_of(session, payment_id)

    if taken is None:
        yield None
        return

    # A payment that is made, put off or held lets go of itself.
    is_free = partial(_is_free, row)
    with held(session, lease, clock=desk.clock, since=now, lasting=STALE, quiet=True, given_back=is_free):
        yield PaymentTurn(session, row, lease, desk, invoice, attempts, seen)


def _is_free(row: PaymentRow) -> bool:
    return row.lease_owner is None


def open_attempts_of(session: Session, payment_id: str) -> Sequence[AttemptRow]:
    """Return the remote writes of a payment whose outcome is not known, the oldest first."""
    query = select(AttemptRow).where(
        AttemptRow.payment_id == payment_id, AttemptRow.state.in_(OUTCOME_UNKNOWN)
    )
    return session.scalars(query.order_by(AttemptRow.started_at)).all()
