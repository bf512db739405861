"""One row of both books: its two sides, its entry in Exact, and accepting it as it is."""

from typing import Any

from flask import (
    abort,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.actions.books.accept import AcceptError, Seen, accept_entry, end_acceptance
from portal.actions.books.compare import compare_now
from portal.domain.house.states import Role
from portal.extensions import db, the_portal
from portal.store.connections import ConnectionRow
from portal.store.entries import AcceptedRow
from portal.store.reconciliation import ComparedRow
from portal.web.common.access import current_person, require, see_or_404, wiring
from portal.web.common.entry_links import go_to_entry
from portal.web.common.said import sentence_of
from portal.web.reconciliation.blueprint import blueprint, find_row
from portal.web.reconciliation.explain import explain
from portal.web.reconciliation.filters import (
    CODE_NAMES,
)
from portal.web.reconciliation.sides import read_sides


@blueprint.get("/reconciliation/rows/<key>")
@require(Role.VIEWER)
def show_row(key: str) -> str:
    """Show one row on a page of its own."""
    row = find_row(key)
    return render_template("reconciliation/show.html", **sides_words(row))


@blueprint.get("/reconciliation/rows/<key>/sides")
@require(Role.VIEWER)
def show_sides(key: str) -> str:
    """Show both sides of one row, inside the list."""
    return render_template("reconciliation/_sides.html", **sides_words(find_row(key)))


def sides_words(row: ComparedRow) -> dict[str, Any]:
    """Return both sides of a row and what can be done."""
    (each,) = explain(db.session(), [row], may_write=current_person().may_write)
    return {"sides": read_sides(db.session(), row), "each": each, "code_names": CODE_NAMES}


@blueprint.get("/reconciliation/rows/<key>/entry")
@require(Role.VIEWER)
def open_entry(key: str) -> ResponseReturnValue:
    """Lead to the entry in Exact."""
    row = find_row(key)
    connection = db.session.get(ConnectionRow, row.connection_id or 0)
    entry_id = row.entry_id
    db.session.commit()
    if connection is None or entry_id is None:
        abort(404)

    # The page is opened with the person's own sign-in at Exact, whatever became of ours.
    url = wiring().ledger_with(connection.locale, "", connection.division).entry_url(entry_id)
    return go_to_entry(connection, url)


@blueprint.post("/reconciliation/rows/<key>/accept")
@require(Role.FINANCE)
def accept(key: str) -> ResponseReturnValue:
    """Accept Exact's version as it was seen."""
    row = find_row(key)
    seen = Seen(request.form.get("content", ""), request.form.get("reason", ""))
    actor = current_person().name
    now = wiring().clock()

    try:
        accept_entry(db.session(), the_portal().nudge, row.key, seen=seen, actor=actor, now=now)
        flash(_("Accepted. It no longer counts as a difference while neither side changes."), "success")
    except AcceptError as error:
        db.session.rollback()
        flash(sentence_of(error.said), "error")

    compare_now(db.session(), row, clock=wiring().clock)
    return redirect(url_for("reconciliation.show_row", key=key))


@blueprint.post("/reconciliation/accepted/<accepted_id>/end")
@require(Role.FINANCE)
def take_back(accepted_id: str) -> ResponseReturnValue:
    """Let an accepted difference count again."""
    accepted = db.session.get(AcceptedRow, accepted_id)
    if accepted is None:
        abort(404)

    see_or_404(db.session.get_one(ConnectionRow, accepted.connection_id).subsidiary_id)
    key = (
        f"i-{accepted.invoice_id}"
        if accepted.invoice_id
        else f"e-{accepted.connection_id}-{accepted.entry_id}"
    )

    now = wiring().clock()
    end_acceptance(db.session(), the_portal().nudge, accepted_id, actor=current_person().name, now=now)
    if row := db.session.get(ComparedRow, key):
        compare_now(db.session(), row, clock=wiring().clock)
    flash(_("It counts as a difference again."), "success")

    return redirect(url_for("reconciliation.show_row", key=key))
