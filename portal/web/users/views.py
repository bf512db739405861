"""Settings › Users: who may sign in, with which role, for which subsidiaries."""

from collections.abc import Sequence

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from portal.actions.people import (
    EmailTakenError,
    LastAdministratorError,
    add_user,
    change_user,
    set_password,
)
from portal.extensions import db
from portal.store.connections import SubsidiaryRow
from portal.store.people import ADMINISTRATOR, UserRow
from portal.web.access import current_person, require
from portal.web.auth.views import stay
from portal.web.clock import now
from portal.web.users.forms import ROLES, ChangeUserForm, NewUserForm, form_of

blueprint = Blueprint("users", __name__)


def all_subsidiaries() -> Sequence[SubsidiaryRow]:
    """Return every subsidiary by name."""
    return db.session.scalars(select(SubsidiaryRow).order_by(SubsidiaryRow.name)).all()


@blueprint.get("/settings/users")
@require(ADMINISTRATOR)
def show_users() -> ResponseReturnValue:
    """List everybody, who may sign in first."""
    rows = db.session.scalars(select(UserRow).order_by(UserRow.active.desc(), UserRow.email)).all()
    names = {row.id: row.name for row in all_subsidiaries()}
    roles = {role.value: str(role.label).split(":")[0] for role in ROLES}
    return render_template("users/page.html", rows=rows, names=names, roles=roles, nav="settings")


@blueprint.route("/settings/users/new", methods=["GET", "POST"])
@require(ADMINISTRATOR)
def add() -> ResponseReturnValue:
    """Add a person."""
    form = NewUserForm()
    form.offer(all_subsidiaries())
    if request.method == "GET":
        return show_form(form)
    if not form.validate() or not try_to_add(form):
        return show_form(form), 422
    flash(_("%(email)s was added.", email=form.email.data), "success")
    return redirect(url_for("users.show_users"))


def try_to_add(form: NewUserForm) -> bool:
    """Add who the form names; an e-mail that is taken is a form error."""
    try:
        add_user(
            db.session(),
            email=form.email.data or "",
            name=form.name.data or "",
            password=form.password.data or "",
            role=form.role.data,
            subsidiaries=form.reached,
            by=current_person().name,
            now=now(),
        )
    except EmailTakenError:
        form.email.errors = [_("Somebody has this e-mail already.")]
        return False
    return True


@blueprint.route("/settings/users/<int:user_id>", methods=["GET", "POST"])
@require(ADMINISTRATOR)
def edit(user_id: int) -> ResponseReturnValue:
    """Change a person."""
    user = db.get_or_404(UserRow, user_id)
    form = form_of(user)
    form.offer(all_subsidiaries())
    if request.method == "GET":
        return show_form(form, user)
    if not form.validate() or not try_to_change(form, user):
        return show_form(form, user), 422
    flash(_("%(email)s was changed.", email=user.email), "success")
    return redirect(url_for("users.show_users") if is_still_administrator(user) else "/")


def try_to_change(form: ChangeUserForm, user: UserRow) -> bool:
    """Change who the form shows; the last administrator stays one."""
    by, moment, keep = current_person().name, now(), own_session(user)
    try:
        change_user(
            db.session(),
            user,
            name=form.name.data or "",
            role=form.role.data,
            subsidiaries=form.reached,
            active=form.active.data,
            by=by,
            now=moment,
            keep=keep,
        )
    except LastAdministratorError:
        form.role.errors = [_("This is the last administrator. Make somebody else one first.")]
        return False
    if form.password.data:
        set_password(db.session(), user, form.password.data, by=by, now=moment, keep=keep)
    return True


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
