"""The ways to sign in at Exact: as before, or as somebody else."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.actions.connections.connect import CannotConnectError, reuse_grant
from portal.actions.connections.keep_alive import try_renewal_now
from portal.actions.engine.ports import Ledger
from portal.domain.house.states import Role
from portal.extensions import db
from portal.remote.errors import RemoteError
from portal.store.connections import ConnectionRow
from portal.store.grants import GrantRow, find_unsettled, live_grants
from portal.web.common.access import current_person, require
from portal.web.common.confirm import OWN_PASSWORD, ConfirmedForm
from portal.web.common.frame import places
from portal.web.common.said import sentence_of
from portal.web.common.texts import row_number
from portal.web.connections.blueprint import blueprint, connection_or_404, ledger_of, say_trouble
from portal.web.connections.cards import head_of
from portal.web.connections.go_on import after_sign_in, go_on
from portal.web.connections.to_exact import go_to_exact, not_registered
from portal.wiring import current as wiring


@blueprint.get("/connections/<int:connection_id>/sign-in")
@require(Role.ADMINISTRATOR)
def show_sign_in(connection_id: int) -> ResponseReturnValue:
    """Offer the sign-ins that work already, and another one."""
    return show_ways(connection_id, ConfirmedForm(formdata=None))


def show_ways(connection_id: int, form: ConfirmedForm) -> str:
    """Render the ways to sign in at Exact, with the own password where it is asked."""
    row = connection_or_404(connection_id)
    return render_template(
        "connections/sign_in.html",
        card=head_of(row, wiring().clock()),
        known=known_sign_ins(row),
        unsettled=find_unsettled(db.session(), connection_id),
        form=form,
    )


def known_sign_ins(row: ConnectionRow) -> list[GrantRow]:
    """Return the sign-ins that work already, of the subsidiaries that the person may see."""
    grants = live_grants(db.session(), wiring().settings.site_of(row.locale))
    reach = current_person().subsidiaries
    seen = {one.grant_id for one in places().in_use(reach)}
    return [grant for grant in grants if reach is None or grant.id in seen]


def refuse_unconfirmed(connection_id: int) -> ResponseReturnValue | None:
    """Ask for the own password before a sign-in at Exact is given. None where it was."""
    form = ConfirmedForm()
    if form.own_password and OWN_PASSWORD not in request.form:
        return redirect(url_for("connections.show_sign_in", connection_id=connection_id))
    return None if form.validate() else (show_ways(connection_id, form), 422)


@blueprint.post("/connections/<int:connection_id>/sign-in")
@require(Role.ADMINISTRATOR)
def sign_in_at_exact(connection_id: int) -> ResponseReturnValue:
    """Lead to Exact's consent page."""
    row = connection_or_404(connection_id)
    if (asked := refuse_unconfirmed(connection_id)) is not None:
        return asked

    if not wiring().settings.exact[row.locale].is_complete:
        flash(not_registered(row.locale), "error")
        return redirect(url_for("connections.show_sign_in", connection_id=connection_id))

    return go_to_exact(row)


@blueprint.post("/connections/<int:connection_id>/try")
@require(Role.ADMINISTRATOR)
def try_sign_in(connection_id: int) -> ResponseReturnValue:
    """Try at once whether the sign-in works, whenever it would be tried next."""
    row = connection_or_404(connection_id)
    if row.grant_id is not None:
        try_renewal_now(db.session(), row.grant_id)

    try:
        ledger_of(row, None).read_user()
        flash(_("The sign-in at Exact works again."), "success")
        go_on(row.grant_id)
    except RemoteError as error:
        flash(say_trouble(error), "error")

    return redirect(url_for("connections.show_apps"))


@blueprint.post("/connections/<int:connection_id>/reuse")
@require(Role.ADMINISTRATOR)
def continue_as(connection_id: int) -> ResponseReturnValue:
    """Go on with a sign-in that works already."""
    row = connection_or_404(connection_id)
    if (asked := refuse_unconfirmed(connection_id)) is not None:
        return asked

    if trouble := try_to_reuse(row, request.form.get("grant", 0, type=row_number)):
        flash(trouble, "error")
        return redirect(url_for("connections.show_sign_in", connection_id=connection_id))

    return after_sign_in(connection_id)


def try_to_reuse(row: ConnectionRow, wanted: int) -> str | None:
    """Go on with one of the known sign-ins, and return what went wrong, None if nothing did."""
    connection_id = row.id
    site = wiring().settings.site_of(row.locale)
    grant_id = wanted if wanted in {grant.id for grant in known_sign_ins(row)} else 0
    db.session.commit()

    def ledger_of_known(known: int) -> Ledger:
        return wiring().ledger_of_grant(known, None)

    try:
        reuse_grant(db.session(), ledger_of_known, connection_id, grant_id, site=site)
    except CannotConnectError as error:
        return sentence_of(error.said)
    except RemoteError as error:
        return say_trouble(error)

    return None
