"""What an update would change, on three sides, and what is possible where Exact lets nothing change."""

import json

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.actions.books.accept import AcceptError, Seen, accept_entry, content_of
from portal.actions.copies.ahead import Ahead, read_ahead
from portal.domain.booking.mapping import Choices
from portal.domain.copies.exact_changes import say_change
from portal.domain.house.states import Role
from portal.extensions import db, the_portal
from portal.remote.errors import RemoteError
from portal.store.connections import find_live_connection
from portal.store.invoices import InvoiceRow
from portal.web.common.access import current_person, find_invoice, require, wiring
from portal.web.common.clock import now
from portal.web.common.htmx import is_htmx
from portal.web.common.said import sentence_of
from portal.web.common.waits import Trouble, trouble_of
from portal.web.copies.blueprint import blueprint
from portal.web.reconciliation.sides import find_sides


def changes_words(row: InvoiceRow, choices: Choices | None) -> dict[str, object]:
    """Return the three sides, read from Exact now, or why they could not be read."""
    ahead, trouble = _read(row, choices)
    sides = find_sides(db.session(), row.id)
    may_accept = sides is not None and sides.may_accept and sides.entry is not None
    return {
        "ahead": ahead,
        "trouble": trouble,
        "say_change": say_change,
        "accepts": sides.row.key if sides and may_accept else None,
        "content": content_of(sides.entry) if sides and sides.entry and may_accept else "",
    }


@blueprint.post("/invoices/<invoice_id>/copy/accept")
@require(Role.FINANCE)
def accept(invoice_id: str) -> ResponseReturnValue:
    """Accept Exact's version of an entry instead of updating it."""
    row = find_invoice(invoice_id)
    sides = find_sides(db.session(), row.id) or abort(404)
    seen = Seen(request.form.get("content", ""))
    who = current_person().name
    kind = "success"

    try:
        accept_entry(db.session(), the_portal().nudge, sides.row.key, seen=seen, actor=who, now=now())
        said = _("Accepted. It no longer counts as a difference while neither side changes.")
    except AcceptError as error:
        db.session.rollback()
        said = sentence_of(error.said)
        kind = "error"

    if is_htmx():
        closes = {"closeDialog": True} if kind == "success" else {}
        return "", {"HX-Trigger": json.dumps({"toast": {"text": str(said), "kind": kind}} | closes)}

    flash(said, kind)
    return redirect(url_for("invoices.show_invoice", invoice_id=row.id))


def _read(row: InvoiceRow, choices: Choices | None) -> tuple[Ahead | None, Trouble | None]:
    connection_id = (find_live_connection(db.session(), row.subsidiary_id) or abort(404)).id
    # The client writes by sessions of its own, which a transaction here would keep waiting.
    db.session.commit()
    try:
        ledger = wiring().ledger(connection_id)
        return read_ahead(db.session(), ledger, row, choices) or abort(404), None
    except RemoteError as error:
        db.session.rollback()
        return None, trouble_of(error, now())
