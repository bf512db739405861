"""The list of invoices: each page by one query that begins where the page does."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, case, func, select, tuple_, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session

from portal.domain.copies.standing import Standing
from portal.domain.payments.states import PaymentState
from portal.domain.said import Said
from portal.store.copies import CopyRow
from portal.store.invoice_filters import (
    EMPTY,
    LEAST,
    OVERDUE,
    PAID,
    SORTS,
    UNPAID,
    VIEWS,
    Cell,
    Filters,
    filtered,
    in_view,
)
from portal.store.invoice_sums import count_cells
from portal.store.invoice_tallies import LISTED
from portal.store.invoices import InvoiceRow
from portal.store.needs import NeedRow
from portal.store.payments import PaymentRow
from portal.store.use_tallies import COMPANIES

PAGE = 25
# So many rows are sorted rather than looked for in the order of a column.
FEW = 5000
# So many questions are kept put together.
MOST = 256


class Listed(NamedTuple):
    """An invoice as a list reads it: with what its latest copy, its first need and its payments say."""

    id: str
    number: str | None
    subject: str
    company_name: str
    invoiced_on: date
    pay_on: date | None
    currency: str
    amount_with_tax: int
    amount_unpaid: int
    amount_paid: int
    amount_written_off: int
    standing: Standing
    copy_state: str
    need: str | None
    exclude_reason: str | None
    entry_number: str | None
    trouble: Said | None
    need_code: str | None
    need_values: Mapping[str, str] | None
    # The day of the last payment that came from Exact.
    paid_on: date | None


@dataclass(frozen=True, slots=True)
class Page:
    """One page. Its cursors ``newer`` and ``older`` are None at the ends."""

    rows: Sequence[Listed]
    newer: str | None
    older: str | None


def list_page(
    session: Session,
    filters: Filters,
    today: date,
    *,
    cursor: str = "",
    back: bool = False,
    cells: Sequence[Cell] | None = None,
) -> Page:
    """Return one page after (or, going back, before) a cursor ``id``.

    ``cells`` are the counts of these filters, where they are known already.
    """
    column = SORTS[filters.sort]
    anchor = _anchor(session, column, cursor)
    back = back and anchor is not None
    downward = filters.descending != back

    place = Place(column, anchor, downward)
    cells = count_cells(session, filters, today) if cells is None else cells
    shown = [cell for cell in cells if VIEWS[filters.view].takes(cell)]
    stands = tuple(sorted({(cell.subsidiary_id, cell.standing) for cell in shown}))
    # What a search found is read at once where counting it named it all, and not looked for again.
    ids = named_in(shown) if filters.is_narrow and anchor is None else None
    query = _read(ids, place) if ids else _chosen(filters, today, place, stands, _is_few(filters, shown))
    found = [] if query is None else [Listed(*row) for row in session.execute(query)]
    more = len(found) > PAGE
    rows = found[:PAGE]
    if back:
        rows.reverse()

    newer = rows[0].id if rows and (more if back else anchor is not None) else None
    older = rows[-1].id if rows and (anchor is not None if back else more) else None
    return Page(rows, newer, older)


def named_in(cells: Sequence[Cell]) -> list[str] | None:
    """Return all invoices of what was counted, None where some have no name."""
    ids = [row_id for cell in cells for row_id in cell.ids]
    return ids if len(ids) == sum(cell.count for cell in cells) else None


def _anchor(session: Session, column: InstrumentedAttribute[Any], cursor: str) -> tuple[Any, str] | None:
    """Return the value and the id of the row that a page follows, None where it is gone."""
    if not cursor:
        return None
    found = session.execute(select(column, InvoiceRow.id).where(InvoiceRow.id == cursor)).first()
    return found and (found[0], found[1])


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins, and in which order it goes on. What has no value is less than any."""

    column: InstrumentedAttribute[Any]
    anchor: tuple[Any, str] | None
    downward: bool

    @property
    def key(self) -> ColumnElement[Any]:
        """Return what rows are ordered by, whichever index finds them."""
        if self.column.key == "invoiced_on":
            return self.column.expression
        return func.coalesce(self.column, LEAST.get(self.column.key, EMPTY))

    @property
    def order(self) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
        """Return the order of a few rows, in which no index is looked for."""
        return self._ordered(self.key)

    @property
    def settled(self) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
        """Return the order of rows that are found already, for which no index may be gone through."""
        return self._ordered(func.coalesce(self.column, LEAST.get(self.column.key, EMPTY)))

    def _ordered(self, key: ColumnElement[Any]) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
        return (key.desc(), InvoiceRow.id.desc()) if self.downward else (key.asc(), InvoiceRow.id.asc())

    def narrowed(self, query: Select[str]) -> Select[str]:
        """Narrow a query to what follows the place."""
        if self.anchor is None:
            return query
        value, row_id = self.anchor
        least = LEAST.get(self.column.key, EMPTY)
        here = tuple_(least if value is None else value, row_id)
        place = tuple_(self.key, InvoiceRow.id)

        return query.where(place < here if self.downward else place > here)

    def each_part(self, query: Select[str], *, has_gaps: bool) -> Iterator[Select[str]]:
        """Yield what follows in the order of an index: what has a value, and what has none."""
        column = self.column
        value, row_id = self.anchor or (None, None)
        if not (column.nullable and self.anchor is not None and value is None and self.downward):
            part = query.where(column.is_not(None)) if column.nullable else query
            if value is not None:
                place = tuple_(column, InvoiceRow.id)
                here = tuple_(value, row_id)
                part = part.where(place < here if self.downward else place > here)
            yield part.order_by(*self._ordered(column.expression))

        if has_gaps and column.nullable and (value is None or self.downward):
            part = query.where(column.is_(None))
            if self.anchor is not None and value is None:
                part = part.where(InvoiceRow.id < row_id if self.downward else InvoiceRow.id > row_id)
            yield part.order_by(InvoiceRow.id.desc() if self.downward else InvoiceRow.id.asc())


