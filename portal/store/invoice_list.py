"""The list of invoices: filters, totals and pages, by one indexed query each."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select, tuple_
from sqlalchemy.orm import Session

from portal.domain.copies.standing import Standing
from portal.domain.payments.states import PaymentState
from portal.store.copies import CopyRow
from portal.store.invoices import InvoiceRow
from portal.store.needs import NeedRow
from portal.store.payments import PaymentRow

PAGE = 50
PAID = "paid"
UNPAID = "unpaid"
OVERDUE = "overdue"
OWED = (UNPAID, OVERDUE)
NOT_COPIED = (Standing.READY, Standing.NEEDS_YOU, Standing.UNSURE, Standing.UNCONNECTED)


@dataclass(frozen=True, slots=True)
class View:
    """Which invoices a view shows: those that stand and are paid so, any where it is empty."""

    standings: Collection[Standing] = ()
    paid: Collection[str] = ()

    def takes(self, cell: "Cell") -> bool:
        """Say whether what was counted together belongs to the view."""
        stands = not self.standings or cell.standing in self.standings
        return stands and (not self.paid or cell.paid in self.paid)


VIEWS: Mapping[str, View] = {
    "all": View(),
    "ready": View((Standing.READY,)),
    "needs-you": View((Standing.NEEDS_YOU,)),
    "copying": View((Standing.COPYING,)),
    "refused": View((Standing.REFUSED,)),
    "changed": View((Standing.CHANGED,)),
    "as-copied": View((Standing.COPIED, Standing.DIFFERENT)),
    "elsewhere": View((Standing.ELSEWHERE,)),
    "unpaid": View(paid=OWED),
    "overdue": View(paid=(OVERDUE,)),
    # Names of before, for addresses that people kept.
    "not-copied": View(NOT_COPIED),
    "copied": View((Standing.COPIED, Standing.DIFFERENT, Standing.CHANGED)),
    "failed": View((Standing.REFUSED, Standing.DIFFERENT)),
}
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

    # ``company`` is the name of the company that was picked, else words of one.

    subsidiaries: tuple[str, ...] | None = None
    view: str = "all"
    query: str = ""
    company_id: str = ""
    company: str = ""
    need: str = ""
    subject: str = ""
    since: date | None = None
    until: date | None = None
    sort: str = "date"
    descending: bool = True


@dataclass(frozen=True, slots=True)
class Cell:
    """What invoices add up to that stand, are paid and are invoiced alike, in cents."""

    standing: Standing
    paid: str
    currency: str
    count: int
    total: int
    unpaid: int


@dataclass(frozen=True, slots=True)
class Total:
    """What the filtered invoices of one currency add up to, in cents."""

    currency: str
    count: int
    total: int
    unpaid: int


@dataclass(frozen=True, slots=True)
class Page:
    """One page, each row with its latest copy. Its cursors ``newer`` and ``older`` are None at the ends."""

    rows: Sequence[tuple[InvoiceRow, CopyRow | None]]
    newer: str | None
    older: str | None


def filtered(filters: Filters, today: date) -> Select[InvoiceRow]:
    """Return the query of these filters, without order."""
    query = _in_any_view(filters)
    condition = in_view(VIEWS[filters.view], today)
    return query if condition is None else query.where(condition)


def _in_any_view(filters: Filters) -> Select[InvoiceRow]:
    """Return the query of these filters but the view."""
    query = select(InvoiceRow).where(InvoiceRow.deleted.is_(False), InvoiceRow.sample.is_(False))
    if filters.subsidiaries is not None:
        query = query.where(InvoiceRow.subsidiary_id.in_(filters.subsidiaries))

    if filters.company_id:
        query = query.where(InvoiceRow.company_id == filters.company_id)

    for word in () if filters.company_id else filters.company.split():
        query = query.where(func.lower(InvoiceRow.company_name).contains(word.lower(), autoescape=True))

    if filters.since:
        query = query.where(InvoiceRow.invoiced_on >= filters.since)

    if filters.until:
        query = query.where(InvoiceRow.invoiced_on <= filters.until)

    for word in filters.query.lower().split():
        query = query.where(InvoiceRow.search_text.contains(word, autoescape=True))

    return query.where(_needs(filters)) if filters.need else query


def _needs(filters: Filters) -> ColumnElement[bool]:
    """Say in SQL that an invoice needs what is filtered, as its first problem or as another."""
    one = select(NeedRow.invoice_id).where(NeedRow.invoice_id == InvoiceRow.id, NeedRow.code == filters.need)
    if filters.subject:
        return one.where(NeedRow.subject == filters.subject).exists()
    return or_(InvoiceRow.need == filters.need, one.exists())


def in_view(view: View, today: date) -> ColumnElement[bool] | None:
    """Return the condition of a view, None for all."""
    conditions: list[ColumnElement[bool]] = []
    if view.standings:
        conditions.append(InvoiceRow.standing.in_(view.standings))

    if view.paid:
        conditions.append(InvoiceRow.amount_unpaid != 0)
        if UNPAID not in view.paid:
            conditions += [InvoiceRow.amount_unpaid > 0, InvoiceRow.pay_on < today]

    return and_(*conditions) if conditions else None


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

    found = _with_copies(session, chosen)
    more = len(found) > PAGE
    rows = found[:PAGE]
    if back:
        rows.reverse()

    newer = rows[0][0].id if rows and (more if back else anchor is not None) else None
    older = rows[-1][0].id if rows and (anchor is not None if back else more) else None
    return Page(rows, newer, older)


def listed_again(
    session: Session, subsidiaries: tuple[str, ...] | None, ids: Sequence[str]
) -> list[tuple[InvoiceRow, CopyRow | None]]:
    """Return rows that a page shows, as they are now."""
    query = filtered(Filters(subsidiaries=subsidiaries), date.max).where(InvoiceRow.id.in_(ids))
    return _with_copies(session, query)


def _with_copies(session: Session, query: Select[InvoiceRow]) -> list[tuple[InvoiceRow, CopyRow | None]]:
    """Read invoices, each with the copy that counts."""
    paired = query.outerjoin(CopyRow, CopyRow.id == InvoiceRow.latest_copy_id).add_columns(CopyRow)
    return [(row, copy) for row, copy in session.execute(paired)]


def last_payments(session: Session, ids: Sequence[str]) -> dict[str, date]:
    """Return the day of the last payment that came from Exact, of those invoices that have one."""
    if not ids:
        return {}
    made = (PaymentRow.invoice_id.in_(ids), PaymentRow.state == PaymentState.MADE)
    query = select(PaymentRow.invoice_id, func.max(PaymentRow.paid_on)).where(*made)
    return dict(session.execute(query.group_by(PaymentRow.invoice_id)).tuples().all())


def _least(sort: str) -> Any:
    return {"due": date(1, 1, 1), "number": ""}.get(sort, 0 if sort == "total" else "")


def count_cells(session: Session, filters: Filters, today: date) -> list[Cell]:
    """Count what is filtered, whatever the view: all chips and totals of a page by one query."""
    paid = case(
        (InvoiceRow.amount_unpaid == 0, PAID),
        (and_(InvoiceRow.amount_unpaid > 0, InvoiceRow.pay_on < today), OVERDUE),
        else_=UNPAID,
    ).label("paid")
    rows = _in_any_view(filters).with_only_columns(
        InvoiceRow.standing, paid, InvoiceRow.currency, InvoiceRow.amount_with_tax, InvoiceRow.amount_unpaid
    )
    each = rows.subquery()
    # In the order of the index that holds all of it, so that SQLite takes that one.
    alike = (each.c.standing, each.c.currency, each.c.paid)
    query = select(
        *alike, func.count(), func.sum(each.c.amount_with_tax), func.sum(each.c.amount_unpaid)
    ).group_by(*alike)

    return [
        Cell(standing, paid, currency, count, int(total), int(unpaid))
        for standing, currency, paid, count, total, unpaid in session.execute(query)
    ]


def count_view(cells: Iterable[Cell], view: str) -> int:
    """Return how many invoices a view shows."""
    return sum(cell.count for cell in cells if VIEWS[view].takes(cell))


def total_view(cells: Iterable[Cell], view: str) -> list[Total]:
    """Add up what a view shows, per currency, the most invoices first."""
    found: dict[str, Total] = {}
    for cell in cells:
        if VIEWS[view].takes(cell):
            old = found.get(cell.currency, Total(cell.currency, 0, 0, 0))
            found[cell.currency] = Total(
                cell.currency,
                old.count + cell.count,
                old.total + cell.total,
                old.unpaid + cell.unpaid,
            )

    return sorted(found.values(), key=lambda total: (-total.count, total.currency))


def totals(session: Session, filters: Filters, today: date) -> list[Total]:
    """Add up what is filtered, per currency."""
    return total_view(count_cells(session, filters, today), filters.view)


def paid_state(row: InvoiceRow, today: date) -> str:
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
    count = func.count()
    name = func.max(InvoiceRow.company_name)
    query = select(InvoiceRow.company_id, name, count).group_by(InvoiceRow.company_id)
    if subsidiaries is not None:
        query = query.where(InvoiceRow.subsidiary_id.in_(subsidiaries))

    # SQLite folds ASCII letters alone, so names are compared here. An index holds all that is read.
    words = text.casefold().split()
    found = [
        (company_id, name, invoices)
        for company_id, name, invoices in session.execute(query)
        if all(word in name.casefold() for word in words)
    ]
    start = text.strip().casefold()
    found.sort(key=lambda each: (not each[1].casefold().startswith(start), each[1].casefold(), each[0]))
    return found[:limit]
