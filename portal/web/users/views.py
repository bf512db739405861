"""Settings › Users: who may sign in, with which role, for which subsidiaries."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from portal.actions.house.second_factor import take_away
from portal.domain.house.reach import covers
from portal.domain.house.states import Role
from portal.extensions import db
from portal.store.people import UserRow
from portal.web.auth.views import stay
from portal.web.common.access import current_person, require
from portal.web.common.confirm import ConfirmedForm
from portal.web.common.frame import visible_subsidiaries
from portal.web.users.changes import change_by_me, try_to_add, try_to_change
from portal.web.users.forms import ROLES, ChangeUserForm, NewUserForm, form_of

blueprint = Blueprint("users", __name__)


def is_mine_to_manage(user: UserRow) -> bool:
    """Say whether a person's reach is within one's own."""
    return covers(current_person().subsidiaries, user.subsidiaries)


@blueprint.get("/settings/users")
@require(Role.ADMINISTRATOR)
def show_users() -> ResponseReturnValue:
    """List everybody within one's own reach, with those who may sign in first."""
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


@blueprint.route("/settings/users/<int:user_id>/second-factor", methods=["GET", "POST"])
@require(Role.ADMINISTRATOR)
def take_factor(user_id: int) -> ResponseReturnValue:
    """Take away a second factor that somebody lost. One's own is switched off in one's account."""
    user = db.get_or_404(UserRow, user_id)
    if not is_mine_to_manage(user) or user.id == current_person().id or not user.has_second_factor:
        abort(404)

    form = ConfirmedForm()
    if request.method == "GET" or not form.validate():
        page = render_template("users/second_factor.html", form=form, user=user, nav="settings")
        return page, 200 if request.method == "GET" else 422

    take_away(db.session(), user, change_by_me())
    flash(_("The second factor of %(email)s was taken away.", email=user.email), "success")
    return redirect(url_for("users.show_users"))


def is_still_administrator(user: UserRow) -> bool:
    """Keep the session of who changed themself. Say whether this page is still theirs."""
    if user.id != current_person().id:
        return True
    if user.active:
        stay(user)
    return user.active and user.is_administrator


def show_form(form: NewUserForm | ChangeUserForm, user: UserRow | None = None) -> str:
    """Render the form of one person."""
    return render_template("users/edit.html", form=form, user=user, nav="settings")
