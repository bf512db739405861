"""The consent page and the life of tokens."""

import base64

from flask import Flask

from tests.sandbox.exact.client import REDIRECT, Exact, answer_of, consent_path


def renew(exact: Exact, refresh: str | None = None) -> tuple[int, dict[str, str]]:
    response = exact.token(grant_type="refresh_token", refresh_token=refresh or exact.refresh)
    return response.status_code, dict(response.json or {})


def test_the_consent_page_is_a_plain_form_with_allow_and_deny(app: Flask) -> None:
    page = app.test_client().get(consent_path()).text
    assert ">Allow</button>" in page
    assert ">Deny</button>" in page
    assert "<script" not in page
    assert "style=" not in page


def test_allow_leads_back_with_a_code_and_the_state(app: Flask) -> None:
    response = app.test_client().post(consent_path(state="a b&c"))
    answer = answer_of(response)
    assert response.status_code == 302
    assert response.headers["Location"].startswith(REDIRECT)
    assert answer["state"] == "a b&c"
    assert answer["code"]


def test_deny_leads_back_with_access_denied(app: Flask) -> None:
    response = app.test_client().post(consent_path(), data={"answer": "deny"})
    assert answer_of(response) == {"error": "access_denied", "state": "xyz"}


def test_a_wrong_client_or_redirect_uri_gets_a_page_and_no_redirect(app: Flask) -> None:
    for path in (consent_path(client_id="other"), consent_path(redirect_uri="http://evil.example/")):
        for method in ("GET", "POST"):
            response = app.test_client().open(path, method=method)
            assert response.status_code == 400
            assert "<h1>" in response.text


def test_a_code_works_once_and_for_three_minutes(app: Flask) -> None:
    exact = Exact(app)
    code = exact.code()
    form = {"grant_type": "authorization_code", "redirect_uri": REDIRECT}
    assert exact.token(**form, code=code).status_code == 200
    assert exact.token(**form, code=code).status_code == 400
    late = exact.code()
    exact.advance(181)
    assert exact.token(**form, code=late).status_code == 400


def test_the_life_of_a_token_is_told_as_a_text(app: Flask) -> None:
    exact = Exact(app)
    answer = exact.token(grant_type="authorization_code", code=exact.code(), redirect_uri=REDIRECT).json
    assert answer
    assert answer["expires_in"] == "600"
    assert answer["token_type"] == "bearer"


def test_the_client_may_authenticate_by_basic_and_not_with_a_wrong_secret(app: Flask) -> None:
    exact = Exact(app)
    form = {"grant_type": "authorization_code", "code": exact.code(), "redirect_uri": REDIRECT}
    basic = base64.b64encode(b"demo-client:demo-secret").decode()
    headers = {"Authorization": f"Basic {basic}"}
    assert exact.http.post("/api/oauth2/token", data=form, headers=headers).status_code == 200
    assert exact.token(**form, client_secret="wrong").status_code == 401


def test_a_renewal_before_570_seconds_is_refused_with_a_reason(exact: Exact) -> None:
    exact.advance(560)
    response = exact.token(grant_type="refresh_token", refresh_token=exact.refresh)
    assert response.status_code == 400
    assert response.json == {
        "error": "access_denied",
        "error_description": "Rate limit exceeded: access_token not expired",
    }
    assert response.headers["Reason"].startswith("TooEarlyToRefreshTokens")


def test_a_refresh_token_works_once(exact: Exact) -> None:
    exact.advance(571)
    status, answer = renew(exact)
    assert status == 200
    assert answer["refresh_token"] != exact.refresh
    assert renew(exact) == (
        401,
        {"error": "unauthorized_client", "error_description": "Old refresh token used."},
    )
    exact.advance(571)
    assert renew(exact, answer["refresh_token"])[0] == 200


def test_a_refresh_token_dies_after_thirty_days(exact: Exact) -> None:
    exact.advance(30 * 86_400 + 1)
    status, answer = renew(exact)
    assert (status, answer["error"]) == (400, "invalid_request")
    assert answer["error_description"].startswith("The refresh token expired at")


def test_a_second_consent_of_the_same_user_kills_the_first_chain(app: Flask) -> None:
    first = Exact(app).sign_in()
    other = Exact(app, user="controller").sign_in()
    second = Exact(app).sign_in()
    first.advance(580)
    assert first.call("GET", "current/Me").status_code == 401
    assert renew(first)[0] == 401
    assert renew(other)[0] == 200
    assert renew(second)[0] == 200


def test_an_expired_token_is_told_in_the_header(exact: Exact) -> None:
    assert exact.call("GET", "current/Me").status_code == 200
    exact.advance(601)
    response = exact.call("GET", "current/Me")
    assert response.status_code == 401
    assert "expired" in response.headers["WWW-Authenticate"]
    assert response.data == b""


def test_revoking_kills_tokens_and_chain(exact: Exact) -> None:
    exact.door("POST", "revoke", {"user": "finance"})
    assert exact.call("GET", "current/Me").status_code == 401
    exact.advance(600)
    assert renew(exact)[0] == 401
