"""The month-end statement, the charts, and the file of what is filtered."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from flask import (
    Response,
    make_response,
    render_template,
    request,
    url_for,
)

from portal.domain.books.states import Agreement
from portal.domain.house.states import Role
from portal.extensions import db
from portal.store.book_ground import read_ground
from portal.store.book_sums import totals
from portal.store.catalogue import read_stored_catalogue
from portal.store.reconciliation import ComparedRow, Filters, compared, in_order
from portal.store.sign_offs import SignOffRow, newest_sign_offs
from portal.store.statement_sums import statement_sums
from portal.web.common.access import require, subsidiary_scope, wiring
from portal.web.common.clock import today
from portal.web.reconciliation.blueprint import blueprint, subsidiary_names
from portal.web.reconciliation.csv import write_csv
from portal.web.reconciliation.explain import explain
from portal.web.reconciliation.filters import (
    CODE_NAMES,
    read_filters,
    say_period,
)
from portal.web.reconciliation.moment import at_one_moment, moment_words, now_words
from portal.web.reconciliation.open_amounts import chart_words, open_words
from portal.web.reconciliation.readings import RENEWED, list_readings
from portal.web.reconciliation.sums import add_up, count_views

# More rows than this are no page that anybody prints; the CSV has them all.
MOST_PRINTED = 2000
# So many of each list stand on the statement before somebody asks for all of them.
SHOWN = 10
DIFFERING = "differing"
LISTED = (DIFFERING, Agreement.EXPLAINED)


@blueprint.get("/reconciliation.csv")
@require(Role.VIEWER)
def download_csv() -> Response:
    """Download what is filtered, with the causes."""
    filters, _troubles = read_filters(request.args, subsidiary_scope(), today())
    return write_csv(filters, subsidiary_names(), f"reconciliation-{filters.period.text}.csv")


@blueprint.get("/reconciliation/statement")
@require(Role.VIEWER)
def show_statement() -> str:
    """Show the statement of a period, its longer lists cut short unless all of it is asked for."""
    filters, troubles = read_filters(request.args, subsidiary_scope(), today())
    is_whole = request.args.get("rows") == "all"
    words = at_one_moment(lambda: statement_words(filters, is_whole=is_whole))
    period = filters.period.text

    return render_template(
        "reconciliation/statement.html",
        filters=filters,
        troubles=troubles,
        period=say_period(filters.period),
        most=MOST_PRINTED,
        shown=SHOWN,
        made_at=wiring().clock(),
        code_names=CODE_NAMES,
        csv_url=url_for("reconciliation.download_csv", period=period, view="all"),
        whole_url=url_for("reconciliation.show_statement", period=period, rows="all"),
        **words,
    )


def statement_words(filters: Filters, *, is_whole: bool) -> dict[str, Any]:
    """Return what a statement holds, of the moment that is read first."""
    session = db.session()
    ground = read_ground(session, filters.period, filters.subsidiaries)
    sums = totals(session, filters.period, filters.subsidiaries)
    counts = count_views(sums)
    rows = {view: _rows(filters, view, counts[view], is_whole=is_whole) for view in LISTED}
    explained = iter(explain(session, [row for each in rows.values() for row in each], may_write=False))
    lists = {view: list(islice(explained, len(found))) for view, found in rows.items()}
    by_vat = statement_sums(session, filters.period, filters.subsidiaries)
    names = subsidiary_names()
    shown = {each.subsidiary_id for each in sums} | set(filters.subsidiaries or ())

    return (
        open_words(filters)
        | moment_words(ground.number, ground.compared_at)
        | {
            "totals": sums,
            "sums": add_up(sums),
            "counts": counts,
            "to_check": {(each.subsidiary_id, each.journal, each.currency): each for each in sums},
            "journals": by_vat.journals,
            "vat_codes": by_vat.codes,
            "code_texts": code_texts({each.connection_id for each in by_vat.codes}),
            "names": names,
            "subsidiaries": sorted(names.get(one, one) for one in shown),
            "sign_offs": signed(filters, sorted(shown)),
            "readings": list_readings(ground),
            "stale": ground.is_stale,
            "differing": lists[DIFFERING],
            "explained": lists[Agreement.EXPLAINED],
            "is_whole": all(len(each) >= min(counts[view], MOST_PRINTED) for view, each in lists.items()),
        }
    )


def _rows(filters: Filters, view: str, count: int, *, is_whole: bool) -> Sequence[ComparedRow]:
    """Return the newest rows of a list, none where it is known to be empty."""
    if not count:
        return ()

    query = in_order(compared(replace(filters, view=view, code="")))
    return db.session.scalars(query.limit(MOST_PRINTED if is_whole else SHOWN)).all()


def code_texts(connections: Iterable[int | None]) -> dict[tuple[int | None, str], str]:
    """Return what each VAT code is called in Exact, with its percentage."""
    return {
        (connection_id, code.code.strip()): f"{code.description} ({code.percentage.normalize():f} %)"
        for connection_id in connections
        if connection_id
        for code in read_stored_catalogue(db.session(), connection_id).vat_codes
    }


def signed(filters: Filters, subsidiaries: Sequence[str]) -> list[tuple[str, SignOffRow | None]]:
    """Return the newest sign-off of the month for each subsidiary, none where a period is no month."""
    if not filters.period.is_month:
        return []
    found = newest_sign_offs(db.session(), tuple(subsidiaries), [filters.period.text])
    newest = {row.subsidiary_id: row for row in found}
    return [(one, newest.get(one)) for one in subsidiaries]


@blueprint.get("/reconciliation/charts")
@require(Role.VIEWER)
def show_charts() -> str:
    """Show the charts on a page of their own."""
    filters, _troubles = read_filters(request.args, subsidiary_scope(), today())
    words = at_one_moment(lambda: now_words() | chart_words(filters))
    return render_template("reconciliation/charts.html", period=say_period(filters.period), **words)


@blueprint.get("/reconciliation/charts/part")
@require(Role.VIEWER)
def show_charts_part() -> Response:
    """Show the charts below the rows. Where these are of another moment by now, they renew themselves."""
    filters, _troubles = read_filters(request.args, subsidiary_scope(), today())
    words = at_one_moment(lambda: now_words() | chart_words(filters))
    page = render_template("reconciliation/_charts.html", period=say_period(filters.period), **words)
    answer = make_response(page)
    if request.args.get("moment", "") not in ("", str(words["moment_number"])):
        answer.headers["HX-Trigger"] = RENEWED

    return answer
