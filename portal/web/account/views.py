"""Your account, and the switch between subsidiaries in the header."""

from flask import Blueprint, abort, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale, ngettext
from flask_babel import gettext as _

from portal.actions.house.passwords import BadPasswordError
from portal.actions.house.people import (
    NewPassword,
    PeopleChange,
    set_language,
    set_password,
    set_summary_hour,
)
from portal.actions.house.sessions import end_other_sessions, end_session
from portal.domain.house.states import Role
from portal.extensions import db, the_portal
from portal.languages import tag_for
from portal.store.people import UserRow
from portal.store.sessions import sessions_of
from portal.web.account.forms import LanguageForm, PasswordForm, SummaryForm
from portal.web.auth.views import stay
from portal.web.common.access import current_person, require
from portal.web.common.clock import now
from portal.web.common.confirm import refuse_own_password
from portal.web.common.htmx import safe_path
from portal.web.common.passwords import about_the_portal, say_bad_password
from portal.web.common.words import locale_of

blueprint = Blueprint("account", __name__)


def own_row() -> UserRow:
    """Return the signed-in person's row."""
    return db.session.get_one(UserRow, current_person().id)


def show(language: LanguageForm | None = None, password: PasswordForm | None = None) -> str:
    """Render the page, with a form that was not accepted if there is one."""
    return render_template(
        "account/page.html",
        language=language or LanguageForm(formdata=None, language=tag_for(current_person().language)),
        password=password or PasswordForm(formdata=None),
        summary=SummaryForm(formdata=None, hour=said_hour(own_row().summary_hour)),
        sends_mail=the_portal().settings.mail is not None,
        sessions=sessions_of(
            db.session(), current_person().id, idle=the_portal().settings.session_idle, now=now()
        ),
        idle=the_portal().settings.session_idle_minutes,
    )


@blueprint.get("/account")
@require(Role.VIEWER)
def show_account() -> ResponseReturnValue:
    """Show language and password."""
    return show()


@blueprint.post("/account/language")
@require(Role.VIEWER)
def save_language() -> ResponseReturnValue:
    """Change the language of the screens."""
    form = LanguageForm()
    if not form.validate():
        return show(language=form), 422

    set_language(db.session(), own_row(), form.language.data)
    with force_locale(locale_of(form.language.data)):
        flash(_("The language was changed."), "success")

    return redirect(url_for("account.show_account"))


def said_hour(hour: int | None) -> str:
    """Spell an hour as its option does."""
    return "" if hour is None else str(hour)


@blueprint.post("/account/summary")
@require(Role.VIEWER)
def save_summary() -> ResponseReturnValue:
    """Choose when the daily summary is mailed, or that none is."""
    form = SummaryForm()
    if not form.validate():
        return show(), 422

    hour = form.hour.data
    set_summary_hour(db.session(), own_row(), int(hour) if hour else None)
    if hour:
        flash(_("The summary comes every day at %(hour)s:00.", hour=f"{int(hour):02}"), "success")
    else:
        flash(_("No summary is sent to you."), "success")

    return redirect(url_for("account.show_account"))


@blueprint.get("/account/password")
@require(Role.VIEWER)
def choose_password() -> ResponseReturnValue:
    """Ask for a password of one's own, where the present one was given by somebody else."""
    if not current_person().must_change:
        return redirect(url_for("account.show_account"))
    return show_choice(PasswordForm(formdata=None))


def show_choice(form: PasswordForm) -> str:
    """Render the page that leads nowhere else."""
    return render_template("account/password.html", password=form, bare=True)


@blueprint.post("/account/password")
@require(Role.VIEWER)
def save_password() -> ResponseReturnValue:
    """Change the password. Every other session of this person ends."""
    form = PasswordForm()
    must_change = current_person().must_change
    if not form.validate() or not try_to_change(form):
        return show_choice(form) if must_change else show(password=form), 422

    stay(own_row())
    flash(_("The password was changed. Other sessions were ended."), "success")
    return redirect("/" if must_change else url_for("account.show_account"))


def try_to_change(form: PasswordForm) -> bool:
    """Change the own password. What is wrong is said at its field."""
    if wrong := refuse_own_password(form.old.data or ""):
        form.old.errors = [wrong]
        return False

    person = current_person()
    try:
        set_password(
            db.session(),
            own_row(),
            NewPassword(form.new.data or "", about_the_portal()),
            PeopleChange(person.name, now(), session_id=person.session_id),
        )
    except BadPasswordError as error:
        form.new.errors = [say_bad_password(error)]
        return False

    return True


@blueprint.post("/account/sessions/<int:session_id>/end")
@require(Role.VIEWER)
def end_one(session_id: int) -> ResponseReturnValue:
    """End one of the person's own sessions elsewhere."""
    if not end_session(db.session(), current_person().id, session_id):
        flash(_("That session has ended already."), "info")
    else:
        flash(_("The session was ended."), "success")
    return redirect(url_for("account.show_account", _anchor="account-sessions"))


@blueprint.post("/account/sessions/end-others")
@require(Role.VIEWER)
def end_others() -> ResponseReturnValue:
    """End every session of the person but this one."""
    person = current_person()
    count = end_other_sessions(db.session(), person.id, but=person.session_id)
    flash(ngettext("%(num)d session was ended.", "%(num)d sessions were ended.", count), "success")
    return redirect(url_for("account.show_account", _anchor="account-sessions"))


@blueprint.post("/subsidiary")
@require(Role.VIEWER)
def choose_subsidiary() -> ResponseReturnValue:
    """Narrow every screen to one subsidiary, or show all again."""
    chosen = request.form.get("subsidiary", "")
    if chosen and not current_person().may_see(chosen):
        abort(404)
    session["subsidiary"] = chosen
    return redirect(safe_path(request.form.get("next")) or "/")
