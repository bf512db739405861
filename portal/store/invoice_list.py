"""The list of invoices: filters, totals and pages, by one indexed query each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select, tuple_
from sqlalchemy.orm import Session

from portal.domain.connections.states import ConnectionState
from portal.domain.copies.states import CopyState
from portal.store.connections import ConnectionRow
from portal.store.invoices import NOT_COPIED, InvoiceRow

PAGE = 50
VIEWS = ("all", "not-copied", "copied", "changed", "failed", "unpaid", "overdue")
SORTS: Mapping[str, Any] = {
    "date": InvoiceRow.invoiced_on,
    "due": InvoiceRow.pay_on,
    "number": InvoiceRow.number,
    "customer": InvoiceRow.company_name,
    "total": InvoiceRow.amount_with_tax,
}


@dataclass(frozen=True, slots=True)
class Filters:
    """What the URL asks for. All subsidiaries, where ``subsidiaries`` is None."""

    subsidiaries: tuple[str, ...] | None = None
    view: str = "all"
    query: str = ""
    company_id: str = ""
    since: date | None = None
    until: date | None = None
    sort: str = "date"
    descending: bool = True


@dataclass(frozen=True, slots=True)
class Total:
    """What the filtered invoices of one currency add up to, in cents."""

    currency: str
    count: int
    total: int
    unpaid: int


@dataclass(frozen=True, slots=True)
class Page:
    """One page. Its cursors ``newer`` and ``older`` are None at the ends."""

    rows: Sequence[InvoiceRow]
    newer: str | None
    older: str | None


def filtered(filters: Filters, today: date) -> Select[InvoiceRow]:
    """Return the query of these filters, without order."""
    query = select(InvoiceRow).where(InvoiceRow.deleted.is_(False), InvoiceRow.sample.is_(False))
    if filters.subsidiaries is not None:
        query = query.where(InvoiceRow.subsidiary_id.in_(filters.subsidiaries))

    if filters.company_id:
        query = query.where(InvoiceRow.company_id == filters.company_id)

    if filters.since:
        query = query.where(InvoiceRow.invoiced_on >= filters.since)

    if filters.until:
        query = query.where(InvoiceRow.invoiced_on <= filters.until)

    for word in filters.query.lower().split():
        query = query.where(InvoiceRow.search_text.contains(word, autoescape=True))

    condition = in_view(filters.view, today)
    return query if condition is None else query.where(condition)


def in_view(view: str, today: date) -> ColumnElement[bool] | None:
    """Return the condition of a view, None for all."""
    conditions: dict[str, ColumnElement[bool]] = {
        "not-copied": and_(InvoiceRow.copy_state.in_((NOT_COPIED, CopyState.UNDONE)), not_before_cut_over()),
        "copied": InvoiceRow.copy_state.in_((CopyState.COPIED, CopyState.DIFFERENT)),
        "changed": InvoiceRow.changed_since_copied.is_(True),
        "failed": InvoiceRow.copy_state.in_((CopyState.REFUSED, CopyState.UNCERTAIN, CopyState.DIFFERENT)),
        "unpaid": InvoiceRow.amount_unpaid != 0,
        "overdue": and_(InvoiceRow.amount_unpaid > 0, InvoiceRow.pay_on < today),
    }

    return conditions.get(view)


def not_before_cut_over() -> ColumnElement[bool]:
    """Leave out invoices dated before their connection copies from."""
    earlier = select(ConnectionRow.id).where(
        ConnectionRow.state == ConnectionState.LIVE,
        ConnectionRow.subsidiary_id == InvoiceRow.subsidiary_id,
        ConnectionRow.copy_from > InvoiceRow.invoiced_on,
    )
    return ~earlier.exists()


def list_page(
    session: Session, filters: Filters, today: date, *, cursor: str = "", back: bool = False
) -> Page:
    """Return one page after (or, going back, before) a cursor ``id``."""
    column = SORTS[filters.sort]
    anchor = session.get(InvoiceRow, cursor) if cursor else None
    back = back and anchor is not None
    downward = filters.descending != back
    query = filtered(filters, today)
    key = func.coalesce(column, _least(filters.sort)) if column.nullable else column

    if anchor is not None:
        value = getattr(anchor, column.key) or _least(filters.sort)
        place = tuple_(key, InvoiceRow.id)
        query = query.where(place < (value, anchor.id) if downward else place > (value, anchor.id))

    order = (key.desc(), InvoiceRow.id.desc()) if downward else (key, InvoiceRow.id)
    chosen = query.order_by(*order).limit(PAGE + 1)

    if filters.query:
        # Which rows is settled by an index alone; only then are the rows read, with their long bodies.
        ids = chosen.with_only_columns(InvoiceRow.id)
        chosen = select(InvoiceRow).where(InvoiceRow.id.in_(ids)).order_by(*order)

    found = list(session.scalars(chosen))
    more = len(found) > PAGE
    rows = found[:PAGE]
    if back:
        rows.reverse()

    newer = rows[0].id if rows and (more if back else anchor is not None) else None
    older = rows[-1].id if rows and (anchor is not None if back else more) else None
    return Page(rows, newer, older)


def _least(sort: str) -> Any:
    return {"due": date(1, 1, 1), "number": ""}.get(sort, 0 if sort == "total" else "")


def totals(session: Session, filters: Filters, today: date) -> list[Total]:
    """Add up what is filtered, per currency."""
    rows = filtered(filters, today).subquery()
    query = select(
        rows.c.currency, func.count(), func.sum(rows.c.amount_with_tax), func.sum(rows.c.amount_unpaid)
    )
    found = session.execute(query.group_by(rows.c.currency).order_by(func.count().desc()))
    return [Total(currency, count, int(total), int(unpaid)) for currency, count, total, unpaid in found]


def paid_state(row: InvoiceRow, today: date) -> str:
    """Name the paid state: paid, part_paid, overdue or unpaid."""
    if row.amount_unpaid == 0:
        return "paid"
    if row.pay_on and row.pay_on < today and row.amount_unpaid > 0:
        return "overdue"
    return "part_paid" if row.amount_paid or row.amount_written_off else "unpaid"


def newest_companies(session: Session, subsidiaries: tuple[str, ...] | None) -> list[tuple[str, str]]:
    """Return (id, name) of the companies that have invoices, by name."""
    query = select(InvoiceRow.company_id, func.max(InvoiceRow.company_name)).group_by(InvoiceRow.company_id)
    if subsidiaries is not None:
        query = query.where(InvoiceRow.subsidiary_id.in_(subsidiaries))
    found = session.execute(query.order_by(func.max(InvoiceRow.company_name)).limit(500))
    return [(company_id, name) for company_id, name in found]
