"""The App Marketplace: what is connected, how it is doing, refresh and disconnect."""

from contextlib import suppress

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import func, select

from portal.actions.connections.disconnect import discard_draft, disconnect
from portal.actions.connections.subscribe import drop_hooks
from portal.domain.house.states import Role
from portal.extensions import db, the_portal
from portal.remote.errors import RemoteError
from portal.store.connections import ConnectionRow, uses_of_grant
from portal.store.copies import CopyRow
from portal.web.common.access import current_person, require
from portal.web.common.frame import productive
from portal.web.common.htmx import is_htmx, redirect_whole_page
from portal.web.connections import back_from_exact, connect, consent, finish, set_up, sign_in
from portal.web.connections.blueprint import blueprint, connection_or_404, say_trouble
from portal.web.connections.cards import card_of, head_of, unconnected, visible_cards
from portal.web.connections.divisions import load_division, probe_rights
from portal.wiring import current as wiring

__all__ = ["back_from_exact", "blueprint", "connect", "consent", "finish", "set_up", "sign_in"]


@blueprint.get("/settings/apps")
@require(Role.VIEWER)
def show_apps() -> ResponseReturnValue:
    """Show the apps that match the search, with their connections."""
    asked = request.args.get("q", "").strip()
    return render_template(
        "connections/page.html",
        asked=asked,
        shows_exact=asked.lower() in "exact online accounting bookkeeping",
        shows_productive=asked.lower() in "productive agency management",
        productive=productive(),
        cards=visible_cards(wiring().clock()),
        unconnected=unconnected(),
    )


@blueprint.post("/connections/<int:connection_id>/catalogue")
@require(Role.FINANCE)
def refresh_catalogue(connection_id: int) -> ResponseReturnValue:
    """Pull the catalogue now and check the rights."""
    row = connection_or_404(connection_id)
    try:
        load_division(row)
        probe_rights(connection_id)
        flash(_("Journals, ledgers and VAT codes are up to date."), "success")
    except RemoteError as error:
        flash(say_trouble(error), "error")
        if error.helps_to_retry:
            flash(_("The portal goes on reading it by itself."), "info")

    return go_back(connection_id)


def go_back(connection_id: int) -> ResponseReturnValue:
    """Return to where the button was, the wizard or the card."""
    row = db.session.get_one(ConnectionRow, connection_id)
    if not row.is_live:
        return redirect(url_for("connections.edit_set_up", connection_id=connection_id))
    if is_htmx():
        return render_template("connections/_card.html", card=card_of(row, wiring().clock()), swapped=True)

    return redirect(url_for("connections.show_apps"))


@blueprint.get("/connections/<int:connection_id>/disconnect")
@require(Role.ADMINISTRATOR)
def ask_to_disconnect(connection_id: int) -> ResponseReturnValue:
    """Ask once, saying what stays and what goes."""
    row = connection_or_404(connection_id)
    template = "connections/_disconnect.html" if is_htmx() else "connections/disconnect.html"
    last = row.grant_id is not None and uses_of_grant(db.session(), row.grant_id) == 1
    # Spelled so that the few under way are read by their index, and not all copies of the connection.
    under_way = CopyRow.in_flight > ""
    pending = select(func.count()).where(CopyRow.connection_id + 0 == row.id, under_way)

    return render_template(
        template, card=head_of(row, wiring().clock()), last=last, pending=db.session.scalar(pending) or 0
    )


def remove_hooks(row: ConnectionRow) -> None:
    """Remove the webhooks of a division, as far as Exact lets us."""
    if wiring().takes_hooks(row.locale) and row.grant_id is not None:
        with suppress(RemoteError):
            drop_hooks(db.session(), wiring().ledger(row.id), url=the_portal().settings.exact_hook_url)


@blueprint.post("/connections/<int:connection_id>/disconnect")
@require(Role.ADMINISTRATOR)
def perform_disconnect(connection_id: int) -> ResponseReturnValue:
    """End a connection, or give up a set-up."""
    row = connection_or_404(connection_id)
    if row.is_live:
        remove_hooks(row)
        disconnect(db.session(), connection_id, actor=current_person().name, now=wiring().clock())
        flash(_("Exact is disconnected. History and mappings were kept."), "success")
    else:
        discard_draft(db.session(), connection_id)
        flash(_("The set-up was discarded."), "info")

    url = url_for("connections.show_apps")
    return redirect_whole_page(url) if is_htmx() else redirect(url)
