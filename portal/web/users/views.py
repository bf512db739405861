"""Settings › Users: who may sign in, with which role, for which subsidiaries."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from portal.actions.house.passwords import BadPasswordError, refuse_weak
from portal.actions.house.people import (
    EmailTakenError,
    LastAdministratorError,
    LastOfAllError,
    add_user,
    change_user,
    refuse_password,
    set_password,
)
from portal.domain.house.reach import covers
from portal.domain.house.states import Role
from portal.extensions import db
from portal.store.people import UserRow
from portal.web.auth.views import stay
from portal.web.common.access import current_person, require, visible_subsidiaries
from portal.web.common.clock import now
from portal.web.common.passwords import about_the_portal, say_bad_password
from portal.web.users.forms import ROLES, ChangeUserForm, NewUserForm, form_of

blueprint = Blueprint("users", __name__)


def is_mine_to_manage(user: UserRow) -> bool:
    """Say whether a person's reach is within one's own."""
    return covers(current_person().subsidiaries, user.subsidiaries)


@blueprint.get("/settings/users")
@require(Role.ADMINISTRATOR)
def show_users() -> ResponseReturnValue:
    """List everybody within one's own reach, who may sign in first."""
    everybody = db.session.scalars(select(UserRow).order_by(UserRow.active.desc(), UserRow.email)).all()
    rows = [row for row in everybody if is_mine_to_manage(row)]
    names = {row.id: row.name for row in visible_subsidiaries()}
    roles = {role.value: str(role.label).split(":")[0] for role in ROLES}
    return render_template("users/page.html", rows=rows, names=names, roles=roles, nav="settings")


@blueprint.route("/settings/users/new", methods=["GET", "POST"])
@require(Role.ADMINISTRATOR)
def add() -> ResponseReturnValue:
    """Add a person."""
    form = NewUserForm()
    form.offer(visible_subsidiaries(), whole=current_person().subsidiaries is None)
    if request.method == "GET":
        return show_form(form)
    if not form.validate() or not try_to_add(form):
        return show_form(form), 422

    flash(_("%(email)s was added.", email=form.email.data), "success")
    return redirect(url_for("users.show_users"))


def try_to_add(form: NewUserForm) -> bool:
    """Add who the form names. An e-mail that is taken and a weak password are form errors."""
    email = form.email.data or ""
    name = form.name.data or ""
    password = form.password.data or ""

    try:
        refuse_weak(password, (*about_the_portal(), email.strip(), name))
        add_user(
            db.session(),
            email=email,
            name=name,
            password=password,
            role=Role(form.role.data),
            subsidiaries=form.reached,
            by=current_person().name,
            now=now(),
            within=current_person().subsidiaries,
            must_change=True,
        )
    except EmailTakenError:
        form.email.errors = [_("Somebody has this e-mail already.")]
        return False
    except BadPasswordError as error:
        form.password.errors = [say_bad_password(error)]
        return False

    return True


@blueprint.route("/settings/users/<int:user_id>", methods=["GET", "POST"])
@require(Role.ADMINISTRATOR)
def edit(user_id: int) -> ResponseReturnValue:
    """Change a person within one's own reach."""
    user = db.get_or_404(UserRow, user_id)
    if not is_mine_to_manage(user):
        abort(404)

    form = form_of(user)
    form.offer(visible_subsidiaries(), whole=current_person().subsidiaries is None)
    if request.method == "GET":
        return show_form(form, user)
    if not form.validate() or not try_to_change(form, user):
        return show_form(form, user), 422

    flash(_("%(email)s was changed.", email=user.email), "success")
    return redirect(url_for("users.show_users") if is_still_administrator(user) else "/")


def try_to_change(form: ChangeUserForm, user: UserRow) -> bool:
    """Change who the form shows; the last administrator stays one."""
    try:
        if form.password.data:
            refuse_password(user, form.password.data, about_the_portal())

        change_user(
            db.session(),
            user,
            name=form.name.data or "",
            role=Role(form.role.data),
            subsidiaries=form.reached,
            active=form.active.data,
            by=current_person().name,
            now=now(),
            keep=own_session(user),
            within=current_person().subsidiaries,
        )
    except LastOfAllError:
        form.reach.errors = [
            _("This is the last administrator of all subsidiaries. Make somebody else one first.")
        ]
        return False
    except LastAdministratorError:
        form.role.errors = [_("This is the last administrator. Make somebody else one first.")]
        return False
    except BadPasswordError as error:
        form.password.errors = [say_bad_password(error)]
        return False

    if form.password.data:
        change_password(user, form.password.data)

    return True


def change_password(user: UserRow, password: str) -> None:
    """Give a person a password, which they change at the next sign-in unless it is one's own."""
    keep = own_session(user)
    set_password(
        db.session(),
        user,
        password,
        by=current_person().name,
        now=now(),
        about=about_the_portal(),
        keep=keep,
        within=current_person().subsidiaries,
        must_change=keep is None,
    )


def own_session(user: UserRow) -> int | None:
    """Return the present session where a person changes themself, for it may go on."""
    return current_person().session_id if user.id == current_person().id else None


def is_still_administrator(user: UserRow) -> bool:
    """Keep the session of who changed themself; say whether this page is still theirs."""
    if user.id != current_person().id:
        return True
    if user.active:
        stay(user)
    return user.active and user.is_administrator


def show_form(form: NewUserForm | ChangeUserForm, user: UserRow | None = None) -> str:
    """Render the form of one person."""
    return render_template("users/edit.html", form=form, user=user, nav="settings")
