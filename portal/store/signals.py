"""How much needs somebody, for the navigation: one query for every page."""

from dataclasses import dataclass

from sqlalchemy import ScalarSelect, func, or_, select
from sqlalchemy.orm import Session

from portal.domain.copies.states import CopyState
from portal.domain.payments.states import PaymentState, PaymentStep
from portal.store.invoices import InvoiceRow
from portal.store.payments import PaymentRow

Scope = tuple[str, ...] | None
NEEDS_SOMEBODY = (CopyState.REFUSED, CopyState.DIFFERENT)


@dataclass(frozen=True, slots=True)
class Signals:
    """How many invoices and payments need somebody."""

    invoices: int
    payments: int

    @property
    def total(self) -> int:
        """Return how much there is in all."""
        return self.invoices + self.payments


def read_signals(session: Session, scope: Scope) -> Signals:
    """Count what needs somebody in these subsidiaries, None for all."""
    invoices, payments = session.execute(select(_invoices(scope), _payments(scope))).one()
    return Signals(invoices, payments)


def _invoices(scope: Scope) -> ScalarSelect[int]:
    query = select(func.count()).select_from(InvoiceRow)
    query = query.where(
        InvoiceRow.copy_state.in_(NEEDS_SOMEBODY), InvoiceRow.deleted.is_(False), InvoiceRow.sample.is_(False)
    )
    if scope is not None:
        query = query.where(InvoiceRow.subsidiary_id.in_(scope))
    return query.scalar_subquery()


def _payments(scope: Scope) -> ScalarSelect[int]:
    # What waits for its invoice to be marked as sent goes on by itself, too, but only a person can send it.
    query = select(func.count()).select_from(PaymentRow)
    query = query.where(
        or_(
            PaymentRow.state.in_((PaymentState.ASKED, PaymentState.REFUSED)),
            (PaymentRow.state == PaymentState.HELD) & (PaymentRow.wanted != PaymentStep.MARK),
        )
    )
    if scope is not None:
        mine = InvoiceRow.subsidiary_id.in_(scope)
        query = query.join(InvoiceRow, InvoiceRow.id == PaymentRow.invoice_id).where(mine)
    return query.scalar_subquery()
