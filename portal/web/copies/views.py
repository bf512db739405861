"""The copy dialog: fields, preview, submission, progress."""

from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.actions.copies.draft import choices_of, linked_customer
from portal.actions.copies.request import Wish, find_copied, request_copy
from portal.actions.copies.retry import retry_copy
from portal.actions.copies.strangers import StrangerError, set_aside
from portal.actions.invoices.pull import pull_one
from portal.domain.assumptions import Feature
from portal.domain.booking.catalogue import NewCustomer
from portal.domain.booking.mapping import Choices
from portal.domain.booking.sales_entry import Problem
from portal.domain.customers.new_customer import new_customer_from
from portal.domain.house.states import Role
from portal.extensions import db, the_portal
from portal.remote.errors import RemoteError
from portal.store.connections import ConnectionRow, find_live_connection
from portal.store.copies import CREATE, IN_FLIGHT, UPDATE, CopyRow
from portal.store.invoices import InvoiceRow
from portal.store.trials import kept_off
from portal.vat_numbers import read_vat
from portal.web.common.access import current_person, find_invoice, require, wiring, writes
from portal.web.common.clock import now
from portal.web.common.htmx import is_htmx
from portal.web.common.waits import Trouble, trouble_of
from portal.web.connections.blueprint import say_trouble
from portal.web.connections.set_up import load_division
from portal.web.copies.dialog import Dialog, find_changes, find_matches, preselect, read_dialog
from portal.web.copies.forms import read_choices
from portal.web.strangers.held import look_now
from portal.web.trials.links import go_to_entry

blueprint = Blueprint("copies", __name__)
STALE_SECONDS = 60


@blueprint.get("/invoices/<invoice_id>/copy")
@require(Role.FINANCE)
@writes
def edit_copy(invoice_id: str) -> ResponseReturnValue:
    """Open the dialog, or the progress of a copy that is under way."""
    row = find_invoice(invoice_id)
    if row.copy_state in IN_FLIGHT:
        return show_progress(find_in_flight(row))

    unread = _read_afresh(row)
    action = read_action(row, request.args.get("action"))
    choices = preselect(db.session(), row, _first_choices(row, action))

    return _dialog(row, action, choices, unread=unread)


@blueprint.get("/invoices/<invoice_id>/copy/unread")
@require(Role.FINANCE)
@writes
def show_unread(invoice_id: str) -> ResponseReturnValue:
    """Try again to read an invoice that a dialog shows as last read. What was typed there stays."""
    row = find_invoice(invoice_id)
    if not is_htmx():
        return redirect(url_for("copies.edit_copy", invoice_id=invoice_id))

    unread = _read_afresh(row)
    row = find_invoice(invoice_id)
    is_other = request.args.get("fingerprint", "") != row.fingerprint

    return render_template("copies/_unread.html", row=row, unread=unread, is_other=is_other)


def read_action(row: InvoiceRow, wanted: str | None) -> str:
    """Return what a dialog does; only what is in Exact can be updated."""
    return UPDATE if wanted == UPDATE and find_copied(db.session(), row) else CREATE


def find_in_flight(row: InvoiceRow) -> str:
    """Return the id of the copy of an invoice that is under way, else of the latest."""
    found = db.session.query(CopyRow).filter_by(in_flight=row.id).first()
    return found.id if found else row.latest_copy_id or abort(404)


def _read_afresh(row: InvoiceRow) -> Trouble | None:
    """Read the invoice again when what we know is older than a minute; else say why that failed."""
    if (now() - row.read_at).total_seconds() < STALE_SECONDS:
        return None

    db.session.commit()
    try:
        pull_one(db.session(), wiring().billing(), row.id, now=now())
    except RemoteError as error:
        db.session.rollback()
        return trouble_of(error, now())

    return None