# Most pages are the first one of a view, whose question is put together once a day.
@lru_cache(MOST)
def _chosen(
    filters: Filters, today: date, place: Place, stands: tuple[tuple[str, Standing], ...], is_few: bool
) -> Select[*tuple[Any, ...]] | None:
    """Return the query of a page, None where nothing matches."""
    if not stands:
        return None

    if filters.is_narrow or is_few:
        ids = place.narrowed(filtered(filters, today).with_only_columns(InvoiceRow.id))
        few = ids.order_by(*place.order).limit(PAGE + 1).subquery()
        return _read(select(few.c.id), place)

    parts = [
        part.limit(PAGE + 1).subquery()
        for query in _each_branch(filters, today, stands)
        # What is overdue has a due date.
        for part in place.each_part(query, has_gaps=filters.sort != "due" or filters.view != OVERDUE)
    ]
    return _read(union_all(*(select(part.c.id) for part in parts)), place)


def _is_few(filters: Filters, shown: Sequence[Cell]) -> bool:
    """Say whether the days of a period hold so few that it is quicker to sort them by another column."""
    is_bounded = filters.since is not None or filters.until is not None
    return is_bounded and filters.sort != "date" and sum(cell.count for cell in shown) <= FEW


def _each_branch(
    filters: Filters, today: date, stands: Sequence[tuple[str, Standing]]
) -> Iterator[Select[str]]:
    """Yield queries that have an index in each order, by subsidiary and by state."""
    view = VIEWS[filters.view]
    days = [
        *([InvoiceRow.invoiced_on >= filters.since] if filters.since else []),
        *([InvoiceRow.invoiced_on <= filters.until] if filters.until else []),
    ]
    query = select(InvoiceRow.id).where(*LISTED, *days)
    if view.standings:
        for subsidiary_id, standing in stands:
            yield query.where(InvoiceRow.subsidiary_id == subsidiary_id, InvoiceRow.standing == standing)
        return

    condition = in_view(view, today, sort=filters.sort)
    for subsidiary_id in sorted({subsidiary_id for subsidiary_id, _standing in stands}):
        mine = query.where(InvoiceRow.subsidiary_id == subsidiary_id)
        yield mine if condition is None else mine.where(condition)


