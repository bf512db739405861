"""Error answers, and the sentence that each remote failure gets."""

import uuid

import structlog
from flask import Flask, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from portal.remote.errors import (
    BadAnswerError,
    HeldBackError,
    LostReplyError,
    MisconfiguredError,
    MissingRightError,
    NotFoundError,
    NotRenewedError,
    RateLimitedError,
    RefusedError,
    RemoteError,
    SignInLostError,
    TemporaryError,
    UnreachableError,
)
from portal.web.common.access import ask_to_sign_in
from portal.web.common.htmx import is_htmx
from portal.web.common.said import sentence_of as say

PAGES = {403, 404, 405, 429, 500, 503}
log = structlog.get_logger("portal.web")


def register_errors(app: Flask) -> None:
    """Answer every failure with a page that says what to do."""
    app.register_error_handler(CSRFError, lambda _error: answer(403))
    app.register_error_handler(401, lambda _error: ask_to_sign_in())
    app.register_error_handler(HTTPException, lambda error: show_http_error(error))
    app.register_error_handler(OperationalError, show_database_down)
    app.register_error_handler(500, show_bug)


def answer(status: int, **context: str) -> ResponseReturnValue:
    """Render the page of a status."""
    # htmx shows a message of its own and keeps the page.
    page = status if status in PAGES else (404 if status < 500 else 500)
    if is_htmx():
        return context.get("reference", ""), status
    return render_template(f"errors/{page}.html", nav="", **context), status


def show_http_error(error: HTTPException) -> ResponseReturnValue:
    """Show a refusal that a view or Flask raised on purpose."""
    if error.code is None or error.code < 400:
        return error.get_response()
    given = make_response(answer(error.code))
    if error.code == 429:
        given.headers["Retry-After"] = "60"
    return given


def show_database_down(error: OperationalError) -> ResponseReturnValue:
    """Say that the portal is not ready."""
    # The log says why.
    log.error("database not usable", exc_info=error, path=request.path)
    return answer(503)


def show_bug(error: BaseException) -> ResponseReturnValue:
    """Show a reference that the log has too."""
    reference = uuid.uuid4().hex[:8].upper()
    cause = getattr(error, "original_exception", None) or error
    log.error("bug", reference=reference, path=request.path, exc_info=cause)
    return answer(500, reference=reference)


def sentence_of(error: RemoteError, system: str) -> tuple[str, str]:
    """Return what happened and the next step, in plain words, for a remote failure."""
    known = sentences(system)
    happened, step = known[next(kind for kind in type(error).__mro__ if kind in known)]
    return happened.format(text=say(error.said)), step


def sentences(system: str) -> dict[type, tuple[str, str]]:
    """Return one sentence and one next step per class of remote failure, in the person's language."""
    later = _("The portal tries again by itself.")
    ask_first = _("The portal asks whether it took effect before anything is repeated.")
    return {
        UnreachableError: (
            _("%(system)s could not be reached; nothing happened there.", system=system),
            later,
        ),
        LostReplyError: (_("%(system)s gave no answer.", system=system), ask_first),
        TemporaryError: (_("%(system)s failed for a moment.", system=system), ask_first),
        BadAnswerError: (_("%(system)s answered in a way that cannot be read.", system=system), ask_first),
        RateLimitedError: (_("%(system)s takes no more requests for now.", system=system), later),
        HeldBackError: (
            _("The portal waits so as not to use up the limit of %(system)s.", system=system),
            later,
        ),
        RefusedError: (
            _("%(system)s refused: {text}", system=system),
            _("Change what it names, then try again."),
        ),
        NotFoundError: (
            _("It no longer exists in %(system)s.", system=system),
            _("Check there, then try again."),
        ),
        MissingRightError: (
            _("The user who connected lacks a right: {text}"),
            _("Have the right granted, or connect with another user."),
        ),
        SignInLostError: (
            _("The portal is no longer signed in to %(system)s.", system=system),
            _("Connect again in the settings."),
        ),
        NotRenewedError: (_("The sign-in at Exact could not be renewed just now: {text}"), later),
        MisconfiguredError: (
            _("A setting of this portal is not right: {text}"),
            _("The portal goes on by itself once that is done."),
        ),
        RemoteError: (_("%(system)s did not do it: {text}", system=system), _("Try again later.")),
    }
