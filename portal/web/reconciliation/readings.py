"""How far the entries of Exact were read, and asking for more."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import (
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

from portal.actions.books.request_readings import request_readings
from portal.actions.engine.jobs import Job
from portal.domain.house.states import Role
from portal.extensions import db, the_portal
from portal.store.connections import ConnectionRow, live_connections
from portal.store.entries import EntryFeedRow, EntryReadingRow
from portal.store.reconciliation import Filters, is_stale
from portal.web.common.access import require, subsidiary_scope, wiring
from portal.web.common.clock import today
from portal.web.common.htmx import is_htmx
from portal.web.reconciliation.blueprint import blueprint, subsidiary_names
from portal.web.reconciliation.filters import (
    read_filters,
    say_period,
)

PATIENCE = timedelta(minutes=30)


RENEWED = "books-compared"


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
    """Show how far Exact was read."""
    # When nothing goes on any more, the rows renew themselves.
    filters, _troubles = read_filters(request.args, subsidiary_scope(), today())
    if not is_htmx():
        return redirect(url_for("reconciliation.show_reconciliation", period=filters.period.text))

    words = status_words(filters)
    answer = make_response(render_template("reconciliation/_status.html", **words))
    if not words["live"]:
        answer.headers["HX-Trigger"] = RENEWED

    return answer


@blueprint.post("/reconciliation/read")
@require(Role.FINANCE)
def read_now() -> ResponseReturnValue:
    """Ask for the entries of a period, and show the progress."""
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
