"""The page Moving over: link what agrees in one action, and decide about the others one by one."""

from collections.abc import Callable

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from portal.actions.copies.cut_over import CutOverError, link_existing
from portal.actions.copies.move_over import MoveOverError, link_agreeing, request_move
from portal.actions.copies.strangers import StrangerError, set_aside
from portal.domain.house.states import Role
from portal.extensions import db, the_portal
from portal.remote.errors import RemoteError
from portal.store.connections import ConnectionRow, find_live_connection
from portal.store.moving import any_running
from portal.web.common.access import (
    current_person,
    find_invoice,
    require,
    see_or_404,
    subsidiary_scope,
    wiring,
)
from portal.web.common.clock import now
from portal.web.common.frame import places
from portal.web.common.live import answer_live
from portal.web.common.said import sentence_of
from portal.web.moving_over.shown import parts

blueprint = Blueprint("moving_over", __name__)


@blueprint.get("/moving-over")
@require(Role.VIEWER)
def show_moving_over() -> str:
    """Show what another link exported, and what Exact holds of it."""
    return render_template("moving_over/page.html", parts=parts())


@blueprint.get("/moving-over/live")
@require(Role.VIEWER)
def show_live() -> Response:
    """Show how far a look is. Once it has ended, the page is loaded anew."""
    ids = [row.id for row in places().live(subsidiary_scope())]
    if any_running(db.session(), ids):
        return answer_live("moving_over/_progress.html", lambda: {"parts": parts()})

    answer = answer_live()
    answer.headers["HX-Refresh"] = "true"
    return answer


@blueprint.post("/moving-over/<int:connection_id>/look")
@require(Role.FINANCE)
def look(connection_id: int) -> ResponseReturnValue:
    """Ask for everything to be looked up in Exact."""
    connection = _connection_or_404(connection_id)
    request_move(db.session(), the_portal().nudge, connection.id, now=now())
    return _back()


@blueprint.post("/moving-over/<int:connection_id>/link")
@require(Role.FINANCE)
def link_all(connection_id: int) -> ResponseReturnValue:
    """Link the invoices that the page showed as agreeing, if they still do."""
    connection = _connection_or_404(connection_id)
    chosen = request.form.get("invoices", "").split()
    db.session.commit()
    try:
        ledger = wiring().ledger(connection.id)
        linked = link_agreeing(
            db.session(), ledger, connection, chosen, actor=current_person().name, clock=now
        )
    except (MoveOverError, RemoteError) as error:
        db.session.rollback()
        flash(sentence_of(error.said), "error")
        return _back()

    if linked:
        flash(
            ngettext(
                "%(num)d invoice is linked to its entry. Its payments come back, too.",
                "%(num)d invoices are linked to their entries. Their payments come back, too.",
                linked,
            ),
            "success",
        )
    if left := len(set(chosen)) - linked:
        flash(
            ngettext(
                "%(num)d invoice no longer agrees and was left as it is.",
                "%(num)d invoices no longer agree and were left as they are.",
                left,
            ),
            "warn",
        )

    return _back()


@blueprint.post("/moving-over/invoices/<invoice_id>/link")
@require(Role.FINANCE)
def link_one(invoice_id: str) -> ResponseReturnValue:
    """Link an invoice to an entry that differs, as a person decided."""
    row = find_invoice(invoice_id)
    connection = find_live_connection(db.session(), row.subsidiary_id) or abort(404)
    said = _("%(number)s is linked. It counts as copied from now on.", number=row.number)
    db.session.commit()
    _try(lambda: _link(connection.id, row.id, request.form.get("entry", "")), said)
    return _back()


def _link(connection_id: int, invoice_id: str, entry_id: str) -> None:
    ledger = wiring().ledger(connection_id)
    link_existing(db.session(), ledger, invoice_id, entry_id, actor=current_person().name, now=now())


@blueprint.post("/moving-over/invoices/<invoice_id>/leave")
@require(Role.FINANCE)
def leave(invoice_id: str) -> ResponseReturnValue:
    """Keep that an entry is not this invoice's."""
    row = find_invoice(invoice_id)
    entries = request.form.getlist("entry")
    said = _("%(number)s is left as it is, without an entry.", number=row.number)
    _try(
        lambda: set_aside(db.session(), row.id, entries, actor=current_person().name, now=now()),
        said,
    )
    return _back()


def _try(act: Callable[[], object], said: str) -> None:
    try:
        act()
        flash(said, "success")
    except (CutOverError, StrangerError, RemoteError) as error:
        db.session.rollback()
        flash(sentence_of(error.said), "error")


def _back() -> ResponseReturnValue:
    return redirect(url_for("moving_over.show_moving_over"))


def _connection_or_404(connection_id: int) -> ConnectionRow:
    row = db.session.get(ConnectionRow, connection_id)
    if row is None or not row.is_live:
        abort(404)
    see_or_404(row.subsidiary_id)
    return row
