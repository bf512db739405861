"""Sign in and out."""

from flask import Blueprint, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user, login_user, logout_user

from portal.actions.house.second_factor import let_in_by_code
from portal.actions.house.sessions import begin_session, end_session, renew_token
from portal.actions.house.sign_in import SignInTry, WaitError, note_sign_out, try_sign_in
from portal.extensions import db, the_portal
from portal.languages import offered_languages, tag_wished
from portal.remote.errors import MisconfiguredError
from portal.settings import Settings, is_loopback, parts_of
from portal.store.people import UserRow
from portal.store.sessions import SessionRow
from portal.web.auth.browsers import name_browser
from portal.web.auth.devices import device_of, is_secure, remember_device
from portal.web.auth.forms import CodeForm, SignInForm
from portal.web.auth.halfway import ask_for_code, whose_code
from portal.web.common.access import ANYONE, current_person, person_of, require
from portal.web.common.clock import now
from portal.web.common.confirm import say_wait, say_wait_for_code
from portal.web.common.formats import language_cookie
from portal.web.common.htmx import safe_path

# How long a browser keeps the language that was chosen before sign-in.
KEPT_DAYS = 365
blueprint = Blueprint("auth", __name__)


@blueprint.route("/sign-in", methods=["GET", "POST"])
@require(ANYONE)
def sign_in() -> ResponseReturnValue:
    """Show the form, and let in whom e-mail and password fit."""
    form = SignInForm()
    back = safe_path(request.args.get("next")) or "/"
    if request.method == "GET":
        return redirect(back) if current_user.is_authenticated else show(form)
    if not form.validate():
        return show(form), 422

    try:
        user = check(form)
    except WaitError as error:
        form.form_errors.append(say_wait(error))
        return show(form), 429, {"Retry-After": str(error.seconds)}

    # A wrong e-mail and a wrong password get the same answer.
    if user is None:
        form.form_errors.append(_("E-mail or password is wrong."))
        return show(form), 422

    if user.has_second_factor:
        ask_for_code(user)
        return redirect(url_for("auth.enter_code", next=back))

    return come_in(user, back)


def come_in(user: UserRow, back: str) -> ResponseReturnValue:
    """Let somebody in, and let the browser keep that they were here."""
    let_in(user)
    answer = make_response(redirect(back))
    remember_device(answer, user)

    return answer


@blueprint.route("/sign-in/code", methods=["GET", "POST"])
@require(ANYONE)
def enter_code() -> ResponseReturnValue:
    """Ask for the code after the password, and let in whom it fits."""
    back = safe_path(request.args.get("next")) or "/"
    user = whose_code()
    if user is None:
        return redirect(url_for("auth.sign_in", next=back))

    form = CodeForm()
    if request.method == "GET":
        return show_code(form)
    if not form.validate():
        return show_code(form), 422

    try:
        fits = let_in_by_code(
            db.session(), the_portal().vault, user, form.code.data or "", request.remote_addr or "", now()
        )
    except WaitError as error:
        form.form_errors.append(say_wait_for_code(error))
        return show_code(form), 429, {"Retry-After": str(error.seconds)}
    except MisconfiguredError:
        form.form_errors.append(
            _(
                "Codes cannot be checked now, for a key of this portal is missing. "
                "Tell the operator, or enter a recovery code."
            )
        )
        return show_code(form), 503

    if not fits:
        form.code.errors = [
            _("This code is wrong or was used already. Enter the one that your app shows now.")
        ]
        return show_code(form), 422

    return come_in(user, back)


def show_code(form: CodeForm) -> str:
    """Render the page that asks for the code."""
    return render_template("auth/code.html", form=form)


def check(form: SignInForm) -> UserRow | None:
    """Return who e-mail and password fit. Raises WaitError."""
    email = form.email.data or ""
    tried = SignInTry(
        email,
        form.password.data or "",
        address=request.remote_addr or "",
        device=device_of(email),
        public_passwords=may_be_a_demo(the_portal().settings),
    )
    return try_sign_in(db.session(), tried, now=now())


def may_be_a_demo(settings: Settings) -> bool:
    """Say whether this portal may be a demo, whose password everybody knows: only on localhost."""
    scheme, host = parts_of(settings.public_url)
    return scheme == "http" and is_loopback(host)


def show(form: SignInForm) -> str:
    """Render the sign-in page."""
    return render_template("auth/sign_in.html", form=form, languages=offered_languages())


@blueprint.post("/sign-in/language")
@require(ANYONE)
def choose_language() -> ResponseReturnValue:
    """Keep in this browser which language it shows before sign-in."""
    tag = tag_wished([request.form.get("language", "")])
    answer = make_response(redirect(safe_path(request.form.get("next")) or url_for("auth.sign_in")))
    answer.set_cookie(
        language_cookie(),
        tag,
        max_age=KEPT_DAYS * 24 * 3600,
        secure=is_secure(),
        httponly=True,
        samesite="Lax",
    )

    return answer


def let_in(user: UserRow) -> None:
    """Begin a new session. Nothing of an earlier one stays, neither here nor in the database."""
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
    """Go on in the present session with a new token."""
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
        person = current_person()
        end_session(db.session(), person.id, person.session_id)
        note_sign_out(db.session(), email=person.email, name=person.name, now=now())

    logout_user()
    session.clear()
    return redirect(url_for("auth.sign_in"))
