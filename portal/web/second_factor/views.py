"""Your account › Second factor: set it up, make new recovery codes, switch it off."""

from collections.abc import Sequence

import segno
from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup

from portal.actions.house.people import PeopleChange
from portal.actions.house.second_factor import (
    FactorError,
    begin,
    make_recovery_codes,
    preparation_of,
    prepare,
    switch_off,
)
from portal.actions.house.sign_in import WaitError
from portal.domain.house.codes import spell_code
from portal.domain.house.states import Role
from portal.extensions import db, the_portal
from portal.store.people import UserRow
from portal.store.recovery_codes import count_codes
from portal.web.auth.forms import CodeForm
from portal.web.auth.views import stay
from portal.web.common.access import current_person, lacks_second_factor, require
from portal.web.common.clock import now
from portal.web.common.confirm import ConfirmedForm, say_wait_for_code

blueprint = Blueprint("second_factor", __name__)
PICTURE = {"scale": 4, "border": 3, "dark": "#000", "light": "#fff"}


def own_row() -> UserRow:
    """Return the signed-in person's row."""
    return db.session.get_one(UserRow, current_person().id)


def by_me() -> PeopleChange:
    """Return a change of the person's own, whose session goes on."""
    person = current_person()
    return PeopleChange(person.name, now(), session_id=person.session_id)


def render(form: CodeForm | None = None, password: ConfirmedForm | None = None) -> str:
    """Render the page as far as the person has come, with a form that was not accepted if there is one."""
    user = own_row()
    prepared = preparation_of(the_portal().vault, user)
    picture = segno.make(prepared.address, error="m").svg_inline(**PICTURE) if prepared else ""
    return render_template(
        "account/second_factor.html",
        user=user,
        prepared=prepared,
        # Made by the library from letters and digits alone.
        picture=Markup(picture),  # noqa: S704
        left=count_codes(db.session(), user.id),
        form=form or CodeForm(formdata=None),
        password=password or ConfirmedForm(formdata=None),
        is_needed=the_portal().settings.needs_second_factor,
        bare=lacks_second_factor(),
    )


@blueprint.get("/account/second-factor")
@require(Role.VIEWER)
def show() -> ResponseReturnValue:
    """Show how far the second factor is set up."""
    return render()


@blueprint.post("/account/second-factor/start")
@require(Role.VIEWER)
def start() -> ResponseReturnValue:
    """Begin to set it up, or begin anew."""
    form = ConfirmedForm()
    if not form.validate():
        return render(password=form), 422

    try:
        prepare(db.session(), the_portal().vault, own_row())
    except FactorError:
        flash(_("The second factor is set up already."), "info")

    return redirect(url_for("second_factor.show"))


@blueprint.post("/account/second-factor")
@require(Role.VIEWER)
def confirm() -> ResponseReturnValue:
    """Switch it on with the first code, and show the recovery codes once."""
    form = CodeForm()
    if not form.validate():
        return render(form), 422

    try:
        codes = begin(db.session(), the_portal().vault, own_row(), form.code.data or "", by_me())
    except WaitError as error:
        form.form_errors.append(say_wait_for_code(error))
        return render(form), 429, {"Retry-After": str(error.seconds)}

    if not codes:
        form.code.errors = [_("This code does not fit. Enter the one that your app shows now.")]
        return render(form), 422

    stay(own_row())
    return show_codes(codes)


@blueprint.post("/account/second-factor/codes")
@require(Role.VIEWER)
def renew_codes() -> ResponseReturnValue:
    """Make new recovery codes and show them once."""
    form = ConfirmedForm()
    if not form.validate():
        return render(password=form), 422

    try:
        codes = make_recovery_codes(db.session(), own_row(), by_me())
    except FactorError:
        return redirect(url_for("second_factor.show"))

    return show_codes(codes)


@blueprint.post("/account/second-factor/off")
@require(Role.VIEWER)
def end() -> ResponseReturnValue:
    """Switch it off, unless the settings ask for it."""
    form = ConfirmedForm()
    if not form.validate():
        return render(password=form), 422
    if the_portal().settings.needs_second_factor:
        flash(_("This portal asks everybody for a second factor. It cannot be switched off."), "error")
        return redirect(url_for("second_factor.show"))

    switch_off(db.session(), own_row(), by_me())
    flash(_("The second factor was switched off."), "success")
    return redirect(url_for("second_factor.show"))


def show_codes(codes: Sequence[str]) -> str:
    """Render the recovery codes, which nobody can show again."""
    return render_template("account/recovery_codes.html", codes=[spell_code(code) for code in codes])
