"""The first step: subsidiary and country, then the sign-in at Exact and the way back."""

import secrets

from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.actions.connections.connect import CannotConnectError, reuse_grant, start_connection
from portal.actions.connections.consent import (
    UnsettledError,
    accept_consent,
    find_unsettled,
    settle_later,
    wake_served,
)
from portal.actions.connections.keep_alive import try_renewal_now
from portal.actions.engine.jobs import Job
from portal.domain.connections.states import ConnectionState
from portal.domain.house.states import Role
from portal.extensions import db
from portal.remote.errors import LostReplyError, RefusedError, RemoteError, SignInLostError
from portal.store.connections import ConnectionRow, connections_in_use
from portal.store.grants import GrantRow, live_grants
from portal.web.common.access import current_person, require, writes
from portal.web.common.choices import a_choice
from portal.web.common.confirm import OWN_PASSWORD, ConfirmedForm
from portal.web.common.grant_words import LOCALES
from portal.web.common.htmx import is_htmx, redirect_whole_page
from portal.web.common.texts import row_number
from portal.web.connections.blueprint import blueprint, connection_or_404, ledger_of, say_trouble
from portal.web.connections.cards import card_of, native_link_text, unconnected
from portal.web.connections.divisions import settle_first_division
from portal.web.connections.forms import ConnectForm
from portal.wiring import current as wiring

STATES = "exact_states"
LAST = "exact_connection"
KEPT_STATES = 5


@blueprint.route("/connections/new", methods=["GET", "POST"])
@require(Role.ADMINISTRATOR)
def connect_app() -> ResponseReturnValue:
    """Ask for subsidiary and country, then lead to Exact."""
    form = connect_form()
    if not form.subsidiary.choices:
        return redirect(url_for("connections.show_apps"))

    if form.validate_on_submit() and (row := try_to_start(form)):
        known = known_sign_ins(row)
        return (
            redirect(url_for("connections.show_sign_in", connection_id=row.id)) if known else go_to_exact(row)
        )

    return show_connect(form), 422 if form.errors else 200


def connect_form() -> ConnectForm:
    """Build the form; one subsidiary is no question."""
    form = ConnectForm(subsidiary=request.args.get("for"))
    offered = unconnected()
    form.subsidiary.choices = [a_choice(one.id, one.name) for one in offered]

    if len(offered) == 1 and request.method == "POST":
        form.subsidiary.data = offered[0].id
        form.subsidiary.raw_data = [offered[0].id]

    return form


def show_connect(form: ConnectForm) -> str:
    """Render the first step."""
    chosen = [one for one in unconnected() if one.id == form.subsidiary.data] or unconnected()[:1]
    linked = [one for one in chosen if one.export_integration == 4]
    return render_template(
        "connections/connect.html", form=form, warning=native_link_text() if linked else None
    )


def try_to_start(form: ConnectForm) -> ConnectionRow | None:
    """Begin the set-up; what cannot be is said in the form."""
    if not wiring().settings.exact[form.locale.data].is_complete:
        form.locale.errors = [not_registered(form.locale.data)]
        return None

    try:
        return start_connection(db.session(), form.subsidiary.data, form.locale.data, now=wiring().clock())
    except CannotConnectError as error:
        form.subsidiary.errors = [error.text]
        return None


def not_registered(locale: str) -> str:
    """Say that there is no app of ours at a country site."""
    return str(
        _(
            "This portal is not registered with Exact in %(country)s yet. "
            "The operator sets EXACT_%(code)s_CLIENT_ID and EXACT_%(code)s_CLIENT_SECRET.",
            country=_(LOCALES[locale]),
            code=locale,
        )
    )


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
        card=card_of(row, wiring().clock()),
        known=known_sign_ins(row),
        unsettled=find_unsettled(db.session(), connection_id),
        form=form,
    )


def known_sign_ins(row: ConnectionRow) -> list[GrantRow]:
    """Return the sign-ins that work already, of the subsidiaries that the person may see."""
    grants = live_grants(db.session(), wiring().settings.site_of(row.locale))
    reach = current_person().subsidiaries
    seen = {one.grant_id for one in connections_in_use(db.session(), reach)}
    return [grant for grant in grants if reach is None or grant.id in seen]


def refuse_unconfirmed(connection_id: int) -> ResponseReturnValue | None:
    """Ask for the own password before a sign-in at Exact is given. None where it was."""
    form = ConfirmedForm()
    if form.own_password and OWN_PASSWORD not in request.form:
        return redirect(url_for("connections.show_sign_in", connection_id=connection_id))
    return None if form.validate() else (show_ways(connection_id, form), 422)


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

    site = wiring().settings.site_of(row.locale)
    wanted = request.form.get("grant", 0, type=row_number)
    grant_id = wanted if wanted in {grant.id for grant in known_sign_ins(row)} else 0
    db.session.commit()

    try:
        reuse_grant(
            db.session(),
            lambda known: wiring().ledger_of_grant(known, None),
            connection_id,
            grant_id,
            site=site,
        )
    except (CannotConnectError, RemoteError) as error:
        flash(say_trouble(error) if isinstance(error, RemoteError) else error.text, "error")
        return redirect(url_for("connections.show_sign_in", connection_id=connection_id))

    return after_sign_in(connection_id)


def go_to_exact(row: ConnectionRow) -> ResponseReturnValue:
    """Bind a fresh state to the browser's session and redirect to Exact."""
    state = secrets.token_urlsafe(24)
    states = dict(list(session.get(STATES, {}).items())[-KEPT_STATES + 1 :])
    session[STATES] = {**states, state: row.id}
    session[LAST] = row.id
    return redirect(wiring().sign_in(row.locale).authorization_url(state), 303)


@blueprint.get("/connections/exact/callback")
@writes
@require(Role.ADMINISTRATOR)
def receive_consent() -> ResponseReturnValue:
    """Take the code that Exact sends a person back with; anything else leads back into the wizard."""
    states = dict(session.get(STATES, {}))
    connection_id = states.pop(request.args.get("state", ""), None)
    session[STATES] = states
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


def back_to_wizard(text: str) -> ResponseReturnValue:
    """Return to the sign-in step with a sentence; everything chosen so far is kept."""
    flash(text, "error")
    row = db.session.get(ConnectionRow, session.get(LAST, 0))
    if row is None:
        return redirect(url_for("connections.show_apps"))
    return redirect(url_for("connections.show_sign_in", connection_id=row.id))


def try_to_accept(connection_id: int, code: str) -> str | None:
    """Turn the code into tokens; return what went wrong, None if nothing did.

    Raises UnsettledError when the sign-in is kept and Exact has yet to say whose it is.
    """
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
        return error.text

    return None


def after_sign_in(connection_id: int) -> ResponseReturnValue:
    """Go on to the next step, or back to the card of a live connection."""
    row = connection_or_404(connection_id)
    if row.state == ConnectionState.LIVE:
        flash(_("The sign-in at Exact works again."), "success")
        go_on(row.grant_id)
        return redirect(url_for("connections.show_apps"))
    return settle_first_division(row)


def go_on(grant_id: int | None) -> None:
    """Let everything that a sign-in serves go on now, not when the timetable says."""
    wake_served(db.session(), wiring().nudge, grant_id)
