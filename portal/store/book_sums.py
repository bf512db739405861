"""What both books add up to: per month and journal, by age, and how late invoices are paid."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    CompoundSelect,
    Select,
    case,
    func,
    literal,
    null,
    select,
    union_all,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.domain.books.aging import AGES, DELAYS
from portal.domain.periods import Period
from portal.store.base import Base
from portal.store.book_tallies import OUR_OPEN, PAID_LATE
from portal.store.receivables import OpenReceivableRow
from portal.store.reconciliation import Scope


class ComparedTotalRow(Base):
    """What one month of a journal adds up to on both sides, in one currency."""

    __tablename__ = "comparison_total"

    subsidiary_id: Mapped[str] = mapped_column(primary_key=True)
    month: Mapped[str] = mapped_column(primary_key=True)
    journal: Mapped[str] = mapped_column(primary_key=True)
    currency: Mapped[str] = mapped_column(primary_key=True)
    ours: Mapped[int] = mapped_column(BigInteger)
    ours_count: Mapped[int]
    theirs: Mapped[int] = mapped_column(BigInteger)
    theirs_count: Mapped[int]
    equal: Mapped[int]
    different: Mapped[int]
    productive: Mapped[int]
    exact: Mapped[int]
    explained: Mapped[int]


@dataclass(frozen=True, slots=True)
class Total:
    """What a journal of a subsidiary adds up to in a period and a currency."""

    subsidiary_id: str
    journal: str
    currency: str
    ours: int
    ours_count: int
    theirs: int
    theirs_count: int
    equal: int
    different: int
    productive: int
    exact: int
    explained: int

    @property
    def difference(self) -> int:
        """Exact minus Productive."""
        return self.theirs - self.ours

    @property
    def differing(self) -> int:
        """How many rows differ."""
        return self.different + self.productive + self.exact

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return self.equal + self.explained + self.differing


SUMMED = (
    "ours",
    "ours_count",
    "theirs",
    "theirs_count",
    "equal",
    "different",
    "productive",
    "exact",
    "explained",
)


def totals(session: Session, period: Period, scope: Scope) -> list[Total]:
    """Add up a period per subsidiary, journal and currency."""
    group = (ComparedTotalRow.subsidiary_id, ComparedTotalRow.journal, ComparedTotalRow.currency)
    # What is in no journal comes last.
    query = _sums(period, scope).order_by(group[0], group[1] == "", group[1], group[2])
    return [_total(row) for row in session.execute(query)]


def _sums(period: Period, scope: Scope) -> Select[*tuple[Any, ...]]:
    """Return the query that adds up a period, without order."""
    group = (ComparedTotalRow.subsidiary_id, ComparedTotalRow.journal, ComparedTotalRow.currency)
    first, last = period.months
    sums = (func.sum(getattr(ComparedTotalRow, name)).label(name) for name in SUMMED)
    query: Select[*tuple[Any, ...]] = select(*group, *sums).group_by(*group)
    query = query.where(ComparedTotalRow.month >= first, ComparedTotalRow.month <= last)
    return query if scope is None else query.where(ComparedTotalRow.subsidiary_id.in_(scope))


def _total(row: Sequence[Any]) -> Total:
    return Total(*row[:3], *(int(each) for each in row[3:]))


def known_months(session: Session, scope: Scope) -> Sequence[str]:
    """Return the months in which there is anything, newest first."""
    return session.scalars(_months(scope).order_by(ComparedTotalRow.month.desc())).all()


def _months(scope: Scope) -> Select[str]:
    query = select(ComparedTotalRow.month).distinct()
    return query if scope is None else query.where(ComparedTotalRow.subsidiary_id.in_(scope))


def totals_and_months(session: Session, period: Period, scope: Scope) -> tuple[list[Total], list[str]]:
    """Add up a period, and return the months in which there is anything, all by one query."""
    months = _months(scope).subquery()
    sums = _sums(period, scope).subquery()
    blank = [null().label(column.name) for column in sums.c]
    query = union_all(
        select(null().label("of_month"), *sums.c), select(months.c.month.label("of_month"), *blank)
    )

    found: list[Total] = []
    known: list[str] = []
    for month, *row in session.execute(query):
        if month is None:
            found.append(_total(row))
        else:
            known.append(month)

    order = sorted(found, key=lambda one: (one.subsidiary_id, not one.journal, one.journal, one.currency))
    return order, sorted(known, reverse=True)


@dataclass(frozen=True, slots=True)
class AgeSum:
    """What is open on both sides in one class of age: how many invoices and terms, and how much."""

    code: str
    ours_count: int = 0
    ours: int = 0
    theirs_count: int = 0
    theirs: int = 0


# What has no due date has no age.
NO_DATE = "no date"


def open_by_age(session: Session, scope: Scope, today: date) -> dict[str, list[AgeSum]]:
    """Return per currency what is open in each class of age, the currency with most invoices first.

    Productive's side goes by the due date of an invoice, Exact's by that of each receivable term, whoever
    booked it.
    """
    sums: dict[str, dict[tuple[str, str], tuple[int, int]]] = {"ours": {}, "theirs": {}}
    for side, currency, code, count, amount in session.execute(_open(scope, today)):
        sums[side][currency, code] = (int(count), int(amount))

    ours = sums["ours"]
    theirs = sums["theirs"]
    known = {*ours, *theirs}
    found = {
        currency: [
            AgeSum(code, *ours.get((currency, code), (0, 0)), *theirs.get((currency, code), (0, 0)))
            for code in _codes(currency, known)
        ]
        for currency in {currency for currency, _code in known}
    }

    return dict(sorted(found.items(), key=lambda one: (-_documents(one[1]), one[0])))


def _open(scope: Scope, today: date) -> CompoundSelect[*tuple[Any, ...]]:
    """Return the query of what is open on both sides, by currency and class of age."""
    sides = (
        ("ours", OUR_OPEN.c, OUR_OPEN.c.rows),
        ("theirs", OpenReceivableRow.__table__.c, OpenReceivableRow.count),
    )
    queries = []
    for side, columns, count in sides:
        each = select(
            columns.currency.label("currency"),
            _age(columns.due_on, today).label("code"),
            count.label("count"),
            columns.amount.label("amount"),
        )
        if scope is not None:
            each = each.where(columns.subsidiary_id.in_(scope))

        rows = each.subquery()
        whole = func.sum(rows.c.count)
        query = select(literal(side), rows.c.currency, rows.c.code, whole, func.sum(rows.c.amount))
        queries.append(query.group_by(rows.c.currency, rows.c.code).having(whole != 0))

    return union_all(*queries)


def _age(due_on: ColumnElement[date], today: date) -> ColumnElement[str]:
    """Say in SQL of which class of age it is what is due on a day."""
    classes = [
        (due_on >= today - timedelta(days=span.last), span.code) for span in AGES if span.last is not None
    ]
    spelled = [(is_so, literal(code, literal_execute=True)) for is_so, code in classes]
    nothing = (due_on.is_(None), literal(NO_DATE, literal_execute=True))
    return case(nothing, *spelled, else_=literal(AGES[-1].code, literal_execute=True))


def _codes(currency: str, known: Iterable[tuple[str, str]]) -> list[str]:
    codes = [span.code for span in AGES]
    return [*codes, NO_DATE] if (currency, NO_DATE) in known else codes


def _documents(sums: Iterable[AgeSum]) -> int:
    return sum(one.ours_count + one.theirs_count for one in sums)


def delays(session: Session, period: Period, scope: Scope) -> list[int]:
    """Return how many invoices of a period were paid in each class of days after the due date."""
    first, last = period.months
    conditions = [PAID_LATE.c.month >= first, PAID_LATE.c.month <= last]
    if scope is not None:
        conditions.append(PAID_LATE.c.subsidiary_id.in_(scope))

    found = {row.delay: row.rows for row in session.execute(PAID_LATE.read("delay", where=conditions))}
    return [found.get(span.code, 0) for span in DELAYS]
