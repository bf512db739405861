"""What the list of invoices shows: its rows, chips, totals and the bar below."""

from collections.abc import Mapping, Sequence
from functools import cache, partial

from flask import current_app, request, url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from portal.domain.unreadable import Kind
from portal.extensions import db
from portal.store.invoice_filters import Cell, Filters, views_of
from portal.store.invoice_list import list_page, listed_again
from portal.store.invoice_sums import count_cells, count_views, total_view
from portal.store.runs import run_began_at
from portal.web.common.access import chosen_subsidiary, current_person, subsidiary_scope, wiring
from portal.web.common.clock import today
from portal.web.common.formats import money, read_moment
from portal.web.common.frame import places
from portal.web.common.htmx import is_htmx
from portal.web.common.live import live_version
from portal.web.common.need_words import short_word
from portal.web.common.unreadable import unreadable_of
from portal.web.common.urls import url_with
from portal.web.common.words import Words, words
from portal.web.invoices.filters import CUSTOM, NAMES, PERIODS, period_of, read_filters
from portal.web.invoices.reading import reading_words
from portal.web.invoices.rows import ListedRow, list_rows, row_words

CHIPS = {
    "all": _l("All"),
    "ready": _l("Ready"),
    "needs-you": _l("Needs you"),
    "copying": _l("Copying"),
    "refused": _l("Refused"),
    "changed": _l("Changed since copied"),
    "as-copied": _l("Copied"),
    "elsewhere": _l("Copied elsewhere"),
}
PAID_CHIPS = {
    "unpaid": _l("Unpaid"),
    "overdue": _l("Overdue"),
}
# Shown only where an address of before asks for them.
OLD_CHIPS = {
    "not-copied": _l("Not copied"),
    "copied": _l("Copied, changed or not"),
    "failed": _l("Failed"),
}
PERIOD_NAMES = {
    "this-month": _l("This month"),
    "last-month": _l("Last month"),
    "this-quarter": _l("This quarter"),
}
READY = "ready"
# So many rows may a page ask about at once.
MOST_ROWS = 200


def list_words() -> dict[str, object]:
    """Return what the list shows, and around it what htmx does not ask for."""
    # Noted before anything is read, so that a page is never newer than it says.
    live_version()
    session = db.session()
    filters, troubles = read_filters(request.args, subsidiary_scope())
    back = "before" in request.args
    cursor = request.args.get("before" if back else "after", "")
    cells = count_cells(session, filters, today())
    page = list_page(session, filters, today(), cursor=cursor, back=back, cells=cells)

    return {
        "page": page,
        "rows": list_rows(page.rows, may_write=current_person().may_write, today=today()),
        "filters": filters,
        "troubles": troubles,
        "sums": sums_of(cells, filters),
        **row_words(),
        **_filter_words(filters),
        **_words_around(filters.subsidiaries),
        **_address_words(),
    }


def live_words() -> dict[str, object]:
    """Return what changed of a page: the rows that look otherwise now, and all counts."""
    session = db.session()
    filters, _troubles = read_filters(request.args, subsidiary_scope())
    return {
        "rows": _changed_rows(session, filters.subsidiaries, request.args.get("rows", "")),
        "filters": filters,
        "sums": sums_of(count_cells(session, filters, today()), filters),
        **row_words(),
        **_address_words(),
    }


def _changed_rows(session: Session, subsidiaries: tuple[str, ...] | None, shown: str) -> list[ListedRow]:
    """Return the rows of a page that look otherwise than it says."""
    marks = {row_id: mark for row_id, _, mark in (each.rpartition(".") for each in shown.split()[:MOST_ROWS])}
    found = listed_again(session, subsidiaries, list(marks)) if marks else []
    rows = list_rows(found, may_write=current_person().may_write, today=today())
    return [row for row in rows if row.mark != marks[row.id]]


def sums_of(cells: Sequence[Cell], filters: Filters) -> dict[str, object]:
    """Return the count of each chip, and what the view and what is ready in it add up to."""
    shown = total_view(cells, filters.view)
    mine = [cell for cell in cells if filters.view in views_of(cell.standing, cell.paid)]
    ready = total_view(mine, READY)

    return {
        "counts": count_views(cells),
        "totals": shown,
        "count": sum(total.count for total in shown),
        "amount": say_amounts({total.currency: total.total for total in shown}),
        "ready": sum(total.count for total in ready),
        "ready_amount": say_amounts({total.currency: total.total for total in ready}),
    }


def say_amounts(amounts: Mapping[str, int]) -> str:
    """Spell amounts of several currencies in a row."""
    return " + ".join(money(cents, currency) for currency, cents in amounts.items())


def _filter_words(filters: Filters) -> dict[str, object]:
    """Return what stands in the fields above the list."""
    return {
        "period": period_of(request.args),
        "periods": [(name, PERIOD_NAMES[name]) for name in PERIODS],
        "need_word": short_word(filters.need) if filters.need else "",
        "run_at": run_began_at(db.session(), filters.run) if filters.run else None,
    }


def _words_around(scope: tuple[str, ...] | None) -> dict[str, object]:
    """Return what stands around the list on its page."""
    session = db.session()
    asked_at = read_moment(request.args.get("since"))

    return {
        "unreadable": [] if is_htmx() else unreadable_of(Kind.INVOICE, Kind.PAYMENT),
        "connected": bool(places().live(scope)),
        **reading_words(session, asked_at, wiring().clock()),
    }


def _address_words() -> dict[str, object]:
    """Return the addresses of the same list with other filters."""
    path = url_for("invoices.list_invoices")
    args = request.args.copy()
    names = {*NAMES, "subsidiary"} - (set() if period_of(args) == CUSTOM else {"from", "to"})
    for name in {*args} - names:
        args.pop(name)

    view = args.get("view", "")
    labels = _chip_labels(words())
    shown = [*CHIPS, *([view] if view in OLD_CHIPS else [])]
    choose = "runs.choose" in current_app.view_functions
    return {
        "chips": [(name, labels[name], url_with(path, args, view=_unless_all(name))) for name in shown],
        "paid_chips": [(name, labels[name], url_with(path, args, view=name)) for name in PAID_CHIPS],
        "url_with": partial(url_with, path, args),
        "csv_url": url_with(url_for("invoices.download_csv"), args),
        "here": url_with(path, args),
        "live_list_url": url_with(url_for("invoices.show_live"), args),
        "choose_url": url_with(url_for("runs.choose"), args) if choose else "",
        "choice_key": f"{current_person().id} {chosen_subsidiary() or ''}",
    }


@cache
def _chip_labels(_language: Words) -> dict[str, str]:
    """Return the labels of all chips in the request's language, which is the key."""
    return {name: str(label) for name, label in (CHIPS | PAID_CHIPS | OLD_CHIPS).items()}


def _unless_all(view: str) -> str | None:
    return None if view == "all" else view
