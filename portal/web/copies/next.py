"""Which invoice of the list comes after this one, of those that can be copied or need somebody."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from flask import request, url_for
from flask_babel import gettext as _
from sqlalchemy import Select, func, select, tuple_, union_all
from werkzeug.datastructures import MultiDict

from portal.domain.copies.standing import Standing
from portal.extensions import db
from portal.store.invoice_filters import SORTS, Filters, filtered
from portal.store.invoice_list import list_page
from portal.store.invoices import InvoiceRow
from portal.store.standings import stands
from portal.web.common.access import subsidiary_scope
from portal.web.common.clock import today
from portal.web.common.htmx import is_htmx
from portal.web.invoices.filters import read_filters

OPEN = (Standing.READY, Standing.NEEDS_YOU)
# No further than this many pages of the list is looked for the next one.
PAGES = 20
# Of more than so many nobody is told which this is, so that they need not be counted.
MOST_TOLD = 500


@dataclass(frozen=True, slots=True)
class Place:
    """Where a dialog stands in its list. ``query`` is the list's, None where it was opened elsewhere."""

    query: str | None
    said: str
    next_id: str | None
    back: str


def read_list() -> str | None:
    """Return the query of the list that a dialog was opened from, None where it was not from a list."""
    given = request.values.get("list")
    if given is not None:
        return given

    seen = request.headers.get("HX-Current-URL") if is_htmx() else request.referrer
    try:
        parts = urlsplit(seen or "")
    except ValueError:
        return None

    return parts.query if parts.path == url_for("invoices.list_invoices") else None


def find_place(row: InvoiceRow) -> Place:
    """Find where an invoice stands in its list, and which comes next."""
    query = read_list()
    filters = _filters(query, row)
    page = url_for("invoices.show_invoice", invoice_id=row.id)
    anchor = f"#invoice-row-{row.id}"
    listed = url_for("invoices.list_invoices") + (f"?{query}" if query else "")

    return Place(
        query=query,
        said=_say_place(filters, row),
        next_id=_find_next(filters, row),
        back=page if query is None else f"{listed}{anchor}",
    )


def _filters(query: str | None, row: InvoiceRow) -> Filters:
    """Return the filters of the list, or all of the invoice's subsidiary."""
    if query is None:
        return Filters(subsidiaries=(row.subsidiary_id,))

    filters, _troubles = read_filters(MultiDict(parse_qsl(query)), subsidiary_scope())
    return filters


def _find_next(filters: Filters, row: InvoiceRow) -> str | None:
    """Return the first invoice after this one that can be copied or needs somebody."""
    column = SORTS[filters.sort]
    value = getattr(row, column.key)
    if value is not None:
        return _next_after(filters, column, tuple_(value, row.id))

    cursor: str | None = row.id
    for _page in range(PAGES):
        page = list_page(db.session(), filters, today(), cursor=cursor or "")
        found = next((each.id for each in page.rows if each.standing in OPEN and each.id != row.id), None)
        cursor = page.older
        if found or not cursor:
            return found

    return None


def _next_after(filters: Filters, column: Any, here: Any) -> str | None:
    """Return the first open invoice after a place in the list, by one seek for each standing."""
    place = tuple_(column, InvoiceRow.id)
    order = (column.desc(), InvoiceRow.id.desc()) if filters.descending else (column, InvoiceRow.id)
    after = place < here if filters.descending else place > here
    firsts = [
        filtered(filters, today())
        .where(stands(standing), after)
        .with_only_columns(InvoiceRow.id.label("id"), column.label("place"))
        .order_by(None)
        .order_by(*order)
        .limit(1)
        .subquery()
        for standing in OPEN
    ]
    each = union_all(*(select(first) for first in firsts)).subquery()
    found = (each.c.place.desc(), each.c.id.desc()) if filters.descending else (each.c.place, each.c.id)
    return db.session.scalar(select(each.c.id).order_by(*found).limit(1))


def _say_place(filters: Filters, row: InvoiceRow) -> str:
    """Say which this is of those in the list that stand like it."""
    if row.standing not in OPEN:
        return ""

    alike = filtered(filters, today()).where(stands(row.standing))
    count = _count_some(alike)
    column = SORTS[filters.sort]
    value = getattr(row, column.key)
    if count < 2 or count > MOST_TOLD or value is None:
        return ""

    place = tuple_(column, InvoiceRow.id)
    here = tuple_(value, row.id)
    before = alike.where(place > here if filters.descending else place < here)
    number = _count_some(before) + 1
    if row.standing == Standing.NEEDS_YOU:
        return str(_("%(number)s of %(count)s that need you", number=number, count=count))

    return str(_("%(number)s of %(count)s that are ready", number=number, count=count))


def _count_some(query: Select[InvoiceRow]) -> int:
    """Count the rows of a query, at most one more than are told."""
    some = query.with_only_columns(InvoiceRow.id).order_by(None).limit(MOST_TOLD + 1).subquery()
    return db.session.scalar(select(func.count()).select_from(some)) or 0
