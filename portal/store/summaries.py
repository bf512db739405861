"""What was copied by itself, needs somebody and was found of payments, and who was written to of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.domain.copies.standing import STUCK
from portal.domain.payments.states import PaymentState
from portal.store.base import Base, Instant
from portal.store.connections import ConnectionRow
from portal.store.copies import CopyRow
from portal.store.invoices import InvoiceRow
from portal.store.leases import Leased
from portal.store.month_figures import copied_by_rules
from portal.store.needs import NeedGroup, group_needs
from portal.store.payments import PaymentRow
from portal.store.runs import RunRow
from portal.store.standings import Tally, count_standings


class SummaryRow(Leased, Base):
    """The summary of one day for one person, mailed once by whoever holds it."""

    __tablename__ = "summary"
    __table_args__ = (UniqueConstraint("user_id", "day"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    day: Mapped[date]
    # What happened since this moment is told.
    since: Mapped[datetime] = mapped_column(Instant)
    tries: Mapped[int] = mapped_column(default=0)
    mailed_at: Mapped[datetime | None] = mapped_column(Instant, default=None)
    next_try_at: Mapped[datetime | None] = mapped_column(Instant, default=None)


@dataclass(frozen=True, slots=True)
class Summary:
    """What there is to tell since a moment."""

    copied: Tally
    needs_you: Tally
    needs: Sequence[NeedGroup]
    payments: Tally

    @property
    def is_empty(self) -> bool:
        """Say whether there is nothing to tell."""
        return not (self.copied.count or self.needs_you.count or self.payments.count)


def summary_since(session: Session, scope: Sequence[str] | None, since: datetime) -> Summary:
    """Tell what was copied by itself and found since a moment, and what needs somebody now."""
    standings = count_standings(session, scope)
    return Summary(
        copied=copied_by_itself(session, scope, since),
        needs_you=_together(standings[each] for each in STUCK),
        needs=group_needs(session, scope, standings=STUCK),
        payments=_payments(session, scope, since),
    )


def copied_by_itself(session: Session, scope: Sequence[str] | None, since: datetime) -> Tally:
    """Add up what rules copied and Exact holds."""
    query = (
        select(CopyRow.currency, func.count(), func.sum(CopyRow.gross_booked))
        .join(RunRow, RunRow.id == CopyRow.run_id)
        .join(InvoiceRow, InvoiceRow.id == CopyRow.invoice_id)
        .where(*copied_by_rules(since))
        .group_by(CopyRow.currency)
    )
    if scope is not None:
        query = query.where(InvoiceRow.subsidiary_id.in_(scope))

    return _tally(session.execute(query).all())


def _payments(session: Session, scope: Sequence[str] | None, since: datetime) -> Tally:
    """Add up the payments that were found in Exact."""
    query = (
        select(PaymentRow.currency, func.count(), func.sum(PaymentRow.amount))
        .join(ConnectionRow, ConnectionRow.id == PaymentRow.connection_id)
        .where(PaymentRow.created_at >= since, PaymentRow.state != PaymentState.REMOVED)
        .group_by(PaymentRow.currency)
    )
    if scope is not None:
        query = query.where(ConnectionRow.subsidiary_id.in_(scope))

    return _tally(session.execute(query).all())


def _tally(rows: Iterable[Any]) -> Tally:
    found = [(currency, count, int(total or 0)) for currency, count, total in rows]
    return Tally(
        sum(count for _, count, _ in found), {currency: total for currency, _, total in sorted(found)}
    )


def _together(tallies: Iterable[Tally]) -> Tally:
    amounts: dict[str, int] = {}
    count = 0
    for tally in tallies:
        count += tally.count
        for currency, total in tally.amounts.items():
            amounts[currency] = amounts.get(currency, 0) + total

    return Tally(count, amounts)
