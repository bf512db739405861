"""What Overview counts of one month, read by one query from counts that are kept."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Row,
    Select,
    String,
    case,
    cast,
    func,
    literal,
    null,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from portal.domain.books.sign_off import OpenItem, OpenKind
from portal.domain.copies.standing import STUCK, Standing
from portal.domain.copies.states import IN_EXACT
from portal.domain.payments.states import PaymentState
from portal.domain.periods import Period
from portal.store.book_sums import ComparedTotalRow
from portal.store.connections import ConnectionRow
from portal.store.copies import CopyRow
from portal.store.differences import DIFFERENCES
from portal.store.entries import EntryFeedRow
from portal.store.findings import FindingRow
from portal.store.invoice_tallies import BY_MONTH, BY_STANDING
from portal.store.invoices import InvoiceRow
from portal.store.payment_tallies import BY_VIEW, FOUND, of_subsidiaries, spell_hour
from portal.store.payments import PaymentRow
from portal.store.runs import RunRow
from portal.store.standings import Tally

Scope = Collection[str] | None
# What is counted, a word that divides it, the currency, how many, and how much.
Figure = Select[Any]


class Counted(StrEnum):
    """What is counted."""

    STANDING = "standing"
    TO_DECIDE = "to decide"
    EARLIER = "earlier"
    DIFFERENCE = "difference"
    EQUAL = "equal"
    NEW_PAYMENT = "new payment"
    NEW_INVOICE = "new invoice"
    BY_ITSELF = "by itself"
    ELSEWHERE = "elsewhere"
    EXACT_READ = "Exact read"


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


INSIDE = (Standing.COPIED, Standing.CHANGED, Standing.DIFFERENT)
UNDER_WAY = (Standing.COPYING, Standing.UNSURE)


@dataclass
class News:
    """What came since a moment."""

    payments: Found = field(default_factory=Found)
    invoices: Found = field(default_factory=Found)
    by_itself: Found = field(default_factory=Found)


@dataclass(frozen=True, slots=True)
class Figures:
    """A month, the months beside it in which there is anything, and what came since a moment.

    ``equal`` counts by month the invoices that agree with their entries.
    """

    month: Month
    equal: Mapping[str, int]
    news: News
    elsewhere: int
    # When the entries of the connections in sight were read, the longest ago of several.
    exact_read_at: datetime | None


def read_month(session: Session, scope: Scope, period: Period) -> Month:
    """Read what a month asks for."""
    return _month(session.execute(union_all(*_of_month(scope, period))).all())


def read_figures(
    session: Session, scope: Scope, period: Period, months: Sequence[str], since: datetime
) -> Figures:
    """Read what Overview counts, by one query."""
    each = (
        *_of_month(scope, period),
        *_of_months(scope, months),
        *_since(scope, since),
        _elsewhere(scope),
        _exact_read(scope),
    )
    rows = session.execute(union_all(*each)).all()
    return Figures(
        month=_month(rows),
        equal={row.word: int(row.number) for row in _only(rows, Counted.EQUAL)},
        news=News(
            _found(rows, Counted.NEW_PAYMENT),
            _found(rows, Counted.NEW_INVOICE),
            _found(rows, Counted.BY_ITSELF),
        ),
        elsewhere=_found(rows, Counted.ELSEWHERE).count,
        exact_read_at=_moment(rows),
    )


def _moment(rows: Sequence[Row[Any]]) -> datetime | None:
    """Return when Exact was read, to the second."""
    seconds = next((int(row.number) for row in _only(rows, Counted.EXACT_READ)), 0)
    return datetime.fromtimestamp(seconds, UTC) if seconds else None


def _only(rows: Sequence[Row[Any]], kind: Counted) -> Iterator[Row[Any]]:
    return (row for row in rows if row.counted == kind)


def _found(rows: Sequence[Row[Any]], kind: Counted) -> Found:
    found = Found()
    for row in _only(rows, kind):
        if row.number:
            found.add(int(row.number), row.currency, int(row.amount))
    return found


def _month(rows: Sequence[Row[Any]]) -> Month:
    counts = dict.fromkeys(Standing, 0)
    amounts: dict[Standing, dict[str, int]] = {standing: {} for standing in Standing}
    for row in _only(rows, Counted.STANDING):
        standing = Standing(row.word)
        counts[standing] += int(row.number)
        amounts[standing][row.currency] = int(row.amount)

    return Month(
        standings={standing: Tally(counts[standing], amounts[standing]) for standing in Standing},
        to_decide=ToDecide(_found(rows, Counted.TO_DECIDE), _found(rows, Counted.EARLIER).count),
        differences=_found(rows, Counted.DIFFERENCE),
    )


def within(
    scope: Scope, column: ColumnElement[str] | InstrumentedAttribute[str]
) -> list[ColumnElement[bool]]:
    """Narrow a query to the subsidiaries in sight."""
    return [] if scope is None else [column.in_(scope)]


def _figure(
    kind: Counted | ColumnElement[str], currency: Any, number: Any, amount: Any, word: Any = None
) -> Figure:
    """Spell one figure in the columns that all of them have."""
    named = literal(kind.value, String) if isinstance(kind, Counted) else kind
    return select(
        named.label("counted"),
        (cast(null(), String) if word is None else type_coerce(word, String)).label("word"),
        currency.label("currency"),
        cast(func.coalesce(number, 0), BigInteger).label("number"),
        cast(func.coalesce(amount, 0), BigInteger).label("amount"),
    )


def _of_month(scope: Scope, period: Period) -> Iterator[Figure]:
    """Yield where invoices of a month stand, what is to decide, and in what both books differ."""
    month = BY_MONTH.c
    yield (
        _figure(
            Counted.STANDING,
            month.currency,
            func.sum(month.rows),
            func.sum(month.total),
            word=month.standing,
        )
        .where(month.month == period.text, *within(scope, month.subsidiary_id))
        .group_by(month.standing, month.currency)
        .having(func.sum(month.rows) != 0)
    )

    decide = BY_VIEW.c
    here = _here_or_earlier(decide.decide_month == period.text)
    yield (
        _figure(here, decide.currency, func.sum(decide.rows), func.sum(decide.amount))
        .where(decide.decide_month <= period.text, *of_subsidiaries(BY_VIEW, scope))
        .group_by("counted", decide.currency)
    )

    found = _here_or_earlier(FindingRow.found_at >= _midnight(period.first))
    yield (
        _figure(found, InvoiceRow.currency, func.count(), func.sum(InvoiceRow.amount_unpaid))
        .join_from(FindingRow, InvoiceRow, InvoiceRow.id == FindingRow.invoice_id)
        .where(
            FindingRow.resolved_at.is_(None),
            FindingRow.found_at < _midnight(period.last + timedelta(days=1)),
            *within(scope, InvoiceRow.subsidiary_id),
        )
        .group_by("counted", InvoiceRow.currency)
    )

    differs = DIFFERENCES.c
    yield (
        _figure(Counted.DIFFERENCE, differs.currency, func.sum(differs.rows), func.sum(differs.amount))
        .where(differs.month == period.text, *within(scope, differs.subsidiary_id))
        .group_by(differs.currency)
    )


def _here_or_earlier(here: ColumnElement[bool]) -> ColumnElement[str]:
    return case((here, Counted.TO_DECIDE.value), else_=Counted.EARLIER.value)


def _of_months(scope: Scope, months: Sequence[str]) -> Iterator[Figure]:
    """Yield in how many invoices both books agree, for each month in which there is anything."""
    month = ComparedTotalRow.month
    yield (
        _figure(Counted.EQUAL, cast(null(), String), func.sum(ComparedTotalRow.equal), literal(0), word=month)
        .where(month.in_(months), *within(scope, ComparedTotalRow.subsidiary_id))
        .group_by(month)
    )


def _since(scope: Scope, since: datetime) -> Iterator[Figure]:
    """Yield the payments that were found, the invoices that were read first, and what rules copied."""
    yield _found_payments(scope, since)

    invoice = InvoiceRow
    yield (
        _figure(Counted.NEW_INVOICE, invoice.currency, func.count(), func.sum(invoice.amount_with_tax))
        .where(
            invoice.first_read_at >= since,
            invoice.deleted.is_(False),
            invoice.sample.is_(False),
            *within(scope, invoice.subsidiary_id),
        )
        .group_by(invoice.currency)
    )
    yield (
        _figure(Counted.BY_ITSELF, CopyRow.currency, func.count(), func.sum(CopyRow.gross_booked))
        .join_from(CopyRow, RunRow, RunRow.id == CopyRow.run_id)
        .join(InvoiceRow, InvoiceRow.id == CopyRow.invoice_id)
        .where(*copied_by_rules(since), *within(scope, InvoiceRow.subsidiary_id))
        .group_by(CopyRow.currency)
    )


def copied_by_rules(since: datetime) -> tuple[ColumnElement[bool], ...]:
    """Choose the copies of runs that rules asked for and Exact holds since a moment."""
    return (
        CopyRow.run_id.is_not(None),
        CopyRow.finished_at >= since,
        CopyRow.state.in_(IN_EXACT),
        RunRow.rule_id.is_not(None),
    )


def _found_payments(scope: Scope, since: datetime) -> Figure:
    # A day begins with an hour of UTC nearly everywhere. Elsewhere its payments are counted.
    if since.minute == since.second == since.microsecond == 0:
        kept = FOUND.c
        return (
            _figure(Counted.NEW_PAYMENT, kept.currency, func.sum(kept.rows), func.sum(kept.amount))
            .where(kept.hour >= spell_hour(since), *of_subsidiaries(FOUND, scope))
            .group_by(kept.currency)
        )

    query = _figure(Counted.NEW_PAYMENT, PaymentRow.currency, func.count(), func.sum(PaymentRow.amount))
    query = query.where(PaymentRow.created_at >= since, PaymentRow.state != PaymentState.REMOVED)
    if scope is not None:
        mine = select(ConnectionRow.id).where(ConnectionRow.subsidiary_id.in_(scope))
        query = query.where(PaymentRow.connection_id.in_(mine))
    return query.group_by(PaymentRow.currency)


def _elsewhere(scope: Scope) -> Figure:
    """Count what another link exported in connected subsidiaries."""
    kept = BY_STANDING.c
    live = select(ConnectionRow.live_subsidiary).where(ConnectionRow.live_subsidiary.is_not(None))
    return (
        _figure(Counted.ELSEWHERE, kept.currency, func.sum(kept.rows), literal(0))
        .where(
            kept.standing == Standing.ELSEWHERE,
            kept.subsidiary_id.in_(live),
            *within(scope, kept.subsidiary_id),
        )
        .group_by(kept.currency)
    )


def _exact_read(scope: Scope) -> Figure:
    """Tell when Exact's entries were read, as seconds, for all figures are numbers."""
    moment = seconds_of(func.min(EntryFeedRow.read_at))
    return (
        _figure(Counted.EXACT_READ, cast(null(), String), moment, literal(0))
        .join_from(EntryFeedRow, ConnectionRow, ConnectionRow.id == EntryFeedRow.connection_id)
        .where(ConnectionRow.live_subsidiary.is_not(None), *within(scope, ConnectionRow.subsidiary_id))
    )


class seconds_of(FunctionElement[int]):  # noqa: N801 it reads as a function
    """A moment as seconds since 1970."""

    type = BigInteger()
    inherit_cache = True


@compiles(seconds_of, "sqlite")
def _seconds_in_sqlite(element: seconds_of, compiler: SQLCompiler, **options: Any) -> str:
    return f"strftime('%s', {compiler.process(element.clauses, **options)})"


@compiles(seconds_of, "postgresql")
def _seconds_in_postgres(element: seconds_of, compiler: SQLCompiler, **options: Any) -> str:
    return f"extract(epoch FROM {compiler.process(element.clauses, **options)})"


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
