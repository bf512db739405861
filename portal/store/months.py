"""One month of the books: what it holds, what is to decide in it, and in what both books differ."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, case, func, literal, or_, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session

from portal.domain.books.sign_off import PLACES, Line, LineKind, OpenItem, OpenKind, Place
from portal.domain.books.states import Part, Why
from portal.domain.copies.standing import STUCK, Standing
from portal.domain.payments.states import GOING, PaymentState, PaymentStep
from portal.domain.periods import Period
from portal.store.book_sums import ComparedTotalRow
from portal.store.connections import ConnectionRow
from portal.store.findings import FindingRow
from portal.store.invoices import ELSEWHERE, EXCLUDED, InvoiceRow
from portal.store.payments import PaymentRow
from portal.store.reconciliation import ComparedRow
from portal.store.standings import Tally, count_standings

Scope = tuple[str, ...] | None
Summed = tuple[str, int, int, int]
LEFT_OUT = (ELSEWHERE, EXCLUDED)
# Other lines of the page tell these: what is not in Exact yet, and what changed since it was copied.
TOLD_ELSEWHERE = (
    Why.NOT_COPIED,
    Why.ON_ITS_WAY,
    Why.UNCERTAIN,
    Why.REFUSED,
    Why.UNDONE,
    Why.NOT_CONNECTED,
    Why.CHANGED,
)


@dataclass
class Found:
    """How many were found, and how much per currency."""

    count: int = 0
    amounts: dict[str, int] = field(default_factory=dict)

    def add(self, count: int, currency: str, amount: int) -> None:
        """Count some more."""
        self.count += count
        self.amounts[currency] = self.amounts.get(currency, 0) + amount


@dataclass
class ToDecide:
    """The payments of a month that a person decides about, and how many earlier ones wait besides."""

    found: Found = field(default_factory=Found)
    earlier: int = 0


def within(scope: Scope, column: InstrumentedAttribute[str]) -> list[ColumnElement[bool]]:
    """Narrow a query to the subsidiaries in sight."""
    return [] if scope is None else [column.in_(scope)]


def is_to_decide() -> ColumnElement[bool]:
    """Choose the payments about which a person decides."""
    # What is held to be marked as sent first goes on by itself.
    return or_(
        PaymentRow.state == PaymentState.ASKED,
        and_(PaymentRow.state == PaymentState.HELD, PaymentRow.wanted != PaymentStep.MARK),
    )


def payments_to_decide(session: Session, scope: Scope, period: Period) -> ToDecide:
    """Add up the payments of a month about which a person decides, and what is to be looked at."""
    told = ToDecide()
    both = union_all(_payments(scope, period), _findings(scope, period))
    for currency, count, amount, earlier in session.execute(both):
        told.earlier += int(earlier)
        if count:
            told.found.add(int(count), currency, int(amount))

    return told


def _payments(scope: Scope, period: Period) -> Select[*Summed]:
    """Sum up the payments to decide, those of the month and those before."""
    here = PaymentRow.paid_on >= period.first
    query = (
        select(PaymentRow.currency, *_sums(here, PaymentRow.amount))
        .join(InvoiceRow, InvoiceRow.id == PaymentRow.invoice_id)
        .where(is_to_decide(), PaymentRow.paid_on <= period.last, *within(scope, InvoiceRow.subsidiary_id))
    )

    return query.group_by(PaymentRow.currency)


def _findings(scope: Scope, period: Period) -> Select[*Summed]:
    """Sum up what is to be looked at, by the day on which it was found."""
    here = FindingRow.found_at >= _midnight(period.first)
    query = (
        select(InvoiceRow.currency, *_sums(here, InvoiceRow.amount_unpaid))
        .join(InvoiceRow, InvoiceRow.id == FindingRow.invoice_id)
        .where(
            FindingRow.resolved_at.is_(None),
            FindingRow.found_at < _midnight(period.last + timedelta(days=1)),
            *within(scope, InvoiceRow.subsidiary_id),
        )
    )

    return query.group_by(InvoiceRow.currency)


def _sums(here: ColumnElement[bool], amount: Any) -> tuple[Any, Any, Any]:
    """Return how many are of the month, how much that is, and how many are earlier."""
    return (
        func.sum(case((here, 1), else_=0)),
        func.sum(case((here, amount), else_=0)),
        func.sum(case((here, 0), else_=1)),
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def is_difference() -> ColumnElement[bool]:
    """Choose the rows in which both books differ, besides what other lines of the page tell."""
    told = [f",{code}," for code in TOLD_ELSEWHERE]
    return and_(ComparedRow.differs.is_(True), ComparedRow.codes.not_in(told))


def differences(session: Session, scope: Scope, period: Period) -> Found:
    """Add up in what both books differ in a month, Exact minus Productive."""
    found = Found()
    query = select(*_DIFFERENCE).where(*_of_month(scope, period), is_difference())
    for row in session.execute(query):
        found.add(1, _currency_of(row), _difference_of(row))
    return found


# All that a difference is spelled by, and nothing else of the row.
_DIFFERENCE: tuple[Any, ...] = (
    ComparedRow.key,
    ComparedRow.subsidiary_id,
    ComparedRow.invoice_id,
    ComparedRow.number,
    ComparedRow.customer,
    ComparedRow.part,
    ComparedRow.codes,
    ComparedRow.currency,
    ComparedRow.ours,
    ComparedRow.their_currency,
    ComparedRow.theirs,
    ComparedRow.entry_id,
)


def _of_month(scope: Scope, period: Period) -> list[ColumnElement[bool]]:
    days = [ComparedRow.day >= period.first, ComparedRow.day <= period.last]
    return [*days, *within(scope, ComparedRow.subsidiary_id)]


def _currency_of(row: Row[Any]) -> str:
    return str(row.their_currency if row.part == Part.THEIRS or row.ours is None else row.currency)


def _difference_of(row: Row[Any]) -> int:
    """Return Exact minus Productive, as it counts in this month."""
    ours = 0 if row.part == Part.THEIRS else row.ours or 0
    theirs = 0 if row.part == Part.OURS else row.theirs or 0
    return int(theirs - ours)


def compared_equal(session: Session, scope: Scope, months: Sequence[str]) -> dict[str, int]:
    """Count the invoices that agree with their entries, for each month in which there is anything."""
    query = select(ComparedTotalRow.month, func.sum(ComparedTotalRow.equal)).where(
        ComparedTotalRow.month.in_(months), *within(scope, ComparedTotalRow.subsidiary_id)
    )
    found = session.execute(query.group_by(ComparedTotalRow.month))
    return {month: int(count) for month, count in found}


def lines_of(session: Session, subsidiary_id: str, period: Period) -> list[Line]:
    """Return what a month of a subsidiary holds: its invoices, its payments and its differences."""
    return [
        *_invoice_lines(session, subsidiary_id, period),
        *_payment_lines(session, subsidiary_id, period),
        *_difference_lines(session, subsidiary_id, period),
    ]


def _invoice_lines(session: Session, subsidiary_id: str, period: Period) -> Iterator[Line]:
    columns = (
        InvoiceRow.id,
        InvoiceRow.number,
        InvoiceRow.company_name,
        InvoiceRow.currency,
        InvoiceRow.amount_with_tax,
        InvoiceRow.fingerprint,
        InvoiceRow.copy_state,
        InvoiceRow.latest_copy_id,
    )
    query = select(*columns).where(
        InvoiceRow.subsidiary_id == subsidiary_id,
        InvoiceRow.invoiced_on >= period.first,
        InvoiceRow.invoiced_on <= period.last,
        InvoiceRow.deleted.is_(False),
        InvoiceRow.sample.is_(False),
    )

    for row in session.execute(query):
        place = place_of(row.copy_state)
        yield Line(
            LineKind.INVOICE,
            row.id,
            row.number or "",
            row.company_name,
            row.currency,
            row.amount_with_tax,
            place,
            row.fingerprint,
            (row.latest_copy_id or "") if place is Place.INSIDE else "",
        )


def place_of(copy_state: str) -> Place:
    """Say where an invoice in this state stands."""
    if copy_state in LEFT_OUT:
        return Place.LEFT_OUT
    return PLACES.get(copy_state, Place.OUTSIDE)


def _payment_lines(session: Session, subsidiary_id: str, period: Period) -> Iterator[Line]:
    connections = select(ConnectionRow.id).where(ConnectionRow.subsidiary_id == subsidiary_id)
    columns = (PaymentRow.id, PaymentRow.invoice_id, PaymentRow.currency, PaymentRow.amount, PaymentRow.state)
    query = (
        select(*columns, InvoiceRow.number, InvoiceRow.company_name)
        .join(InvoiceRow, InvoiceRow.id == PaymentRow.invoice_id)
        .where(
            PaymentRow.connection_id.in_(connections),
            PaymentRow.paid_on >= period.first,
            PaymentRow.paid_on <= period.last,
            PaymentRow.state != PaymentState.REMOVED,
        )
    )

    for row in session.execute(query):
        yield Line(
            LineKind.PAYMENT,
            row.id,
            row.number or "",
            row.company_name,
            row.currency,
            row.amount,
            PaymentState.DUE if row.state in GOING else row.state,
            "",
            row.invoice_id,
        )


def _difference_lines(session: Session, subsidiary_id: str, period: Period) -> Iterator[Line]:
    query = select(*_DIFFERENCE).where(*_of_month((subsidiary_id,), period), is_difference())
    for row in session.execute(query):
        yield Line(
            LineKind.DIFFERENCE,
            row.key,
            row.number,
            row.customer,
            _currency_of(row),
            _difference_of(row),
            row.codes.strip(","),
            row.entry_id or "",
            row.invoice_id or "",
        )


INSIDE = (Standing.COPIED, Standing.CHANGED, Standing.DIFFERENT)
UNDER_WAY = (Standing.COPYING, Standing.UNSURE)


@dataclass(frozen=True, slots=True)
class Month:
    """All that one month of some subsidiaries asks for."""

    standings: Mapping[Standing, Tally]
    to_decide: ToDecide
    differences: Found

    def sum_of(self, *standings: Standing) -> Found:
        """Add up the invoices that stand in one of these ways."""
        found = Found()
        for standing in standings:
            tally = self.standings[standing]
            found.count += tally.count
            for currency, amount in tally.amounts.items():
                found.add(0, currency, amount)
        return found

    @property
    def open_items(self) -> list[OpenItem]:
        """What is still open, in the order of the page."""
        found = {
            OpenKind.READY: self.sum_of(Standing.READY),
            OpenKind.NEEDS_YOU: self.sum_of(*STUCK),
            OpenKind.UNDER_WAY: self.sum_of(*UNDER_WAY),
            OpenKind.CHANGED: self.sum_of(Standing.CHANGED),
            OpenKind.PAYMENTS: self.to_decide.found,
            OpenKind.DIFFERENCES: self.differences,
        }
        return [OpenItem(kind, one.count, dict(one.amounts)) for kind, one in found.items() if one.count]


def read_month(session: Session, scope: Scope, period: Period) -> Month:
    """Read what a month asks for, by a handful of queries that look at that month alone."""
    return Month(
        standings=count_standings(session, scope, period.first, period.last),
        to_decide=payments_to_decide(session, scope, period),
        differences=differences(session, scope, period),
    )


@dataclass
class News:
    """What came since a moment."""

    payments: Found = field(default_factory=Found)
    invoices: Found = field(default_factory=Found)


def read_news(session: Session, scope: Scope, since: datetime) -> News:
    """Add up the payments that were found, and the invoices that were read for the first time, since then."""
    payments = (
        select(
            literal(LineKind.PAYMENT.value), PaymentRow.currency, func.count(), func.sum(PaymentRow.amount)
        )
        .join(InvoiceRow, InvoiceRow.id == PaymentRow.invoice_id)
        .where(
            PaymentRow.created_at >= since,
            PaymentRow.state != PaymentState.REMOVED,
            *within(scope, InvoiceRow.subsidiary_id),
        )
        .group_by(PaymentRow.currency)
    )
    invoices = (
        select(
            literal(LineKind.INVOICE.value),
            InvoiceRow.currency,
            func.count(),
            func.sum(InvoiceRow.amount_with_tax),
        )
        .where(
            InvoiceRow.first_read_at >= since,
            InvoiceRow.deleted.is_(False),
            InvoiceRow.sample.is_(False),
            *within(scope, InvoiceRow.subsidiary_id),
        )
        .group_by(InvoiceRow.currency)
    )

    news = News()
    for kind, currency, count, amount in session.execute(union_all(payments, invoices)):
        found = news.payments if kind == LineKind.PAYMENT else news.invoices
        found.add(count, currency, int(amount))

    return news
