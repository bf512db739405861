"""Undo a copy: shows what will be deleted or credited, asks once, and leaves it to the worker."""

from datetime import date

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.actions.copies.request import Wish
from portal.actions.copies.undo import Undoing, read_undoing, request_undo
from portal.domain.booking.catalogue import takes_sales
from portal.domain.booking.mapping import Choices
from portal.domain.booking.sales_entry import Problem
from portal.domain.copies.undo import fingerprint_of
from portal.domain.house.states import Role
from portal.extensions import db, the_portal
from portal.remote.errors import RemoteError
from portal.store.catalogue import find_customer, read_stored_catalogue
from portal.store.connections import find_live_connection
from portal.store.copies import CREDIT, IN_FLIGHT, UNDO, UNLINK
from portal.store.invoices import InvoiceRow
from portal.web.common.access import current_person, find_invoice, require, wiring
from portal.web.common.clock import now, today
from portal.web.common.htmx import is_htmx
from portal.web.common.waits import Trouble, trouble_of
from portal.web.copies.dialog import by_code
from portal.web.copies.views import find_in_flight, show_progress

blueprint = Blueprint("undo", __name__)


@blueprint.get("/invoices/<invoice_id>/undo")
@require(Role.FINANCE)
def edit_undo(invoice_id: str) -> ResponseReturnValue:
    """Show what an undo would delete, read from Exact now; or the progress of what is under way."""
    row = find_invoice(invoice_id)
    if row.copy_state in IN_FLIGHT:
        return show_progress(find_in_flight(row))
    return _dialog(row, _choices(today()))


def _choices(today: date | None = None) -> Choices:
    """Read what was chosen for the credit entry. At first today's date."""
    chosen = request.values
    day = chosen.get("booking_date", "").strip()
    if today and not day:
        day = today.isoformat()
    return Choices(journal=chosen.get("journal") or None, booking_date=day)


@blueprint.post("/invoices/<invoice_id>/undo")
@require(Role.FINANCE)
def save_undo(invoice_id: str) -> ResponseReturnValue:
    """Record the wish to delete the entry that was shown."""
    return _ask(find_invoice(invoice_id), UNDO, Choices())


@blueprint.post("/invoices/<invoice_id>/unlink")
@require(Role.FINANCE)
def save_unlink(invoice_id: str) -> ResponseReturnValue:
    """Record the wish to let go of an entry that somebody else booked."""
    return _ask(find_invoice(invoice_id), UNLINK, Choices())


@blueprint.post("/invoices/<invoice_id>/credit")
@require(Role.FINANCE)
def save_credit(invoice_id: str) -> ResponseReturnValue:
    """Record the wish to book the credit entry that was shown, unless something is in its way."""
    row = find_invoice(invoice_id)
    choices = _choices()
    undoing, trouble = _read(row, choices)
    problems = undoing.credit.problems if undoing and undoing.credit else ()
    if trouble or problems:
        return _show(row, undoing, choices, trouble=trouble, problems=problems, status=422)

    return _ask(row, CREDIT, choices)


def _ask(row: InvoiceRow, action: str, choices: Choices) -> ResponseReturnValue:
    form = request.form
    wish = Wish(choices, form.get("fingerprint", ""), form.get("latest") or None, action)
    made = request_undo(
        db.session(), the_portal().nudge, row.id, wish=wish, requested_by=current_person().name, now=now()
    )
    if isinstance(made, tuple):
        return _dialog(row, _choices(today()), problems=made, status=422)

    return show_progress(made.id) if is_htmx() else redirect(url_for("copies.show_progress", copy_id=made.id))


def _dialog(
    row: InvoiceRow, choices: Choices, *, problems: tuple[Problem, ...] = (), status: int = 200
) -> ResponseReturnValue:
    undoing, trouble = _read(row, choices)
    return _show(row, undoing, choices, trouble=trouble, problems=problems, status=status)


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
    *,
    trouble: Trouble | None,
    problems: tuple[Problem, ...],
    status: int,
) -> ResponseReturnValue:
    words: dict[str, object] = {"undoing": undoing, "choices": choices, "trouble": trouble}
    if undoing and undoing.booked:
        catalogue = read_stored_catalogue(db.session(), undoing.copy.connection_id)
        words |= {
            "fingerprint": fingerprint_of(undoing.booked),
            "accounts": {account.id: account for account in catalogue.accounts},
            "journals": sorted(filter(takes_sales, catalogue.journals), key=by_code),
            "customer": find_customer(db.session(), undoing.copy.connection_id, undoing.booked.customer_id),
        }

    whole = not is_htmx()
    template = "undo/page.html" if whole else "undo/_dialog.html"
    return render_template(template, row=row, problems=problems, whole=whole, **words), status
