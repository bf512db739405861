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

from portal.actions.books.request_readings import request_readings
from portal.actions.engine.jobs import Job
from portal.domain.house.states import Role
from portal.extensions import db, the_portal
from portal.store.book_ground import BookGround, read_ground
from portal.store.connections import ConnectionRow
from portal.store.reconciliation import Filters
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


def status_words(filters: Filters, ground: BookGround | None = None) -> dict[str, Any]:
    """Return how far Exact was read, and whether something is still being compared."""
    ground = ground or read_ground(db.session(), filters.period, filters.subsidiaries)
    readings = list_readings(ground)
    if ground.is_stale:
        the_portal().nudge(Job.COMPARE_BOOKS, "")

    live = ground.is_stale or any(each.running for each in readings)
    address = url_for("reconciliation.show_status", period=filters.period.text)
    return {
        "readings": readings,
        "stale": ground.is_stale,
        "live": live,
        "status_url": address,
        "filters": filters,
        "period": say_period(filters.period),
    }


def list_readings(ground: BookGround) -> list[Reading]:
    """Return how the entries of each connection in sight were read."""
    now = wiring().clock()
    names = subsidiary_names()
    return [
        Reading(
            connection=one.connection,
            subsidiary=names.get(one.connection.subsidiary_id, one.connection.division_name),
            read_at=one.read_at,
            whole_at=one.whole_at,
            entries=one.entries,
            running=one.wanted_at is not None and now - one.wanted_at <= PATIENCE,
            trouble=one.trouble,
        )
        for one in ground.readings
    ]


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
