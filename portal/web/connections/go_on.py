"""What goes on once a sign-in works."""

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.actions.connections.settle_later import wake_served
from portal.extensions import db
from portal.web.connections.blueprint import connection_or_404
from portal.web.connections.divisions import settle_first_division
from portal.wiring import current as wiring


def after_sign_in(connection_id: int) -> ResponseReturnValue:
    """Go on to the next step, or back to the card of a live connection."""
    row = connection_or_404(connection_id)
    if row.is_live:
        flash(_("The sign-in at Exact works again."), "success")
        go_on(row.grant_id)
        return redirect(url_for("connections.show_apps"))
    return settle_first_division(row)


def go_on(grant_id: int | None) -> None:
    """Let everything that a sign-in serves go on now, not when the timetable says."""
    wake_served(db.session(), wiring().nudge, grant_id)
