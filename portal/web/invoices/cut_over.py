"""Invoices that another link copied, or that shall not be copied at all."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.actions.copies.cut_over import (
    CutOverError,
    exclude_invoice,
    find_existing,
    include_invoice,
    link_existing,
)
from portal.domain.booking.sales_entry import BookedEntry
from portal.domain.house.states import Role
from portal.extensions import db
from portal.remote.errors import RemoteError
from portal.store.connections import find_live_connection
from portal.store.invoices import InvoiceRow
from portal.web.common.access import current_person, find_invoice, require, wiring
from portal.web.common.clock import now
from portal.web.common.htmx import is_htmx, redirect_whole_page
from portal.web.common.said import sentence_of
from portal.web.common.waits import Trouble, trouble_of
from portal.web.invoices.blueprint import blueprint


@blueprint.post("/invoices/<invoice_id>/exclude")
@require(Role.FINANCE)
def exclude(invoice_id: str) -> ResponseReturnValue:
    """Set "do not copy"."""
    row = find_invoice(invoice_id)
    reason = request.form.get("reason", "")
    try:
        exclude_invoice(db.session(), row.id, reason=reason, actor=current_person().name, now=now())
    except CutOverError as error:
        db.session.rollback()
        flash(sentence_of(error.said), "error")

    return redirect(url_for("invoices.show_invoice", invoice_id=invoice_id))


@blueprint.post("/invoices/<invoice_id>/include")
@require(Role.FINANCE)
def include(invoice_id: str) -> ResponseReturnValue:
    """Take "do not copy" back."""
    include_invoice(db.session(), find_invoice(invoice_id).id, actor=current_person().name, now=now())
    return redirect(url_for("invoices.show_invoice", invoice_id=invoice_id))


@blueprint.get("/invoices/<invoice_id>/link")
@require(Role.FINANCE)
def choose_entry(invoice_id: str) -> ResponseReturnValue:
    """Show the entries in Exact that carry this invoice's number."""
    row = find_invoice(invoice_id)
    entries, trouble = _search(row)
    return render_template("invoices/link.html", row=row, entries=entries, trouble=trouble)


def _search(row: InvoiceRow) -> tuple[list[BookedEntry], Trouble | None]:
    """Search Exact for an invoice's number, or say why that failed."""
    connection = find_live_connection(db.session(), row.subsidiary_id)
    db.session.commit()
    if connection is None:
        return [], Trouble(_("This subsidiary is not connected to Exact."))

    try:
        return list(find_existing(db.session(), wiring().ledger(connection.id), row.id)), None
    except RemoteError as error:
        return [], trouble_of(error, now())


@blueprint.post("/invoices/<invoice_id>/link")
@require(Role.FINANCE)
def link(invoice_id: str) -> ResponseReturnValue:
    """Adopt the chosen entry."""
    row = find_invoice(invoice_id)
    try:
        _link(row, request.form.get("entry", ""))
        flash(_("The entry is linked. It counts as this invoice’s copy from now on."), "success")
    except (CutOverError, RemoteError) as error:
        db.session.rollback()
        flash(sentence_of(error.said), "error")

    page = url_for("invoices.show_invoice", invoice_id=invoice_id)
    return redirect_whole_page(page) if is_htmx() else redirect(page)


def _link(row: InvoiceRow, entry_id: str) -> None:
    connection = find_live_connection(db.session(), row.subsidiary_id)
    db.session.commit()
    if connection is None:
        raise CutOverError(_("This subsidiary is not connected to Exact."))

    ledger = wiring().ledger(connection.id)
    link_existing(db.session(), ledger, row.id, entry_id, actor=current_person().name, now=now())
