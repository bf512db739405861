"""Which invoices the list shows: its views, its filters, and both in SQL."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, literal_column, select, union
from sqlalchemy.orm import InstrumentedAttribute

from portal.domain.copies.standing import Standing
from portal.store.invoice_tallies import LISTED
from portal.store.invoices import InvoiceRow
from portal.store.needs import NeedRow
from portal.store.runs import booked_by

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
SORTS: Mapping[str, InstrumentedAttribute[Any]] = {
    "date": InvoiceRow.invoiced_on,
    "due": InvoiceRow.pay_on,
    "number": InvoiceRow.number,
    "customer": InvoiceRow.company_name,
    "total": InvoiceRow.amount_with_tax,
}

# Said in other words than the partial indexes, none of which holds what is searched, and with all days, so
# that SQLite goes through the one index that begins with the day and holds everything.
SEARCHED = (
    InvoiceRow.deleted == false(),
    InvoiceRow.sample == false(),
    InvoiceRow.invoiced_on > literal_column("'0001-01-01'"),
)
# Spelled into the statement, for an index of what is unpaid is found by it.
ZERO: ColumnElement[int] = literal_column("0")
EMPTY: ColumnElement[Any] = literal_column("''")
NEVER: ColumnElement[Any] = literal_column("'9999-12-31'")
LEAST: Mapping[str, ColumnElement[Any]] = {
    "pay_on": literal_column("'0001-01-01'"),
    "invoiced_on": literal_column("'0001-01-01'"),
    "amount_with_tax": ZERO,
}


@dataclass(frozen=True, slots=True)
class Filters:
    """What the URL asks for. All subsidiaries, where ``subsidiaries`` is None."""

    # ``company`` is the name of the company that was picked, else words of one. Of a ``run`` those are shown
    # that it booked.

    subsidiaries: tuple[str, ...] | None = None
    view: str = "all"
    query: str = ""
    company_id: str = ""
    company: str = ""
    need: str = ""
    subject: str = ""
    run: str = ""
    since: date | None = None
    until: date | None = None
    sort: str = "date"
    descending: bool = True

    @property
    def is_narrow(self) -> bool:
        """Say whether invoices are looked for by more than what is kept in counts."""
        return bool(self.query or self.company_id or self.company or self.need or self.run)


@dataclass(frozen=True, slots=True)
class Cell:
    """What invoices add up to that stand, are paid and are invoiced alike, in cents.

    ``ids`` names them where they were looked for one by one and are two at most.
    """

    subsidiary_id: str
    standing: Standing
    paid: str
    currency: str
    count: int
    total: int
    unpaid: int
    ids: frozenset[str] = field(default=frozenset(), compare=False, repr=False)


@cache
def views_of(standing: Standing, paid: str) -> frozenset[str]:
    """Name the views that show what stands and is paid so."""
    cell = Cell("", standing, paid, "", 0, 0, 0)
    return frozenset(name for name, view in VIEWS.items() if view.takes(cell))


def filtered(filters: Filters, today: date) -> Select[InvoiceRow]:
    """Return the query of these filters, without order."""
    query = in_any_view(filters)
    condition = in_view(VIEWS[filters.view], today)
    return query if condition is None else query.where(condition)


def in_any_view(filters: Filters) -> Select[InvoiceRow]:
    """Return the query of these filters but the view."""
    query = select(InvoiceRow).where(*(SEARCHED if filters.query else LISTED))
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

    if filters.run:
        query = query.where(InvoiceRow.id.in_(booked_by(filters.run)))

    return query.where(_needs(filters)) if filters.need else query


def _needs(filters: Filters) -> ColumnElement[bool]:
    """Say in SQL that an invoice needs what is filtered, as its first problem or as another."""
    needing = select(NeedRow.invoice_id).where(NeedRow.code == filters.need)
    if filters.subject:
        return InvoiceRow.id.in_(needing.where(NeedRow.subject == filters.subject))

    # A copy that was refused says why, without a need of its own.
    first = select(InvoiceRow.id).where(InvoiceRow.need == filters.need)
    return InvoiceRow.id.in_(union(needing, first))


def in_view(view: View, today: date, *, sort: str = "due") -> ColumnElement[bool] | None:
    """Return the condition of a view, None for all."""
    # In another order than that of the due date its index would have to be sorted, so it is not offered.
    due = InvoiceRow.pay_on if sort == "due" else func.coalesce(InvoiceRow.pay_on, NEVER)
    conditions: list[ColumnElement[bool]] = []
    if view.standings:
        conditions.append(InvoiceRow.standing.in_(view.standings))

    if view.paid:
        conditions.append(InvoiceRow.amount_unpaid != ZERO)
        if UNPAID not in view.paid:
            conditions += [InvoiceRow.amount_unpaid > 0, due < today]

    return and_(*conditions) if conditions else None
