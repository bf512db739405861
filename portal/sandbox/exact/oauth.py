"""The consent page and the token endpoint."""

from urllib.parse import urlencode

from flask import Blueprint, Response, jsonify, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from portal.sandbox.exact.grants import TokenError
from portal.sandbox.exact.state import ExactState
from portal.sandbox.exact.users import USERS


def oauth_pages(state: ExactState) -> Blueprint:
    """``/api/oauth2/auth`` and ``/api/oauth2/token``."""
    pages = Blueprint("oauth", __name__, url_prefix="/api/oauth2")

    @pages.get("/auth")
    def show_consent() -> tuple[str, int]:
        if fault := _find_fault(state):
            return render_template("refused.html", fault=fault), 400
        return render_template("consent.html", users=USERS.values(), chosen=_chosen_user()), 200

    @pages.post("/auth")
    def take_consent() -> tuple[str, int] | BaseResponse:
        if fault := _find_fault(state):
            return render_template("refused.html", fault=fault), 400
        if request.form.get("answer") == "deny":
            return _back(error="access_denied")

        with state.lock:
            code = state.grants.issue_code(_chosen_user(), request.args["redirect_uri"], state.clock.time())
            state.touch()

        return _back(code=code)

    @pages.post("/token")
    def give_tokens() -> tuple[Response, int]:
        try:
            return jsonify(_tokens(state)), 200
        except TokenError as refusal:
            answer = jsonify(error=refusal.error, error_description=refusal.description)
            if refusal.reason:
                answer.headers["Reason"] = refusal.reason
            return answer, refusal.status

    return pages


def _chosen_user() -> str:
    chosen = request.values.get("user", "")
    return chosen if chosen in USERS else next(iter(USERS))


def _find_fault(state: ExactState) -> str | None:
    """What is wrong with the request for consent. Such a person must not be sent back anywhere."""
    if request.args.get("client_id") != state.app.client_id:
        return "This application is not known."
    if request.args.get("redirect_uri") not in state.app.redirect_uris:
        return "The redirect URI is not the one that was registered for this application."
    if request.args.get("response_type") != "code":
        return "The response type must be code."

    return None


def _back(**answer: str) -> BaseResponse:
    target = request.args["redirect_uri"]
    if "state" in request.args:
        answer["state"] = request.args["state"]
    return redirect(f"{target}{'&' if '?' in target else '?'}{urlencode(answer)}", 302)


def _tokens(state: ExactState) -> dict[str, str]:
    _check_client(state)
    with state.lock:
        now = state.clock.time()
        match request.form.get("grant_type"):
            case "authorization_code":
                code = request.form.get("code", "")
                target = request.form.get("redirect_uri", "")
                access, refresh = state.grants.redeem(code, target, now)
            case "refresh_token":
                access, refresh = state.grants.renew(request.form.get("refresh_token", ""), now)
            case _:
                raise TokenError(400, "unsupported_grant_type", "The grant type is not supported.")

        state.touch()

    # Exact gives the life as a text.
    life = "1200" if "token-life" in state.backstage.readings else "600"
    return {"access_token": access, "token_type": "bearer", "expires_in": life, "refresh_token": refresh}


def _check_client(state: ExactState) -> None:
    try:
        basic = request.authorization
    except ValueError:
        # What stands behind "Basic" is no text that anybody encoded.
        basic = None

    if basic and basic.type == "basic":
        given = (basic.username, basic.password)
    else:
        given = (request.form.get("client_id"), request.form.get("client_secret"))

    if given != (state.app.client_id, state.app.client_secret):
        # [L] The status is not known; 401 is the one that OAuth names.
        raise TokenError(401, "invalid_client", "The client id or secret is wrong.")