def _first_choices(row: InvoiceRow, action: str) -> Choices:
    """Begin an update with what was chosen for the copy that it changes. Questions are asked anew."""
    latest = find_copied(db.session(), row) if action == UPDATE else None
    return replace(choices_of(latest), confirmed=()) if latest else Choices()


def _dialog(
    row: InvoiceRow,
    action: str,
    choices: Choices,
    *,
    problems: tuple[Problem, ...] = (),
    trouble: str | None = None,
    unread: Trouble | None = None,
    part: str = "_dialog.html",
    status: int = 200,
) -> ResponseReturnValue:
    whole = not is_htmx() and part == "_dialog.html"
    query = request.form.get("customer_search", "") if whole and not choices.customer_id else ""
    dialog = read_dialog(db.session(), row, action, choices, problems, query=query)
    template = "copies/page.html" if whole else f"copies/{part}"
    line = request.form.get("edit_line")
    page = render_template(
        template,
        row=row,
        dialog=dialog,
        trouble=trouble,
        unread=unread,
        edit_line=line,
        vat_page=_vat_page(dialog),
        whole=whole,
    )

    return page, status


def _vat_page(dialog: Dialog) -> str:
    """Return where a person sees the VAT codes in Exact."""
    connection = dialog.connection
    if connection is None or kept_off(connection, Feature.VAT_LINK):
        return ""
    return the_portal().settings.vat_page_of(connection.locale, connection.division)


@blueprint.post("/invoices/<invoice_id>/copy/preview")
@require(Role.FINANCE)
def preview(invoice_id: str) -> ResponseReturnValue:
    """Show the entry as these choices would book it."""
    row = find_invoice(invoice_id)
    part = "_preview.html" if is_htmx() else "_dialog.html"
    action = read_action(row, request.form.get("action"))
    return _dialog(row, action, read_choices(request.form), part=part)


@blueprint.post("/invoices/<invoice_id>/copy/customer")
@require(Role.FINANCE)
def edit_customer(invoice_id: str) -> ResponseReturnValue:
    """Turn to a new customer, prefilled from the invoice, or back to an existing one."""
    row = find_invoice(invoice_id)
    bill_to = row.invoice().bill_to
    choices = replace(read_choices(request.form), customer=None, new_customer=False)

    if request.form.get("mode") == "new" and bill_to:
        choices = _with_new_customer(row, choices, new_customer_from(bill_to, read_vat))
    else:
        choices = preselect(db.session(), row, choices)

    return _dialog(row, read_action(row, request.form.get("action")), choices)


def _with_new_customer(row: InvoiceRow, choices: Choices, customer: NewCustomer) -> Choices:
    """Turn to a new customer, and remember which one the company had when that was chosen."""
    connection = find_live_connection(db.session(), row.subsidiary_id)
    linked = linked_customer(db.session(), connection.id, row.company_id) if connection else None
    return replace(choices, new_customer=True, customer=customer, customer_id=None, linked_seen=linked)


@blueprint.post("/invoices/<invoice_id>/copy/catalogue")
@require(Role.FINANCE)
def refresh_catalogue(invoice_id: str) -> ResponseReturnValue:
    """Pull the catalogue now; the dialog comes back with what was chosen, or with why that failed."""
    row = find_invoice(invoice_id)
    connection = find_live_connection(db.session(), row.subsidiary_id) or abort(404)
    trouble = None

    try:
        load_division(connection)
    except RemoteError as error:
        trouble = say_trouble(error)

    row = find_invoice(invoice_id)
    action = read_action(row, request.form.get("action"))
    return _dialog(row, action, read_choices(request.form), trouble=trouble)


@blueprint.get("/invoices/<invoice_id>/copy/customers")
@require(Role.FINANCE)
def search(invoice_id: str) -> str:
    """Search the customers as a person types, best match first."""
    row = find_invoice(invoice_id)
    connection = find_live_connection(db.session(), row.subsidiary_id) or abort(404)
    query = request.args.get("customer_search", "").strip()
    matches = find_matches(db.session(), connection.id, row, query)
    return render_template("copies/_customers.html", matches=matches, query=query, row=row)


