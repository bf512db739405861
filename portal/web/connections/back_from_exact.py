"""The way back from the consent page of Exact."""

from flask import flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.actions.connections.connect import CannotConnectError
from portal.actions.connections.consent import UnsettledError, accept_consent
from portal.actions.engine.jobs import Job
from portal.domain.house.states import Role
from portal.extensions import db
from portal.remote.errors import LostReplyError, RefusedError, RemoteError, SignInLostError
from portal.store.connections import ConnectionRow
from portal.web.common.access import current_person, require, writes
from portal.web.common.said import sentence_of
from portal.web.connections.blueprint import blueprint, connection_or_404, say_trouble
from portal.web.connections.go_on import after_sign_in
from portal.web.connections.to_exact import LAST, STATES
from portal.wiring import current as wiring


@blueprint.get("/connections/exact/callback")
@writes
@require(Role.ADMINISTRATOR)
def receive_consent() -> ResponseReturnValue:
    """Take the code that Exact sends a person back with."""
    connection_id = take_state(request.args.get("state", ""))
    if connection_id is None:
        return back_to_wizard(_("This sign-in was not started here, or it was used before. Start it again."))

    code = request.args.get("code")
    if request.args.get("error") or not code:
        return back_to_wizard(_("Exact was not allowed to share its data. Nothing was connected; try again."))

    try:
        trouble = try_to_accept(connection_id, code)
    except UnsettledError as kept:
        wiring().nudge(Job.SETTLE_CONSENTS, str(kept.grant_id))
        return redirect(url_for("connections.show_sign_in", connection_id=connection_id))

    return back_to_wizard(trouble) if trouble else after_sign_in(connection_id)


def take_state(state: str) -> int | None:
    """Return the connection that a sign-in was started for here. Each works once."""
    states = dict(session.get(STATES, {}))
    connection_id: int | None = states.pop(state, None)
    session[STATES] = states
    return connection_id


def back_to_wizard(text: str) -> ResponseReturnValue:
    """Return to the sign-in step with a sentence. All choices are kept."""
    flash(text, "error")
    row = db.session.get(ConnectionRow, session.get(LAST, 0))
    if row is None:
        return redirect(url_for("connections.show_apps"))
    return redirect(url_for("connections.show_sign_in", connection_id=row.id))


def try_to_accept(connection_id: int, code: str) -> str | None:
    """Turn the code into tokens and return what went wrong, None if nothing did."""
    locale = connection_or_404(connection_id).locale
    db.session.commit()

    try:
        accept_consent(
            db.session(),
            wiring().sign_in(locale),
            lambda access: wiring().ledger_with(locale, access, None),
            wiring().vault,
            connection_id,
            code=code,
            actor=current_person().name,
            clock=wiring().clock,
            site=wiring().settings.site_of(locale),
        )
    except (RefusedError, SignInLostError):
        return str(
            _("Exact no longer accepts this sign-in: it works once, for three minutes. Sign in again.")
        )
    except LostReplyError:
        return str(_("Exact gave no answer to the sign-in, which works only once. Sign in again."))
    except RemoteError as error:
        return say_trouble(error)
    except CannotConnectError as error:
        return sentence_of(error.said)

    return None
