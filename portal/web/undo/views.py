"""Undo a copy: shows what will be deleted or credited, and asks once."""

from datetime import date

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from portal.actions.copies.request import Wish
from portal.actions.copies.undo import Undoing, read_undoing, request_undo
from portal.domain.booking.mapping import Choices
from portal.domain.booking.sales_entry import Problem
from portal.domain.copies.states import IN_FLIGHT, CopyAction
from portal.domain.house.states import Role
from portal.extensions import db, the_portal
from portal.remote.errors import RemoteError
from portal.store.connections import find_live_connection
from portal.store.invoices import InvoiceRow
from portal.web.common.access import current_person, find_invoice, require, wiring
from portal.web.common.clock import now, today
from portal.web.common.htmx import is_htmx
from portal.web.common.waits import Trouble, trouble_of
from portal.web.copies.met import tell_met
from portal.web.copies.progress import go_to_progress, show_under_way

blueprint = Blueprint("undo", __name__)


@blueprint.get("/invoices/<invoice_id>/undo")
@require(Role.FINANCE)
def edit_undo(invoice_id: str) -> ResponseReturnValue:
    """Show what an undo would delete, or how far the work is that is under way."""
    row = find_invoice(invoice_id)
    if row.copy_state in IN_FLIGHT:
        return show_under_way(row)
    return _show_anew(row)


@blueprint.post("/invoices/<invoice_id>/undo")
@require(Role.FINANCE)
def save_undo(invoice_id: str) -> ResponseReturnValue:
    """Record the wish to delete the entry that was shown."""
    return _ask(find_invoice(invoice_id), CopyAction.UNDO, Choices())


@blueprint.post("/invoices/<invoice_id>/unlink")
@require(Role.FINANCE)
def save_unlink(invoice_id: str) -> ResponseReturnValue:
    """Record the wish to let go of an entry that somebody else booked."""
    return _ask(find_invoice(invoice_id), CopyAction.UNLINK, Choices())


@blueprint.post("/invoices/<invoice_id>/credit")
@require(Role.FINANCE)
def save_credit(invoice_id: str) -> ResponseReturnValue:
    """Record the wish to book the credit entry that was shown, unless something is in its way."""
    row = find_invoice(invoice_id)
    choices = _read_choices()
    undoing, trouble = _read(row, choices)
    problems = undoing.credit.problems if undoing and undoing.credit else ()
    if trouble or problems:
        return _show(row, undoing, choices, trouble, problems), 422

    return _ask(row, CopyAction.CREDIT, choices)


def _read_choices(day: date | None = None) -> Choices:
    """Read what was chosen for the credit entry. Where no date was, it is this day."""
    chosen = request.values
    given = chosen.get("booking_date", "").strip()
    if day and not given:
        given = day.isoformat()
    return Choices(journal=chosen.get("journal") or None, booking_date=given)


def _ask(row: InvoiceRow, action: CopyAction, choices: Choices) -> ResponseReturnValue:
    """Record the wish and show its progress, or show the form with every problem."""
    form = request.form
    wish = Wish(choices, form.get("fingerprint", ""), form.get("latest") or None, action)
    who = current_person().name
    made = request_undo(db.session(), the_portal().nudge, row.id, wish=wish, requested_by=who, now=now())
    if isinstance(made, tuple):
        return _show_anew(row, made), 422

    return go_to_progress(made.id, tell_met(made, wish, current_person().name))


def _show_anew(row: InvoiceRow, problems: tuple[Problem, ...] = ()) -> str:
    """Show the dialog with the entry as Exact has it now."""
    choices = _read_choices(today())
    undoing, trouble = _read(row, choices)
    return _show(row, undoing, choices, trouble, problems)


def _read(row: InvoiceRow, choices: Choices) -> tuple[Undoing | None, Trouble | None]:
    """Read the entry from Exact, or why that failed."""
    connection = find_live_connection(db.session(), row.subsidiary_id)
    db.session.commit()
    if connection is None:
        return None, None

    try:
        return read_undoing(db.session(), wiring().ledger(connection.id), row, choices), None
    except RemoteError as error:
        db.session.rollback()
        return None, trouble_of(error, now())


def _show(
    row: InvoiceRow,
    undoing: Undoing | None,
    choices: Choices,
    trouble: Trouble | None,
    problems: tuple[Problem, ...],
) -> str:
    return render_template(
        "undo/_dialog.html" if is_htmx() else "undo/page.html",
        row=row,
        undoing=undoing,
        choices=choices,
        trouble=trouble,
        problems=problems,
        whole=not is_htmx(),
    )
