"""The month-end statement, the charts, and the file of what is filtered."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from flask import (
    Response,
    render_template,
    request,
    url_for,
)

from portal.domain.books.states import Agreement
from portal.domain.house.states import Role
from portal.extensions import db
from portal.store.book_sums import totals
from portal.store.catalogue import read_stored_catalogue
from portal.store.reconciliation import Filters, compared, in_order, is_stale
from portal.store.sign_offs import SignOffRow, sign_off_of
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
from portal.web.reconciliation.moment import at_one_moment
from portal.web.reconciliation.open_amounts import open_totals, open_words
from portal.web.reconciliation.readings import list_readings
from portal.web.reconciliation.sums import add_up, count_views

# More rows than this are no page that anybody prints; the CSV has them all.
MOST_PRINTED = 2000


@blueprint.get("/reconciliation.csv")
@require(Role.VIEWER)
def download_csv() -> Response:
    """Download what is filtered, with the causes."""
    filters, _troubles = read_filters(request.args, subsidiary_scope(), today())
    return write_csv(filters, subsidiary_names(), f"reconciliation-{filters.period.text}.csv")


@blueprint.get("/reconciliation/statement")
@require(Role.VIEWER)
def show_statement() -> str:
    """Show the statement of a period, to be printed and signed."""
    filters, troubles = read_filters(request.args, subsidiary_scope(), today())
    words = at_one_moment(lambda: statement_words(filters))

    return render_template(
        "reconciliation/statement.html",
        filters=filters,
        troubles=troubles,
        period=say_period(filters.period),
        most=MOST_PRINTED,
        made_at=wiring().clock(),
        code_names=CODE_NAMES,
        csv_url=url_for("reconciliation.download_csv", period=filters.period.text, view="all"),
        **words,
    )


def statement_words(filters: Filters) -> dict[str, Any]:
    """Return what a statement holds."""
    session = db.session()
    wanted = [replace(filters, view=view, code="") for view in ("differing", Agreement.EXPLAINED)]
    differing, explained = (
        session.scalars(in_order(compared(one)).limit(MOST_PRINTED)).all() for one in wanted
    )

    names = subsidiary_names()
    sums = totals(session, filters.period, filters.subsidiaries)
    by_vat = statement_sums(session, filters.period, filters.subsidiaries)
    shown = {each.subsidiary_id for each in sums} | set(filters.subsidiaries or ())

    return open_words(filters) | {
        "totals": sums,
        "sums": add_up(sums),
        "counts": count_views(sums),
        "to_check": {(each.subsidiary_id, each.journal, each.currency): each for each in sums},
        "journals": by_vat.journals,
        "vat_codes": by_vat.codes,
        "code_texts": code_texts({each.connection_id for each in by_vat.codes}),
        "open_totals": open_totals(filters.subsidiaries),
        "names": names,
        "subsidiaries": sorted(names.get(one, one) for one in shown),
        "sign_offs": signed(filters, sorted(shown)),
        "readings": list_readings(filters),
        "stale": is_stale(session),
        "differing": explain(session, differing, may_write=False),
        "explained": explain(session, explained, may_write=False),
    }


def code_texts(connections: Iterable[int | None]) -> dict[tuple[int | None, str], str]:
    """Return what each VAT code is called in Exact, with its percentage."""
    return {
        (connection_id, code.code.strip()): f"{code.description} ({code.percentage.normalize():f} %)"
        for connection_id in connections
        if connection_id
        for code in read_stored_catalogue(db.session(), connection_id).vat_codes
    }


def signed(filters: Filters, subsidiaries: Iterable[str]) -> list[tuple[str, SignOffRow | None]]:
    """Return the newest sign-off of the month for each subsidiary, none where a period is no month."""
    if not filters.period.is_month:
        return []
    month = filters.period.text
    return [(one, sign_off_of(db.session(), one, month)) for one in subsidiaries]


@blueprint.get("/reconciliation/charts")
@require(Role.VIEWER)
def show_charts() -> str:
    """Show the charts on a page of their own."""
    filters, _troubles = read_filters(request.args, subsidiary_scope(), today())
    words = at_one_moment(lambda: open_words(filters))
    return render_template("reconciliation/charts.html", period=say_period(filters.period), **words)
