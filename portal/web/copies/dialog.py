"""The copy dialog on the screen: one proposal, shown whole or in part."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from portal.actions.copies.propose import Answers, Proposal, propose
from portal.domain.assumptions import Feature
from portal.domain.booking.sales_entry import Problem
from portal.extensions import db, the_portal
from portal.store.invoices import InvoiceRow
from portal.store.trials import kept_off
from portal.web.common.clock import now, today
from portal.web.common.htmx import is_htmx
from portal.web.common.waits import Trouble
from portal.web.copies.vat_hint import say_vat

WHOLE = "copies/_dialog.html"
PREVIEW = "copies/_preview.html"


def show_dialog(
    row: InvoiceRow,
    answers: Answers,
    *,
    refused: tuple[Problem, ...] = (),
    trouble: str | None = None,
    unread: Trouble | None = None,
    part: str = WHOLE,
) -> ResponseReturnValue:
    """Show what these answers propose, as a page of its own where htmx did not ask."""
    dialog = propose(db.session(), row, answers, refused=refused, now=now(), today=today())
    page = render_template(
        part if is_htmx() else "copies/page.html",
        row=row,
        dialog=dialog,
        trouble=trouble,
        unread=unread,
        edit_line=request.form.get("edit_line"),
        vat_page=_vat_page(dialog) if dialog else "",
        vat_hint=say_vat(dialog.invoice.bill_to, dialog.choices.customer) if dialog else None,
        whole=not is_htmx(),
    )

    return page, 422 if refused else 200


def _vat_page(dialog: Proposal) -> str:
    """Return where a person sees the VAT codes in Exact."""
    connection = dialog.connection
    if kept_off(connection, Feature.VAT_LINK):
        return ""
    return the_portal().settings.vat_page_of(connection.locale, connection.division)