@blueprint.get("/invoices/<invoice_id>/copy/changes")
@require(Role.FINANCE)
def show_changes(invoice_id: str) -> str:
    """Show what an update would change, read from Exact now."""
    row = find_invoice(invoice_id)
    connection = find_live_connection(db.session(), row.subsidiary_id) or abort(404)
    latest = db.session.get(CopyRow, row.latest_copy_id or "") or abort(404)
    choices = _first_choices(row, UPDATE)
    db.session.commit()
    found: dict[str, Any] = {}

    try:
        ledger = wiring().ledger(connection.id)
        found |= find_changes(
            db.session(), connection, row, choices, ledger.read_entry(latest.entry_id or "")
        )
    except RemoteError as error:
        found["trouble"] = trouble_of(error, now())

    return render_template("copies/_changes.html", row=row, copy=latest, **found)


@blueprint.post("/invoices/<invoice_id>/copy")
@require(Role.FINANCE)
def save_copy(invoice_id: str) -> ResponseReturnValue:
    """Record the wish; the answer is its progress, or the same form with every problem."""
    row = find_invoice(invoice_id)
    form = request.form

    if "pick" in form:
        picked = replace(read_choices(form), customer_id=form["pick"])
        return _dialog(row, read_action(row, form.get("action")), picked)

    action = UPDATE if form.get("action") == UPDATE else CREATE
    wish = Wish(read_choices(form), form.get("fingerprint", ""), form.get("latest") or None, action)

    if action == CREATE:
        # Where Exact does not answer, the job looks before it books.
        look_now(row)

    made = request_copy(
        db.session(), the_portal().nudge, row.id, wish=wish, requested_by=current_person().name, now=now()
    )
    if isinstance(made, tuple):
        return _dialog(row, action, wish.choices, problems=made, status=422)

    return show_progress(made.id) if is_htmx() else redirect(url_for("copies.show_progress", copy_id=made.id))


@blueprint.post("/invoices/<invoice_id>/another")
@require(Role.FINANCE)
def confirm_another(invoice_id: str) -> ResponseReturnValue:
    """Keep that entries under this number are others. The dialog comes back with what was chosen."""
    row = find_invoice(invoice_id)
    form = request.form
    refused = None

    try:
        set_aside(db.session(), row.id, form.getlist("another"), actor=current_person().name, now=now())
    except StrangerError as error:
        refused = str(error)

    if "fingerprint" in form:
        return _dialog(row, CREATE, read_choices(form), trouble=refused)

    said = _("Noted: it is another one. The invoice can be copied beside it.")
    flash(refused or said, "error" if refused else "success")
    return redirect(url_for("invoices.show_invoice", invoice_id=row.id))


@blueprint.get("/copies/<copy_id>")
@require(Role.VIEWER)
def show_progress(copy_id: str) -> ResponseReturnValue:
    """Show where a copy stands; running states ask again by themselves."""
    copy = db.session.get(CopyRow, copy_id) or abort(404)
    row = find_invoice(copy.invoice_id)
    template = "copies/_progress.html" if is_htmx() else "copies/progress.html"
    answer = Response(render_template(template, copy=copy, row=row))
    if copy.state not in IN_FLIGHT:
        answer.headers["HX-Trigger"] = f"copy-ended-{row.id}"

    return answer


@blueprint.post("/copies/<copy_id>/retry")
@require(Role.FINANCE)
def retry(copy_id: str) -> ResponseReturnValue:
    """Try a refused copy again, or ask Exact again about an uncertain one."""
    copy = db.session.get(CopyRow, copy_id) or abort(404)
    find_invoice(copy.invoice_id)
    made = retry_copy(
        db.session(), the_portal().nudge, copy.id, requested_by=current_person().name, now=now()
    )
    if isinstance(made, tuple):
        flash(" ".join(problem.text for problem in made), "error")

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
