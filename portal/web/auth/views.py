"""Sign in and out; a wrong e-mail and a wrong password get the same answer in the same time."""

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_limiter.util import get_remote_address
from flask_login import current_user, login_user, logout_user

from portal.actions.people import check_password
from portal.actions.sessions import begin_session, end_session, renew_token
from portal.extensions import db, limiter, the_portal
from portal.store.people import UserRow
from portal.store.sessions import SessionRow
from portal.web.access import ANYONE, current_person, person_of, require
from portal.web.auth.browsers import name_browser
from portal.web.auth.forms import SignInForm
from portal.web.clock import now
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
    let_in(user)
    return redirect(back)


def show(form: SignInForm) -> str:
    """Render the sign-in page."""
    return render_template("auth/sign_in.html", form=form)


def refuse(form: SignInForm) -> ResponseReturnValue:
    """Show the form again without telling which of the two was wrong."""
    if not form.errors:
        form.form_errors.append(_("E-mail or password is wrong."))
    return show(form), 422


def let_in(user: UserRow) -> None:
    """Begin a new session; nothing of an earlier one stays, neither here nor in the database."""
    if current_user.is_authenticated:
        end_session(db.session(), current_user.id, current_user.session_id)
    session.clear()
    session.permanent = True
    row, token = begin_session(
        db.session(),
        user,
        address=request.remote_addr or "",
        browser=name_browser(request.user_agent.string),
        idle=the_portal().settings.session_idle,
        now=now(),
    )
    login_user(person_of(user, row, token))


def stay(user: UserRow) -> None:
    """Go on in the present session with a new token, as after a changed password or role of one's own."""
    row = db.session.get_one(SessionRow, current_person().session_id)
    token = renew_token(db.session(), row.id)
    session.pop("csrf_token", None)
    session.permanent = True
    login_user(person_of(user, row, token))


@blueprint.post("/sign-out")
@require(ANYONE)
def sign_out() -> ResponseReturnValue:
    """End the session, here and in the database."""
    if current_user.is_authenticated:
        end_session(db.session(), current_user.id, current_user.session_id)
    logout_user()
    session.clear()
    return redirect(url_for("auth.sign_in"))
