"""The copy dialog: it opens, answers to what is chosen, and records the wish."""

import json

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.actions.connections.remember import copy_and_remember
from portal.actions.copies.propose import Answers, ask_renewed
from portal.actions.copies.request import Wish
from portal.actions.copies.strangers import StrangerError, set_aside
from portal.actions.customers.finder import find_candidates
from portal.domain.booking.offers import read_offers
from portal.domain.booking.sales_entry import Problem
from portal.domain.copies.states import IN_FLIGHT, CopyAction
from portal.domain.house.states import Role
from portal.extensions import db, the_portal
from portal.remote.errors import RemoteError
from portal.store.catalogue import read_stored_catalogue
from portal.store.connections import find_live_connection
from portal.store.copies import CopyRow
from portal.store.invoices import InvoiceRow
from portal.web.common.access import current_person, find_invoice, require, writes
from portal.web.common.clock import now, today
from portal.web.common.htmx import is_htmx
from portal.web.common.said import sentence_of
from portal.web.connections.blueprint import say_trouble
from portal.web.connections.divisions import load_division
from portal.web.copies.blueprint import blueprint
from portal.web.copies.changes import changes_words
from portal.web.copies.dialog import ANSWER, show_dialog
from portal.web.copies.forms import read_action, read_answers, read_choices, read_kept
from portal.web.copies.fresh import read_afresh
from portal.web.copies.met import tell_met
from portal.web.copies.next import find_place, read_list
from portal.web.copies.progress import go_to_progress, show_under_way
from portal.web.strangers.look import look_now

__all__ = ["blueprint"]


@blueprint.get("/invoices/<invoice_id>/copy")
@require(Role.FINANCE)
@writes
def edit_copy(invoice_id: str) -> ResponseReturnValue:
    """Open the dialog, or the progress of a copy that is under way."""
    return _open(invoice_id, read_action(request.args))


def _open(invoice_id: str, action: CopyAction) -> ResponseReturnValue:
    row = find_invoice(invoice_id)
    if row.copy_state in IN_FLIGHT:
        return show_under_way(row)

    unread = read_afresh(row)
    return show_dialog(find_invoice(invoice_id), Answers(action=action), unread=unread)


@blueprint.get("/invoices/<invoice_id>/copy/unread")
@require(Role.FINANCE)
@writes
def show_unread(invoice_id: str) -> ResponseReturnValue:
    """Try again to read an invoice that a dialog shows as last read."""
    row = find_invoice(invoice_id)
    if not is_htmx():
        return redirect(url_for("copies.edit_copy", invoice_id=invoice_id))

    unread = read_afresh(row)
    row = find_invoice(invoice_id)
    is_other = request.args.get("fingerprint", "") != row.fingerprint
    return render_template("copies/_unread.html", row=row, unread=unread, is_other=is_other)


@blueprint.post("/invoices/<invoice_id>/copy/preview")
@require(Role.FINANCE)
def preview(invoice_id: str) -> ResponseReturnValue:
    """Show the entry as these choices would book it."""
    return show_dialog(find_invoice(invoice_id), read_answers(request.form), part=ANSWER)


@blueprint.post("/invoices/<invoice_id>/copy/customer")
@require(Role.FINANCE)
def edit_customer(invoice_id: str) -> ResponseReturnValue:
    """Turn to a new customer, prefilled from the invoice, or back to an existing one."""
    return show_dialog(find_invoice(invoice_id), read_answers(request.form))


@blueprint.post("/invoices/<invoice_id>/copy/take")
@require(Role.FINANCE)
def take(invoice_id: str) -> ResponseReturnValue:
    """Choose what is suggested, and go on at what is to be done next."""
    return show_dialog(find_invoice(invoice_id), read_answers(request.form))


@blueprint.post("/invoices/<invoice_id>/copy/catalogue")
@require(Role.FINANCE)
def refresh_catalogue(invoice_id: str) -> ResponseReturnValue:
    """Read the catalogue now, and show the dialog as it was answered."""
    row = find_invoice(invoice_id)
    connection = find_live_connection(db.session(), row.subsidiary_id) or abort(404)
    trouble = None

    try:
        load_division(connection)
    except RemoteError as error:
        trouble = say_trouble(error)

    return show_dialog(find_invoice(invoice_id), read_answers(request.form), trouble=trouble)


