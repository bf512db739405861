"""A consent that is kept until Exact says whose it is."""

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.actions.connections.settle_later import settle_later
from portal.domain.house.states import Role
from portal.extensions import db
from portal.store.grants import find_unsettled
from portal.web.common.access import require, writes
from portal.web.common.htmx import is_htmx, redirect_whole_page
from portal.web.connections.blueprint import blueprint, connection_or_404
from portal.web.connections.go_on import after_sign_in
from portal.wiring import current as wiring


@blueprint.get("/connections/<int:connection_id>/consent")
@require(Role.ADMINISTRATOR)
def show_consent(connection_id: int) -> ResponseReturnValue:
    """Show whether Exact has said by now whose a kept sign-in is. Then the wizard goes on."""
    row = connection_or_404(connection_id)
    unsettled = find_unsettled(db.session(), connection_id)

    if unsettled is None:
        step = "go_on_signed_in" if row.grant_id else "show_sign_in"
        url = url_for(f"connections.{step}", connection_id=connection_id)
        return redirect_whole_page(url) if is_htmx() else redirect(url)

    return render_template("connections/_consent.html", row=row)


@blueprint.post("/connections/<int:connection_id>/consent")
@require(Role.ADMINISTRATOR)
def settle_now(connection_id: int) -> ResponseReturnValue:
    """Ask Exact at once whose a kept sign-in is."""
    row = connection_or_404(connection_id)
    unsettled = find_unsettled(db.session(), connection_id)
    if unsettled is not None and not try_to_settle(unsettled.id, row.locale):
        return redirect(url_for("connections.show_sign_in", connection_id=connection_id))
    return redirect(url_for("connections.go_on_signed_in", connection_id=connection_id))


def try_to_settle(grant_id: int, locale: str) -> bool:
    """Ask whose a kept sign-in is, and say whether that is settled."""
    return settle_later(
        db.session(),
        lambda: wiring().ledger_of_grant(grant_id, None, held=False),
        wiring().vault,
        wiring().nudge,
        grant_id,
        clock=wiring().clock,
        site=wiring().settings.site_of(locale),
    )


@blueprint.get("/connections/<int:connection_id>/signed-in")
@writes
@require(Role.ADMINISTRATOR)
def go_on_signed_in(connection_id: int) -> ResponseReturnValue:
    """Go on with the wizard once the sign-in is settled."""
    if connection_or_404(connection_id).grant_id is None:
        return redirect(url_for("connections.show_sign_in", connection_id=connection_id))
    return after_sign_in(connection_id)
