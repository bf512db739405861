"""Reconciliation: both books side by side, row by row explained; the month-end statement and two charts."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from flask import (
    Blueprint,
    Response,
    abort,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from portal.actions.books.accept import AcceptError, Seen, accept_entry, end_acceptance
from portal.actions.books.compare import compare_books
from portal.actions.books.read_entries import request_readings
from portal.actions.engine.jobs import Job
from portal.domain.books.states import DIFFERENCES, Agreement
from portal.domain.house.states import Role
from portal.domain.periods import neighbours
from portal.domain.unreadable import Kind
from portal.extensions import db, the_portal
from portal.store.connections import ConnectionRow, SubsidiaryRow, live_connections
from portal.store.entries import AcceptedRow, EntryFeedRow, EntryReadingRow
from portal.store.reconciliation import (
    VIEWS,
    ComparedRow,
    Filters,
    Total,
    compared,
    delays,
    in_order,
    is_stale,
    known_months,
    list_page,
    open_by_age,
    totals,
)
from portal.web.common.access import current_person, require, see_or_404, subsidiary_scope, wiring
from portal.web.common.clock import today
from portal.web.common.htmx import is_htmx
from portal.web.common.unreadable import unreadable_of
from portal.web.common.urls import url_with
from portal.web.reconciliation.charts import draw_ages, draw_delays
from portal.web.reconciliation.csv import write_csv
from portal.web.reconciliation.explain import explain
from portal.web.reconciliation.filters import (
    CODE_NAMES,
    VIEW_NAMES,
    offered_periods,
    read_filters,
    say_period,
)
from portal.web.reconciliation.sides import read_sides
from portal.web.trials.links import go_to_entry

blueprint = Blueprint("reconciliation", __name__)
PATIENCE = timedelta(minutes=30)
RENEWED = "books-compared"
# More rows than this are no page that anybody prints; the CSV has them all.
MOST_PRINTED = 2000


@dataclass(frozen=True, slots=True)
class Sum:
    """What a currency adds up to over all journals."""

    currency: str
    ours: int
    theirs: int
    differing: int
    explained: int

    @property
    def difference(self) -> int:
        """Exact minus Productive."""
        return self.theirs - self.ours


@dataclass(frozen=True, slots=True)
class Reading:
    """How the entries of one connection were read: at all, this month as a whole, and whether it goes on."""

    connection: ConnectionRow
    subsidiary: str
    read_at: datetime | None
    whole_at: datetime | None
    entries: int
    running: bool
    trouble: str | None


@blueprint.get("/reconciliation")
@require(Role.VIEWER)
def show_reconciliation() -> ResponseReturnValue:
    """Show both books side by side, or only the rows when htmx asks."""
    filters, troubles = read_filters(request.args, subsidiary_scope(), today())
    template = "reconciliation/_list.html" if is_htmx() else "reconciliation/page.html"
    words = list_words(filters) | {"troubles": troubles}

    if not is_htmx():
        words["unreadable"] = unreadable_of(Kind.ENTRY, Kind.INVOICE)
        words |= page_words(filters, words["totals"]) | status_words(filters)

    answer = make_response(render_template(template, **words))
    answer.headers["Vary"] = "HX-Request"
    return answer


def list_words(filters: Filters) -> dict[str, Any]:
    """Return what the rows show: chips with their counts, and one page."""
    path = url_for("reconciliation.show_reconciliation")
    back = "before" in request.args
    cursor = request.args.get("before" if back else "after", "")
    page = list_page(db.session(), filters, cursor=cursor, back=back)
    sums = totals(db.session(), filters.period, filters.subsidiaries)
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


def count_views(sums: Sequence[Total]) -> dict[str, int]:
    """Count the rows of every view."""
    found = {name: sum(getattr(each, name) for each in sums) for name in VIEWS[1:-1]}
    differing = sum(each.differing for each in sums)
    return found | {"differing": differing, "all": sum(each.rows for each in sums)}


def page_words(filters: Filters, sums: Sequence[Total]) -> dict[str, Any]:
    """Return what stands above the rows."""
    path = url_for("reconciliation.show_reconciliation")
    args = request.args
    around = neighbours(filters.period)
    months = known_months(db.session(), filters.subsidiaries)

    return {
        "sums": add_up(sums),
        "names": subsidiary_names(),
        "periods": offered_periods(months, filters.period, today()),
        "earlier": url_with(path, args, period=around[0].text) if around else None,
        "later": url_with(path, args, period=around[1].text) if around else None,
        "csv_url": url_with(url_for("reconciliation.download_csv"), args, period=filters.period.text),
        "statement_url": url_for("reconciliation.show_statement", period=filters.period.text),
        "charts_url": url_for("reconciliation.show_charts", period=filters.period.text),
    }


def add_up(sums: Sequence[Total]) -> list[Sum]:
    """Add up the journals, currency by currency."""
    found: dict[str, Sum] = {}
    for each in sums:
        before = found.get(each.currency, Sum(each.currency, 0, 0, 0, 0))
        found[each.currency] = replace(
            before,
            ours=before.ours + each.ours,
            theirs=before.theirs + each.theirs,
            differing=before.differing + each.differing,
            explained=before.explained + each.explained,
        )

    return sorted(found.values(), key=lambda one: -abs(one.ours) - abs(one.theirs))


def subsidiary_names() -> dict[str, str]:
    """Return the subsidiaries' names."""
    return {row.id: row.name for row in db.session.scalars(select(SubsidiaryRow))}


