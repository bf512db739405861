"""The list of invoices, its CSV, and the reading of Productive."""

from flask import Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.actions.engine.jobs import Job
from portal.domain.house.states import Role
from portal.extensions import db, the_portal
from portal.web.common.access import find_invoice, require, subsidiary_scope, wiring
from portal.web.common.clock import today
from portal.web.common.formats import read_moment
from portal.web.common.htmx import is_htmx
from portal.web.invoices import cut_over, page
from portal.web.invoices.blueprint import blueprint
from portal.web.invoices.csv import write_csv
from portal.web.invoices.filters import read_filters
from portal.web.invoices.listing import list_words, row_words
from portal.web.invoices.reading import DONE, READ, reading_words

__all__ = ["blueprint", "cut_over", "page"]


@blueprint.get("/invoices")
@require(Role.VIEWER)
def list_invoices() -> ResponseReturnValue:
    """Show the list, or only its rows when htmx asks."""
    template = "invoices/_list.html" if is_htmx() else "invoices/page.html"
    answer = Response(render_template(template, **list_words()))
    answer.headers["Vary"] = "HX-Request"
    return answer


@blueprint.get("/invoices.csv")
@require(Role.VIEWER)
def download_csv() -> ResponseReturnValue:
    """Download what is filtered."""
    filters, _troubles = read_filters(request.args, subsidiary_scope())
    return write_csv(filters, today())


@blueprint.get("/invoices/<invoice_id>/row")
@require(Role.VIEWER)
def show_row(invoice_id: str) -> str:
    """Show one row of the list, for when its copy has ended."""
    row = find_invoice(invoice_id)
    return render_template("invoices/_row.html", row=row, **row_words())


@blueprint.post("/invoices/pull")
@require(Role.FINANCE)
def pull() -> ResponseReturnValue:
    """Ask for a pull from Productive."""
    the_portal().nudge(Job.PULL_INVOICES, "")
    asked_at = wiring().clock()
    if is_htmx():
        return render_template("invoices/_reading.html", **reading_words(db.session(), asked_at, asked_at))

    return redirect(url_for("invoices.list_invoices", since=asked_at.isoformat()))


@blueprint.get("/invoices/reading")
@require(Role.VIEWER)
def show_reading() -> ResponseReturnValue:
    """Show how far the reading is that was asked for."""
    asked_at = read_moment(request.args.get("since"))
    if not is_htmx() or asked_at is None:
        return redirect(url_for("invoices.list_invoices"))

    words = reading_words(db.session(), asked_at, wiring().clock())
    answer = make_response(render_template("invoices/_reading.html", **words))
    # The list listens for this, and renews itself.
    if words["reading"] == DONE:
        answer.headers["HX-Trigger"] = READ

    return answer
