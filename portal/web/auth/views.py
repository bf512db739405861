"""Sign in and out; a wrong e-mail and a wrong password get the same answer in the same time."""

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_limiter.util import get_remote_address
from flask_login import current_user, login_user, logout_user

from portal.actions.people import check_password
from portal.extensions import db, limiter
from portal.store.people import UserRow
from portal.web.access import ANYONE, person_of, require
from portal.web.auth.forms import SignInForm
from portal.web.htmx import safe_path

PACE = "10 per minute"
blueprint = Blueprint("auth", __name__)


def email_asked() -> str:
    """Return the e-mail a sign-in is tried with."""
    return request.form.get("email", "").strip().lower()


@blueprint.route("/sign-in", methods=["GET", "POST"])
@require(ANYONE)
@limiter.limit(PACE, key_func=get_remote_address, methods=["POST"])
@limiter.limit(PACE, key_func=email_asked, methods=["POST"])
def sign_in() -> ResponseReturnValue:
    """Show the form; let in whom e-mail and password fit."""
    form = SignInForm()
    back = safe_path(request.args.get("next")) or "/"
    if request.method == "GET":
        return redirect(back) if current_user.is_authenticated else show(form)
    email, password = form.email.data or "", form.password.data or ""
    user = form.validate() and check_password(db.session(), email, password)
    if not user:
        return refuse(form)
    begin_session(user)
    return redirect(back)


def show(form: SignInForm) -> str:
    """Render the sign-in page."""
    return render_template("auth/sign_in.html", form=form)


def refuse(form: SignInForm) -> ResponseReturnValue:
    """Show the form again without telling which of the two was wrong."""
    if not form.errors:
        form.form_errors.append(_("E-mail or password is wrong."))
    return show(form), 422


def begin_session(user: UserRow) -> None:
    """Start a new session; nothing of an earlier one stays."""
    session.clear()
    session.permanent = True
    login_user(person_of(user))


@blueprint.post("/sign-out")
@require(ANYONE)
def sign_out() -> ResponseReturnValue:
    """End the session."""
    logout_user()
    session.clear()
    return redirect(url_for("auth.sign_in"))