def status_words(filters: Filters) -> dict[str, Any]:
    """Return how far Exact was read, and whether something is still being compared."""
    readings = list_readings(filters)
    stale = is_stale(db.session())
    if stale:
        the_portal().nudge(Job.COMPARE_BOOKS, "")

    live = stale or any(each.running for each in readings)
    address = url_for("reconciliation.show_status", period=filters.period.text)
    return {
        "readings": readings,
        "stale": stale,
        "live": live,
        "status_url": address,
        "filters": filters,
        "period": say_period(filters.period),
    }


def list_readings(filters: Filters) -> list[Reading]:
    """Return how the entries of each connection in sight were read."""
    session = db.session()
    now = wiring().clock()
    first, last = filters.period.months
    found = []
    names = subsidiary_names()

    for row in live_connections(session):
        if filters.subsidiaries is not None and row.subsidiary_id not in filters.subsidiaries:
            continue

        feed = session.get(EntryFeedRow, row.id)
        months = session.scalars(
            select(EntryReadingRow).where(
                EntryReadingRow.connection_id == row.id,
                EntryReadingRow.month >= first,
                EntryReadingRow.month <= last,
            )
        ).all()

        wanted = [each.wanted_at for each in months if each.wanted_at]
        whole = [each.read_at for each in months if each.read_at]
        found.append(
            Reading(
                connection=row,
                subsidiary=names.get(row.subsidiary_id, row.division_name),
                read_at=feed.read_at if feed else None,
                whole_at=min(whole) if whole else None,
                entries=sum(each.entries for each in months),
                running=any(now - each <= PATIENCE for each in wanted),
                trouble=feed.trouble if feed else None,
            )
        )

    return found


@blueprint.get("/reconciliation/status")
@require(Role.VIEWER)
def show_status() -> ResponseReturnValue:
    """Show how far Exact was read; when nothing goes on any more, the rows renew themselves."""
    filters, _troubles = read_filters(request.args, subsidiary_scope(), today())
    if not is_htmx():
        return redirect(url_for("reconciliation.show_reconciliation", period=filters.period.text))

    words = status_words(filters)
    answer = make_response(render_template("reconciliation/_status.html", **words))
    if not words["live"]:
        answer.headers["HX-Trigger"] = RENEWED

    return answer


@blueprint.get("/reconciliation/summary")
@require(Role.VIEWER)
def show_summary() -> ResponseReturnValue:
    """Show the sums alone, for when they changed."""
    filters, _troubles = read_filters(request.args, subsidiary_scope(), today())
    if not is_htmx():
        return redirect(url_for("reconciliation.show_reconciliation", period=filters.period.text))
    sums = totals(db.session(), filters.period, filters.subsidiaries)
    words = page_words(filters, sums) | {"filters": filters, "totals": sums}
    return render_template("reconciliation/_summary.html", period=say_period(filters.period), **words)


