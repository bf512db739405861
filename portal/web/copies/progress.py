"""Where a copy stands, another try, and the way to its entry in Exact."""

from flask import Response, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.actions.copies.retry import retry_copy
from portal.domain.booking.problems import say_all
from portal.domain.copies.states import IN_FLIGHT
from portal.domain.house.states import Role
from portal.extensions import db, the_portal
from portal.store.connections import ConnectionRow
from portal.store.copies import CopyRow
from portal.store.invoices import InvoiceRow
from portal.web.common.access import current_person, find_invoice, require
from portal.web.common.clock import now
from portal.web.common.entry_links import go_to_entry
from portal.web.common.htmx import is_htmx
from portal.web.common.said import sentence_of
from portal.web.copies.blueprint import blueprint


@blueprint.get("/copies/<copy_id>")
@require(Role.VIEWER)
def show_progress(copy_id: str) -> ResponseReturnValue:
    """Show where a copy stands."""
    return answer_progress(copy_id)


def answer_progress(copy_id: str, met: str | None = None) -> ResponseReturnValue:
    """Answer with where a copy stands, and with what of a later wish is not used."""
    copy = db.session.get(CopyRow, copy_id) or abort(404)
    row = find_invoice(copy.invoice_id)
    template = "copies/_progress.html" if is_htmx() else "copies/progress.html"
    answer = Response(render_template(template, copy=copy, row=row, met=met))

    # A copy that is under way asks again by itself, so its end is told once.
    if copy.state not in IN_FLIGHT:
        answer.headers["HX-Trigger"] = f"copy-ended-{row.id}"

    return answer


def show_under_way(row: InvoiceRow) -> ResponseReturnValue:
    """Show how far the copy of an invoice is that is under way."""
    found = db.session.query(CopyRow).filter_by(in_flight=row.id).first()
    return show_progress(found.id if found else row.latest_copy_id or abort(404))


def go_to_progress(copy_id: str, met: str | None = None) -> ResponseReturnValue:
    """Answer a wish with its progress, or with that of the copy that came before it."""
    if is_htmx():
        return answer_progress(copy_id, met)

    if met:
        flash(met, "warn")
    return redirect(url_for("copies.show_progress", copy_id=copy_id))


@blueprint.post("/copies/<copy_id>/retry")
@require(Role.FINANCE)
def retry(copy_id: str) -> ResponseReturnValue:
    """Try a refused copy again, or ask Exact again about an uncertain one."""
    copy = db.session.get(CopyRow, copy_id) or abort(404)
    find_invoice(copy.invoice_id)
    who = current_person().name
    made = retry_copy(db.session(), the_portal().nudge, copy.id, requested_by=who, now=now())
    if isinstance(made, tuple):
        flash(sentence_of(say_all(made)), "error")

    return redirect(url_for("invoices.show_invoice", invoice_id=copy.invoice_id))


@blueprint.get("/invoices/<invoice_id>/entry")
@require(Role.VIEWER)
def open_entry(invoice_id: str) -> ResponseReturnValue:
    """Lead to the latest copy's entry in Exact."""
    row = find_invoice(invoice_id)
    latest = db.session.get(CopyRow, row.latest_copy_id) if row.latest_copy_id else None
    if latest is None or not latest.entry_url:
        abort(404)

    return go_to_entry(db.session.get_one(ConnectionRow, latest.connection_id), latest.entry_url)