# Said so that SQLite looks up the few payments of an invoice, not all that were made.
IS_MADE = func.coalesce(PaymentRow.state, EMPTY) == PaymentState.MADE
PAID_ON = (
    select(func.max(PaymentRow.paid_on))
    .where(PaymentRow.invoice_id == InvoiceRow.id, IS_MADE)
    .correlate(InvoiceRow)
    .scalar_subquery()
)
READ: tuple[Any, ...] = (
    *(getattr(InvoiceRow, name) for name in Listed._fields[: Listed._fields.index("entry_number")]),
    CopyRow.entry_number,
    CopyRow.trouble,
    NeedRow.code,
    NeedRow.values,
    case((InvoiceRow.amount_unpaid == 0, PAID_ON)),
)


def _read(ids: Any, place: Place | None = None) -> Select[*tuple[Any, ...]]:
    """Return the query that reads rows of the list, a page of them in its order."""
    query = (
        select(*READ)
        .select_from(InvoiceRow)
        .outerjoin(CopyRow, CopyRow.id == InvoiceRow.latest_copy_id)
        .outerjoin(NeedRow, and_(NeedRow.invoice_id == InvoiceRow.id, NeedRow.position == 0))
        .where(InvoiceRow.id.in_(ids))
    )
    return query if place is None else query.order_by(*place.settled).limit(PAGE + 1)


def listed_again(session: Session, subsidiaries: tuple[str, ...] | None, ids: Sequence[str]) -> list[Listed]:
    """Return rows that a page shows, as they are now."""
    query = _read(ids).where(*LISTED)
    if subsidiaries is not None:
        query = query.where(InvoiceRow.subsidiary_id.in_(subsidiaries))
    return [Listed(*row) for row in session.execute(query)]


def paid_state(row: InvoiceRow | Listed, today: date) -> str:
    """Name the paid state: paid, part_paid, overdue or unpaid."""
    if row.amount_unpaid == 0:
        return PAID
    if row.pay_on and row.pay_on < today and row.amount_unpaid > 0:
        return OVERDUE
    return "part_paid" if row.amount_paid or row.amount_written_off else UNPAID


def company_name(session: Session, company_id: str) -> str:
    """Return the name of a company as its invoices carry it, empty where it has none."""
    query = select(func.max(InvoiceRow.company_name)).where(InvoiceRow.company_id == company_id)
    return session.scalar(query) or ""


def find_companies(
    session: Session, subsidiaries: tuple[str, ...] | None, text: str, limit: int
) -> list[tuple[str, str, int]]:
    """Return (id, name, invoices) of companies whose name has these words, those that begin so first."""
    where = [] if subsidiaries is None else [COMPANIES.c.subsidiary_id.in_(subsidiaries)]
    names: dict[str, tuple[str, int]] = {}
    for row in session.execute(COMPANIES.read("company_id", "company_name", where=where)):
        name, invoices = names.get(row.company_id, ("", 0))
        names[row.company_id] = (max(name, row.company_name), invoices + row.rows)

    # SQLite folds ASCII letters alone, so names are compared here.
    words = text.casefold().split()
    found = [
        (company_id, name, invoices)
        for company_id, (name, invoices) in names.items()
        if all(word in name.casefold() for word in words)
    ]
    start = text.strip().casefold()
    found.sort(key=lambda each: (not each[1].casefold().startswith(start), each[1].casefold(), each[0]))
    return found[:limit]