@blueprint.post("/reconciliation/read")
@require(Role.FINANCE)
def read_now() -> ResponseReturnValue:
    """Ask for the entries of a period; the answer is the progress."""
    filters, _troubles = read_filters(request.args, subsidiary_scope(), today())
    count = request_readings(
        db.session(),
        the_portal().nudge,
        filters.period,
        subsidiaries=filters.subsidiaries,
        whole="whole" in request.form,
        now=wiring().clock(),
    )
    if is_htmx():
        return render_template("reconciliation/_status.html", **status_words(filters))

    if count:
        flash(
            _("Exact is being read. The rows change as soon as that has ended; reload the page."), "success"
        )
    else:
        flash(_("No subsidiary in sight is connected to Exact, so there is nothing to read."), "warn")

    return redirect(url_for("reconciliation.show_reconciliation", period=filters.period.text))


@blueprint.get("/reconciliation/rows/<key>")
@require(Role.VIEWER)
def show_row(key: str) -> str:
    """Show one row on a page of its own."""
    row = find_row(key)
    return render_template("reconciliation/show.html", **sides_words(row))


@blueprint.get("/reconciliation/rows/<key>/sides")
@require(Role.VIEWER)
def show_sides(key: str) -> str:
    """Show both sides of one row, inside the list."""
    return render_template("reconciliation/_sides.html", **sides_words(find_row(key)))


def find_row(key: str) -> ComparedRow:
    """Return a row the person may see, else 404."""
    row = db.session.get(ComparedRow, key)
    if row is None:
        abort(404)
    see_or_404(row.subsidiary_id)
    return row


def sides_words(row: ComparedRow) -> dict[str, Any]:
    """Return both sides of a row and what can be done."""
    (each,) = explain(db.session(), [row], may_write=current_person().may_write)
    return {"sides": read_sides(db.session(), row), "each": each, "code_names": CODE_NAMES}


@blueprint.get("/reconciliation/rows/<key>/entry")
@require(Role.VIEWER)
def open_entry(key: str) -> ResponseReturnValue:
    """Lead to the entry in Exact."""
    row = find_row(key)
    connection = db.session.get(ConnectionRow, row.connection_id or 0)
    entry_id = row.entry_id
    db.session.commit()
    if connection is None or entry_id is None:
        abort(404)

    # The page is opened with the person's own sign-in at Exact, whatever became of ours.
    url = wiring().ledger_with(connection.locale, "", connection.division).entry_url(entry_id)
    return go_to_entry(connection, url)


@blueprint.post("/reconciliation/rows/<key>/accept")
@require(Role.FINANCE)
def accept(key: str) -> ResponseReturnValue:
    """Accept Exact's version as it was seen."""
    row = find_row(key)
    seen = Seen(request.form.get("content", ""), request.form.get("reason", ""))
    actor = current_person().name
    now = wiring().clock()

    try:
        accept_entry(db.session(), the_portal().nudge, row.key, seen=seen, actor=actor, now=now)
        flash(_("Accepted. It no longer counts as a difference while neither side changes."), "success")
    except AcceptError as error:
        db.session.rollback()
        flash(str(error), "error")

    compare_books(db.session(), clock=wiring().clock)
    return redirect(url_for("reconciliation.show_row", key=key))


@blueprint.post("/reconciliation/accepted/<accepted_id>/end")
@require(Role.FINANCE)
def take_back(accepted_id: str) -> ResponseReturnValue:
    """Let an accepted difference count again."""
    accepted = db.session.get(AcceptedRow, accepted_id)
    if accepted is None:
        abort(404)

    see_or_404(db.session.get_one(ConnectionRow, accepted.connection_id).subsidiary_id)
    key = (
        f"i-{accepted.invoice_id}"
        if accepted.invoice_id
        else f"e-{accepted.connection_id}-{accepted.entry_id}"
    )

    now = wiring().clock()
    end_acceptance(db.session(), the_portal().nudge, accepted_id, actor=current_person().name, now=now)
    compare_books(db.session(), clock=wiring().clock)
    flash(_("It counts as a difference again."), "success")

    return redirect(url_for("reconciliation.show_row", key=key))


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
