"""The month-end statement, the charts, and the file of what is filtered."""

from dataclasses import replace

from flask import (
    Response,
    render_template,
    request,
    url_for,
)

from portal.domain.books.states import Agreement
from portal.domain.house.states import Role
from portal.extensions import db
from portal.store.book_sums import delays, open_by_age, totals
from portal.store.reconciliation import compared, in_order, is_stale
from portal.web.common.access import require, subsidiary_scope, wiring
from portal.web.common.clock import today
from portal.web.common.htmx import is_htmx
from portal.web.reconciliation.blueprint import blueprint, subsidiary_names
from portal.web.reconciliation.charts import draw_ages, draw_delays
from portal.web.reconciliation.csv import write_csv
from portal.web.reconciliation.explain import explain
from portal.web.reconciliation.filters import (
    CODE_NAMES,
    read_filters,
    say_period,
)
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
    session = db.session()
    wanted = [replace(filters, view=view, code="") for view in ("differing", Agreement.EXPLAINED)]
    differing, explained = (
        session.scalars(in_order(compared(one)).limit(MOST_PRINTED)).all() for one in wanted
    )
    names = subsidiary_names()
    sums = totals(session, filters.period, filters.subsidiaries)
    shown = {each.subsidiary_id for each in sums} | set(filters.subsidiaries or ())

    return render_template(
        "reconciliation/statement.html",
        filters=filters,
        troubles=troubles,
        period=say_period(filters.period),
        totals=sums,
        sums=add_up(sums),
        counts=count_views(sums),
        names=names,
        subsidiaries=sorted(names.get(one, one) for one in shown),
        readings=list_readings(filters),
        stale=is_stale(session),
        differing=explain(session, differing, may_write=False),
        explained=explain(session, explained, may_write=False),
        most=MOST_PRINTED,
        made_at=wiring().clock(),
        code_names=CODE_NAMES,
        csv_url=url_for("reconciliation.download_csv", period=filters.period.text, view="all"),
    )


@blueprint.get("/reconciliation/charts")
@require(Role.VIEWER)
def show_charts() -> str:
    """Show the charts: inside the page when htmx asks, else on a page of their own."""
    filters, _troubles = read_filters(request.args, subsidiary_scope(), today())
    session = db.session()
    return render_template(
        "reconciliation/_charts.html" if is_htmx() else "reconciliation/charts.html",
        period=say_period(filters.period),
        ages=draw_ages(open_by_age(session, filters.subsidiaries, today())),
        delays=draw_delays(delays(session, filters.period, filters.subsidiaries)),
        today=today(),
    )
