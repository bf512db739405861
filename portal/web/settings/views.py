"""Settings and Settings › Productive."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.actions.connections.productive import OtherOrganizationError, refresh_productive, save_productive
from portal.actions.engine.jobs import Job
from portal.domain.house.states import Role
from portal.extensions import db
from portal.remote.errors import RefusedError, RemoteError, SignInLostError
from portal.web.common.access import current_person, require
from portal.web.common.errors import sentence_of
from portal.web.common.frame import productive, visible_subsidiaries
from portal.web.common.said import sentence_of as sentence_said
from portal.web.settings.forms import ProductiveForm
from portal.wiring import current as wiring

blueprint = Blueprint("settings", __name__, url_prefix="/settings")


@blueprint.get("")
@require(Role.VIEWER)
def show_settings() -> ResponseReturnValue:
    """Show the way to every part of the settings."""
    return render_template("settings/page.html", productive=productive())


@blueprint.route("/productive", methods=["GET", "POST"])
@require(Role.ADMINISTRATOR)
def edit_productive() -> ResponseReturnValue:
    """Show the access to Productive. Test and keep a new one. It opens every subsidiary."""
    if request.method == "POST":
        refuse_part_of_it()

    form = ProductiveForm(obj=productive())
    if not form.validate_on_submit():
        return show_productive(form), 422 if form.errors else 200

    trouble = try_to_save(form)
    if trouble:
        form.form_errors.append(trouble)
        return show_productive(form), 422

    return redirect(url_for("settings.edit_productive"))


@blueprint.post("/productive/refresh")
@require(Role.ADMINISTRATOR)
def refresh() -> ResponseReturnValue:
    """Pull subsidiaries, service types and tax rates again."""
    refuse_part_of_it()
    db.session.commit()

    try:
        refresh_productive(db.session(), wiring().billing(), now=wiring().clock())
    except RemoteError as error:
        flash(say_trouble(error), "error")
        if error.helps_to_retry:
            read_on()
    else:
        flash(_("Subsidiaries, service types and tax rates are up to date."), "success")

    return redirect(url_for("settings.edit_productive"))


def refuse_part_of_it() -> None:
    """Turn away who has only some of the subsidiaries, for Productive's access gives them all."""
    if current_person().subsidiaries is not None:
        abort(403)


def show_productive(form: ProductiveForm) -> str:
    """Render Settings › Productive."""
    subsidiaries = visible_subsidiaries()
    row = productive()
    return render_template("settings/productive.html", form=form, row=row, subsidiaries=subsidiaries)


def try_to_save(form: ProductiveForm) -> str | None:
    """Test and keep the access. Return what went wrong, None if nothing did."""
    organization_id = form.organization_id.data or ""
    token = form.token.data or ""

    try:
        is_whole = save_productive(
            db.session(),
            wiring().billing_with(organization_id, token),
            wiring().vault,
            organization_id=organization_id,
            token=token,
            actor=current_person().name,
            now=wiring().clock(),
        )
    except RemoteError as error:
        return say_trouble(error)
    except OtherOrganizationError as error:
        return sentence_said(error.said)

    if is_whole:
        flash(_("The token works. Subsidiaries, service types and tax rates are up to date."), "success")
    else:
        flash(_("The token works and is kept."), "success")
        read_on()

    return None


def read_on() -> None:
    """Let the worker read what takes longer than a person waits."""
    wiring().nudge(Job.PULL_INVOICES, "")
    flash(_("The portal goes on reading subsidiaries, service types and tax rates by itself."), "info")


def say_trouble(error: RemoteError) -> str:
    """Say in plain words why Productive could not be used."""
    if isinstance(error, (SignInLostError, RefusedError)):
        return str(
            _("Productive does not accept this organisation id and token. Check both, then save again.")
        )
    return " ".join((sentence_of(error, "Productive")[0], _("Nothing was changed. Try again in a moment.")))