@blueprint.get("/invoices/<invoice_id>/copy/customers")
@require(Role.FINANCE)
def search(invoice_id: str) -> str:
    """Search the customers as a person types, best match first."""
    row = find_invoice(invoice_id)
    connection = find_live_connection(db.session(), row.subsidiary_id) or abort(404)
    query = request.args.get("customer_search", "").strip()
    buyer = row.invoice().bill_to
    matches = find_candidates(db.session(), connection.id, row.company_id, buyer, query, today=today())

    return render_template("copies/_customers.html", matches=matches, query=query, row=row)


@blueprint.route("/invoices/<invoice_id>/copy/ledgers", methods=["GET", "POST"])
@require(Role.FINANCE)
def search_ledgers(invoice_id: str) -> str:
    """Search the ledger accounts as a person types."""
    row = find_invoice(invoice_id)
    connection = find_live_connection(db.session(), row.subsidiary_id) or abort(404)
    offers = read_offers(read_stored_catalogue(db.session(), connection.id))
    # Inside its form a search sends along what is chosen.
    chosen = request.values.get("ledger")
    few = offers.narrowed(request.values.get("ledger_search", ""), {chosen})

    return render_template("copies/_ledgers.html", few=few, chosen=chosen)


@blueprint.route("/invoices/<invoice_id>/copy/changes", methods=["GET", "POST"])
@require(Role.FINANCE)
def show_changes(invoice_id: str) -> str:
    """Show what an update would change, read from Exact now, and what is possible where it is refused."""
    row = find_invoice(invoice_id)
    choices = read_choices(request.form) if request.method == "POST" else None
    return render_template("copies/_changes_answer.html", row=row, **changes_words(row, choices))


@blueprint.post("/invoices/<invoice_id>/copy")
@require(Role.FINANCE)
def save_copy(invoice_id: str) -> ResponseReturnValue:
    """Record the wish and show its progress, or show the form with every problem."""
    row = find_invoice(invoice_id)
    answers = read_answers(request.form)
    if "pick" in request.form:
        return show_dialog(row, answers)

    # What a person did not see is not booked.
    renewed = ask_renewed(db.session(), row, answers, today=today())
    if renewed:
        return show_dialog(row, answers, refused=renewed)

    wish = answers.wish
    made = _request(row, answers.action, wish)
    if isinstance(made, tuple):
        return show_dialog(row, answers, refused=made)

    met = tell_met(made, wish, current_person().name)
    following = find_place(row).next_id if request.form.get("then") == "next" and not met else None
    return _go_on(row, following) if following else go_to_progress(made.id, met)


def _go_on(row: InvoiceRow, following: str) -> ResponseReturnValue:
    """Go on with the next invoice of the list, while this one is being copied."""
    said = str(_("%(number)s is being copied.", number=row.number))
    if not is_htmx():
        flash(said, "success")
        return redirect(url_for("copies.edit_copy", invoice_id=following, list=read_list()))

    answer = make_response(_open(following, CopyAction.CREATE))
    answer.headers["HX-Trigger"] = json.dumps({"toast": {"text": said, "kind": "success"}})
    return answer


def _request(row: InvoiceRow, action: CopyAction, wish: Wish) -> CopyRow | tuple[Problem, ...]:
    """Record what a person wishes for, once Exact was asked for the number."""
    if action == CopyAction.CREATE:
        # Where Exact does not answer, the job looks before it books.
        look_now(row)

    who = current_person().name
    nudge = the_portal().nudge
    return copy_and_remember(
        db.session(),
        nudge,
        row.id,
        wish=wish,
        remember=read_kept(request.form, "remember"),
        requested_by=who,
        now=now(),
    )


@blueprint.post("/invoices/<invoice_id>/another")
@require(Role.FINANCE)
def confirm_another(invoice_id: str) -> ResponseReturnValue:
    """Keep that entries under this number are others."""
    row = find_invoice(invoice_id)
    refused = _set_aside(row, request.form.getlist("another"))
    if "fingerprint" in request.form:
        return show_dialog(row, read_answers(request.form), trouble=refused)

    said = _("Noted: it is another one. The invoice can be copied beside it.")
    flash(refused or said, "error" if refused else "success")
    return redirect(url_for("invoices.show_invoice", invoice_id=row.id))


def _set_aside(row: InvoiceRow, entry_ids: list[str]) -> str | None:
    """Set entries aside, or say why that cannot be."""
    try:
        set_aside(db.session(), row.id, entry_ids, actor=current_person().name, now=now())
    except StrangerError as error:
        return sentence_of(error.said)
    return None
