"""The list of invoices, its CSV, and the reading of Productive."""

from flask import Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.actions.engine.jobs import Job
from portal.domain.house.states import Role
from portal.extensions import db, the_portal
from portal.store.invoice_list import find_companies
from portal.web.common.access import require, subsidiary_scope, wiring
from portal.web.common.clock import today
from portal.web.common.formats import read_moment
from portal.web.common.htmx import is_htmx
from portal.web.common.live import answer_live
from portal.web.invoices import cut_over, page
from portal.web.invoices.blueprint import blueprint
from portal.web.invoices.csv import write_csv
from portal.web.invoices.filters import read_filters
from portal.web.invoices.listing import list_words, live_words
from portal.web.invoices.reading import DONE, READ, reading_words

# More than these are found by typing on.
SUGGESTED = 12

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


@blueprint.get("/invoices/live")
@require(Role.VIEWER)
def show_live() -> Response:
    """Show which rows of a page changed, and all its counts: one answer for all that is under way."""
    return answer_live("invoices/_live.html", live_words)


@blueprint.get("/invoices/customers")
@require(Role.VIEWER)
def search_customers() -> str:
    """Suggest customers that have invoices, as somebody types."""
    typed = request.args.get("customer_search", "").strip()[:100]
    companies = find_companies(db.session(), subsidiary_scope(), typed, SUGGESTED)
    return render_template("invoices/_customers.html", companies=companies)


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
