"""Reconciliation: both books side by side, row by row explained."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from flask import (
    make_response,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue

from portal.domain.books.states import DIFFERENCES
from portal.domain.house.states import Role
from portal.domain.periods import neighbours
from portal.domain.unreadable import Kind
from portal.extensions import db
from portal.store.book_ground import read_ground
from portal.store.book_sums import Total, totals_and_months
from portal.store.reconciliation import VIEWS, Filters, list_page
from portal.web.common.access import current_person, require, subsidiary_scope
from portal.web.common.clock import today
from portal.web.common.htmx import is_htmx
from portal.web.common.unreadable import unreadable_of
from portal.web.common.urls import url_with
from portal.web.reconciliation import rows, statement
from portal.web.reconciliation.blueprint import blueprint, subsidiary_names
from portal.web.reconciliation.explain import explain
from portal.web.reconciliation.filters import (
    CODE_NAMES,
    VIEW_NAMES,
    offered_periods,
    read_filters,
    say_period,
)
from portal.web.reconciliation.moment import at_one_moment, moment_words
from portal.web.reconciliation.readings import status_words
from portal.web.reconciliation.sums import add_up, count_views

__all__ = ["blueprint", "rows", "statement"]


@blueprint.get("/reconciliation")
@require(Role.VIEWER)
def show_reconciliation() -> ResponseReturnValue:
    """Show both books side by side, or only the rows when htmx asks."""
    filters, troubles = read_filters(request.args, subsidiary_scope(), today())
    words = at_one_moment(lambda: books_words(filters)) | {"troubles": troubles}
    template = "reconciliation/_books.html"

    if not is_htmx():
        template = "reconciliation/page.html"
        ground = words["ground"]
        words["unreadable"] = unreadable_of(Kind.ENTRY, Kind.INVOICE) if ground.unreadable else []
        words |= status_words(filters, ground)

    answer = make_response(render_template(template, **words))
    answer.headers["Vary"] = "HX-Request"
    return answer


def books_words(filters: Filters) -> dict[str, Any]:
    """Return totals and rows, of the moment that is read first."""
    ground = read_ground(db.session(), filters.period, filters.subsidiaries)
    sums, months = totals_and_months(db.session(), filters.period, filters.subsidiaries)
    moment = moment_words(ground.number, ground.compared_at)
    return {"ground": ground} | moment | list_words(filters, sums) | page_words(filters, sums, months)


def list_words(filters: Filters, sums: Sequence[Total]) -> dict[str, Any]:
    """Return what the rows show: chips with their counts, and one page."""
    path = url_for("reconciliation.show_reconciliation")
    back = "before" in request.args
    cursor = request.args.get("before" if back else "after", "")
    page = list_page(db.session(), filters, cursor=cursor, back=back)
    counts = count_views(sums)

    return {
        "filters": filters,
        "page": page,
        "rows": explain(db.session(), page.rows, may_write=current_person().may_write),
        "totals": sums,
        "counts": counts,
        "views": [
            (one, VIEW_NAMES[one], counts[one], url_with(path, request.args, view=one)) for one in VIEWS
        ],
        "codes": [(code, CODE_NAMES[code]) for code in DIFFERENCES],
        "code_names": CODE_NAMES,
        "url_with": partial(url_with, path, request.args),
        "here": url_with(path, request.args),
        "period": say_period(filters.period),
    }


def page_words(filters: Filters, sums: Sequence[Total], months: Sequence[str]) -> dict[str, Any]:
    """Return what stands above the rows."""
    path = url_for("reconciliation.show_reconciliation")
    args = request.args
    around = neighbours(filters.period)

    return {
        "sums": add_up(sums),
        "names": subsidiary_names(),
        "periods": offered_periods(months, filters.period, today()),
        "earlier": url_with(path, args, period=around[0].text) if around else None,
        "later": url_with(path, args, period=around[1].text) if around else None,
        "csv_url": url_with(url_for("reconciliation.download_csv"), args, period=filters.period.text),
        "charts_url": url_for("reconciliation.show_charts", period=filters.period.text),
        "charts_part_url": url_for("reconciliation.show_charts_part", period=filters.period.text),
        "statement_url": url_for("reconciliation.show_statement", period=filters.period.text),
    }
