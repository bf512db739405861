"""What the list of invoices shows, and each of its rows."""

from functools import partial

from flask import request, url_for

from portal.domain.unreadable import Kind
from portal.extensions import db
from portal.store.connections import live_connections
from portal.store.invoice_list import VIEWS, list_page, newest_companies, paid_state, totals
from portal.web.common.access import subsidiary_scope, wiring
from portal.web.common.clock import today
from portal.web.common.formats import read_moment
from portal.web.common.htmx import is_htmx
from portal.web.common.unreadable import unreadable_of
from portal.web.common.urls import url_with
from portal.web.invoices.filters import read_filters
from portal.web.invoices.reading import reading_words

VIEW_NAMES = {
    "all": "All",
    "not-copied": "Not copied",
    "copied": "Copied",
    "changed": "Changed since copied",
    "failed": "Failed",
    "unpaid": "Unpaid",
    "overdue": "Overdue",
}


def list_words() -> dict[str, object]:
    """Return what the list shows, and around it what htmx does not ask for."""
    session = db.session()
    filters, troubles = read_filters(request.args, subsidiary_scope())
    back = "before" in request.args
    cursor = request.args.get("before" if back else "after", "")
    asked_at = read_moment(request.args.get("since"))

    return {
        "page": list_page(session, filters, today(), cursor=cursor, back=back),
        "totals": totals(session, filters, today()),
        "filters": filters,
        "troubles": troubles,
        **_words_around(filters.subsidiaries),
        **reading_words(session, asked_at, wiring().clock()),
        **_address_words(),
        **row_words(),
    }


def _words_around(scope: tuple[str, ...] | None) -> dict[str, object]:
    """Return what stands around the list on its page."""
    session = db.session()
    alone = is_htmx()
    live = live_connections(session)

    return {
        "unreadable": [] if alone else unreadable_of(Kind.INVOICE, Kind.PAYMENT),
        "companies": [] if alone else newest_companies(session, scope),
        "connected": any(scope is None or each.subsidiary_id in scope for each in live),
    }


def _address_words() -> dict[str, object]:
    """Return the addresses of the same list with other filters."""
    path = url_for("invoices.list_invoices")
    args = request.args.copy()
    args.pop("since", None)

    return {
        "views": [(name, VIEW_NAMES[name], url_with(path, args, view=name)) for name in VIEWS],
        "url_with": partial(url_with, path, args),
        "csv_url": url_with(url_for("invoices.download_csv"), args),
        "here": url_with(path, args),
    }


def row_words() -> dict[str, object]:
    """Return what every row needs. Invoices from before ``copy_from`` of their subsidiary offer no copy."""
    live = live_connections(db.session())
    return {
        "paid_state": paid_state,
        "today": today(),
        "copy_from": {each.subsidiary_id: each.copy_from for each in live if each.copy_from},
    }
