"""The third step: the default ledger and the mappings, and the end of the set-up."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.actions.connections.connect import (
    CannotConnectError,
    finish_connection,
)
from portal.actions.copies.move_over import request_move
from portal.domain.booking.catalogue import takes_revenue
from portal.domain.house.states import Role
from portal.extensions import db
from portal.store.catalogue import read_stored_catalogue
from portal.store.connections import ConnectionRow
from portal.store.moving import count_elsewhere
from portal.web.common.access import current_person, require
from portal.web.common.choices import a_choice
from portal.web.connections.blueprint import (
    blueprint,
    connection_or_404,
)
from portal.web.connections.cards import head_of
from portal.web.connections.choices import say_in_form
from portal.web.connections.forms import LedgerForm
from portal.web.mappings.table import shown_lines, table_of
from portal.wiring import current as wiring


@blueprint.route("/connections/<int:connection_id>/mappings", methods=["GET", "POST"])
@require(Role.ADMINISTRATOR)
def edit_mappings(connection_id: int) -> ResponseReturnValue:
    """Show the third step, and go live with Finish."""
    row = connection_or_404(connection_id)
    if row.division is None or row.copy_from is None:
        return redirect(url_for("connections.edit_set_up", connection_id=connection_id))

    form = ledger_form(row)
    was_live = row.is_live

    if form.validate_on_submit() and try_to_finish(form, connection_id):
        if not was_live:
            look_for_former(connection_id)
        flash(_("The integration was changed.") if was_live else _("Exact is connected."), "success")
        # Set up anew, the next thing to see is what is ready to copy.
        return redirect(url_for("connections.show_apps" if was_live else "overview.show_overview"))

    return show_ledgers(form, connection_id), 422 if form.errors else 200


def look_for_former(connection_id: int) -> None:
    """Look up in Exact what another link copied before, where Productive says that there is something."""
    subsidiary_id = connection_or_404(connection_id).subsidiary_id
    if count_elsewhere(db.session(), (subsidiary_id,)):
        request_move(db.session(), wiring().nudge, connection_id, now=wiring().clock())


def ledger_form(row: ConnectionRow) -> LedgerForm:
    """Build the form of the third step."""
    form = LedgerForm(obj=row)
    accounts = filter(takes_revenue, read_stored_catalogue(db.session(), row.id).accounts)
    form.default_ledger.choices = [a_choice("", ""), *(a_choice(one.id, one.code) for one in accounts)]
    return form


def show_ledgers(form: LedgerForm, connection_id: int) -> str:
    """Render the third step."""
    row = connection_or_404(connection_id)
    card = head_of(row, wiring().clock())
    return render_template("connections/mappings.html", form=form, card=card, **shown_lines(table_of(row)))


def try_to_finish(form: LedgerForm, connection_id: int) -> bool:
    """Go live, or say in the form what cannot be."""
    try:
        finish_connection(
            db.session(),
            connection_id,
            form.default_ledger.data or None,
            actor=current_person().name,
            now=wiring().clock(),
        )
    except CannotConnectError as error:
        say_in_form(form, error)
        return False

    return True
