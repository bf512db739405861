"""What the list adds up to: from kept counts, or counted where it is looked for by more than they know."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, case, func, literal, select, union_all
from sqlalchemy.orm import Session

from portal.domain.copies.standing import Standing
from portal.store.invoice_filters import OVERDUE, PAID, UNPAID, VIEWS, Cell, Filters, in_any_view, views_of
from portal.store.invoice_tallies import BY_DUE_DAY, BY_MONTH, BY_STANDING, LISTED
from portal.store.invoices import InvoiceRow
from portal.store.tallies import Tally, add_up

# What rows of a count are grouped by, in this order, before what they add up to.
ALIKE = ("subsidiary_id", "standing", "currency", "paid")
Key = tuple[str, Standing, str, str]
# So many questions are kept put together.
MOST = 256
# So many invoices are named by the first and the last of them.
NAMED = 2


@dataclass(frozen=True, slots=True)
class Total:
    """What the filtered invoices of one currency add up to, in cents."""

    currency: str
    count: int
    total: int
    unpaid: int


@dataclass(frozen=True, slots=True)
class Span:
    """Days of a filter: whole months, which are kept, and days of months that are not whole."""

    first: str | None
    last: str | None
    loose: tuple[tuple[date, date], ...] = ()

    @property
    def is_empty(self) -> bool:
        """Say whether there is no whole month in it."""
        return self.first is not None and self.last is not None and self.first > self.last


def count_cells(session: Session, filters: Filters, today: date) -> list[Cell]:
    """Count what is filtered, whatever the view: all chips and totals of a page by one query."""
    if filters.is_narrow:
        return [_cell(row) for row in session.execute(_counted(filters, today))]

    query = _kept(filters.subsidiaries, filters.since, filters.until, today)
    found: dict[Key, tuple[int, int, int]] = {}
    for subsidiary_id, standing, currency, paid, count, total, unpaid in session.execute(query):
        key = (subsidiary_id, standing, currency, paid)
        before = found.get(key, (0, 0, 0))
        found[key] = (before[0] + int(count), before[1] + int(total), before[2] + int(unpaid))

    return [
        Cell(subsidiary_id, standing, paid, currency, *sums)
        for (subsidiary_id, standing, currency, paid), sums in found.items()
        if sums[0]
    ]


def _counted(filters: Filters, today: date) -> Select[*tuple[Any, ...]]:
    """Return the query that counts the invoices themselves, and names the first and the last of each kind."""
    return _count(in_any_view(filters), today, names=True)


def _cell(row: Row[*tuple[Any, ...]]) -> Cell:
    """Return what was counted together. Two invoices at most are named by the first and the last."""
    subsidiary_id, standing, currency, paid, count, total, unpaid, first, last = row
    ids = frozenset((first, last)) if count <= NAMED else frozenset()
    return Cell(subsidiary_id, standing, paid, currency, int(count), int(total), int(unpaid), ids)


def _count(query: Select[InvoiceRow], today: date, *, names: bool = False) -> Select[*tuple[Any, ...]]:
    paid = case(
        (InvoiceRow.amount_unpaid == 0, PAID),
        (and_(InvoiceRow.amount_unpaid > 0, InvoiceRow.pay_on < today), OVERDUE),
        else_=UNPAID,
    ).label("paid")
    columns = (InvoiceRow.subsidiary_id, InvoiceRow.standing, InvoiceRow.currency, paid)
    each = query.with_only_columns(
        *columns, InvoiceRow.amount_with_tax, InvoiceRow.amount_unpaid, InvoiceRow.id
    ).subquery()
    alike = [each.c[name] for name in ALIKE]
    sums = (add_up(each.c.amount_with_tax), add_up(each.c.amount_unpaid))
    ends = (func.min(each.c.id), func.max(each.c.id)) if names else ()

    return select(*alike, func.count(), *sums, *ends).group_by(*alike)


# The same is asked on every page of the list, so each question is put together once a day.
@lru_cache(MOST)
def _kept(subsidiaries: tuple[str, ...] | None, since: date | None, until: date | None, today: date) -> Any:
    """Return the query of what is kept, with what is not over by the month or by the day."""
    filters = Filters(subsidiaries=subsidiaries, since=since, until=until)
    span = span_of(since, until)
    parts: list[Any] = []
    if not span.is_empty:
        parts += [_by_month(filters, span, today), *_due_this_month(filters, span, today)]

    for first, last in span.loose:
        days = InvoiceRow.invoiced_on.between(first, last)
        scope = _within(filters, InvoiceRow.subsidiary_id)
        parts.append(_count(select(InvoiceRow).where(*LISTED, days, *scope), today))

    return union_all(*parts)


def _by_month(filters: Filters, span: Span, today: date) -> Select[*tuple[Any, ...]]:
    """Return the query of what was due in months that are over, and of all that was not."""
    tally = BY_STANDING if span.first is None and span.last is None else BY_MONTH
    # What is due in a month that is not over counts as unpaid here.
    paid = case(
        (tally.c.is_unpaid.is_(False), PAID),
        (tally.c.due_month < f"{today:%Y-%m}", OVERDUE),
        else_=UNPAID,
    )
    alike = (tally.c.subsidiary_id, tally.c.standing, tally.c.currency, paid)
    sums = (add_up(tally.c[name]) for name in tally.counted)
    where = (*_within(filters, tally.c.subsidiary_id), *_months(tally, span))

    return select(*alike, *sums).where(*where).group_by(*alike)


def _due_this_month(
    filters: Filters, span: Span, today: date
) -> tuple[Select[*tuple[Any, ...]], Select[*tuple[Any, ...]]]:
    """Return the queries that turn what became due this month from unpaid to overdue."""
    tally = BY_DUE_DAY
    due = tally.c.pay_on.between(today.replace(day=1), today - timedelta(days=1))
    where = (due, *_within(filters, tally.c.subsidiary_id), *_months(tally, span))
    stands = (tally.c.subsidiary_id, tally.c.standing, tally.c.currency)
    added = [add_up(tally.c[name]) for name in tally.counted]

    more = select(*stands, literal(OVERDUE), *added).where(*where).group_by(*stands)
    less = select(*stands, literal(UNPAID), *(-each for each in added)).where(*where).group_by(*stands)
    return more, less


def _months(tally: Tally, span: Span) -> list[ColumnElement[bool]]:
    first = [tally.c.month >= span.first] if span.first else []
    return first + ([tally.c.month <= span.last] if span.last else [])


def _within(filters: Filters, column: Any) -> list[ColumnElement[bool]]:
    return [] if filters.subsidiaries is None else [column.in_(filters.subsidiaries)]


def span_of(since: date | None, until: date | None) -> Span:
    """Divide the days of a filter into whole months and the days before and after them."""
    if since and until and (since > until or f"{since:%Y-%m}" == f"{until:%Y-%m}"):
        whole = since.day == 1 and _is_last(until) and since <= until
        month = f"{since:%Y-%m}"
        return Span(month, month) if whole else Span("1", "0", ((since, until),))

    loose: list[tuple[date, date]] = []
    first: str | None = None
    last: str | None = None
    if since:
        first = f"{since:%Y-%m}" if since.day == 1 else f"{_month_end(since) + timedelta(days=1):%Y-%m}"
        if since.day != 1:
            loose.append((since, _month_end(since)))

    if until:
        last = f"{until:%Y-%m}" if _is_last(until) else f"{until.replace(day=1) - timedelta(days=1):%Y-%m}"
        if not _is_last(until):
            loose.append((until.replace(day=1), until))

    return Span(first, last, tuple(loose))


def _month_end(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def _is_last(day: date) -> bool:
    return day == _month_end(day)


def count_view(cells: Iterable[Cell], view: str) -> int:
    """Return how many invoices a view shows."""
    return sum(cell.count for cell in cells if view in views_of(cell.standing, cell.paid))


def count_views(cells: Iterable[Cell]) -> dict[str, int]:
    """Return how many invoices each view shows."""
    counts = dict.fromkeys(VIEWS, 0)
    for cell in cells:
        for view in views_of(cell.standing, cell.paid):
            counts[view] += cell.count
    return counts


def total_view(cells: Iterable[Cell], view: str) -> list[Total]:
    """Add up what a view shows, per currency, the most invoices first."""
    found: dict[str, tuple[int, int, int]] = {}
    for cell in cells:
        if view in views_of(cell.standing, cell.paid):
            count, total, unpaid = found.get(cell.currency, (0, 0, 0))
            found[cell.currency] = (count + cell.count, total + cell.total, unpaid + cell.unpaid)

    added = [Total(currency, *sums) for currency, sums in found.items()]
    return sorted(added, key=lambda total: (-total.count, total.currency))


def totals(session: Session, filters: Filters, today: date) -> list[Total]:
    """Add up what is filtered, per currency."""
    return total_view(count_cells(session, filters, today), filters.view)
