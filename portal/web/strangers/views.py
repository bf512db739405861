"""The look at what Exact holds under an invoice's number, and the way to such an entry."""

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.actions.copies.draft import linked_customer
from portal.actions.copies.strangers import strangers_of
from portal.actions.copies.under_number import read_held
from portal.domain.house.states import Role
from portal.extensions import db
from portal.store.connections import find_live_connection
from portal.web.common.access import find_invoice, require, wiring, writes
from portal.web.common.clock import now
from portal.web.common.entry_links import go_to_entry
from portal.web.common.htmx import is_htmx
from portal.web.strangers.look import look_now

blueprint = Blueprint("strangers", __name__)


@blueprint.get("/invoices/<invoice_id>/held")
@require(Role.FINANCE)
@writes
def show_held(invoice_id: str) -> ResponseReturnValue:
    """Look now, and show what stands under the number in Exact."""
    row = find_invoice(invoice_id)
    if not is_htmx():
        return redirect(url_for("copies.edit_copy", invoice_id=row.id))

    connection = find_live_connection(db.session(), row.subsidiary_id) or abort(404)
    unseen = look_now(row)
    customer_id = request.args.get("customer") or linked_customer(db.session(), connection.id, row.company_id)
    held = read_held(db.session(), connection.id, row, customer_id, now=now())
    return render_template("strangers/_held.html", row=row, held=held, unseen=unseen)


@blueprint.get("/invoices/<invoice_id>/held/<entry_id>")
@require(Role.FINANCE)
def open_stranger(invoice_id: str, entry_id: str) -> ResponseReturnValue:
    """Lead to such an entry in Exact."""
    row = find_invoice(invoice_id)
    connection = find_live_connection(db.session(), row.subsidiary_id) or abort(404)
    known = {entry.id for entry in strangers_of(db.session(), connection.id, row)}
    db.session.commit()
    if entry_id not in known:
        abort(404)

    # The page is opened with the person's own sign-in at Exact, whatever became of ours.
    url = wiring().ledger_with(connection.locale, "", connection.division).entry_url(entry_id)
    return go_to_entry(connection, url)
