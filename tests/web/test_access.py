"""Who may open what: routes × roles, headers, lost sessions and missing tokens."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from portal.domain.house.states import Role
from portal.store.people import UserRow
from portal.web.common.access import ANYONE, needed_role
from tests.conftest import SignedIn
from tests.furnishing.apps import an_app, settings_in
from tests.pages import CheckingClient

# Webhooks bring a signature instead of a session and a token.
HOOKS = {"hooks.take_exact", "hooks.take_productive"}
HEALTH = {"health.show_health", "health.show_ready", "health.show_metrics"}
PUBLIC = {"auth.choose_language", "auth.enter_code", "auth.sign_in", "auth.sign_out", *HEALTH, *HOOKS}


def rules(app: Flask) -> Iterator[tuple[Rule, str]]:
    """Yield every route with each of its methods."""
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule, method


def url_of(app: Flask, rule: Rule) -> str:
    """Fill a route with values that belong to nothing."""
    values = dict.fromkeys(rule.arguments, 0)
    with app.test_request_context():
        return str(app.url_map.bind("localhost").build(rule.endpoint, values))


def test_every_view_says_which_role_it_needs(app: Flask) -> None:
    silent = [endpoint for endpoint, view in app.view_functions.items() if not hasattr(view, "needs")]
    assert silent == []


def test_only_these_are_open_to_anyone(app: Flask) -> None:
    assert {rule.endpoint for rule, _ in rules(app) if needed_role(app, rule.endpoint) == ANYONE} == PUBLIC


def test_nobody_gets_in_without_signing_in(app: Flask, client: CheckingClient) -> None:
    for rule, method in rules(app):
        if rule.endpoint not in PUBLIC:
            answer = client.open(url_of(app, rule), method=method)
            assert answer.status_code == 302, (rule, method)
            assert answer.headers["Location"].startswith("/sign-in"), (rule, method)
            assert client.htmx(url_of(app, rule), method).status_code == 401, (rule, method)


@pytest.mark.parametrize("role", Role)
def test_each_role_opens_what_it_may_and_nothing_else(app: Flask, signed_in: SignedIn, role: Role) -> None:
    client = signed_in(role, subsidiaries=[])
    for rule, method in rules(app):
        needed = needed_role(app, rule.endpoint)
        if needed != ANYONE and not role.includes(needed):
            answer = client.open(url_of(app, rule), method=method)
            assert answer.status_code == 403, (rule, method)
        elif rule.endpoint not in PUBLIC and method == "GET":
            answer = client.open(url_of(app, rule), method=method)
            assert answer.status_code not in {401, 403, 500}, (rule, method)


def test_writes_without_a_token_are_refused(app: Flask, signed_in: SignedIn) -> None:
    client = signed_in()
    client.sends_csrf = False
    for rule, method in rules(app):
        if method != "GET" and rule.endpoint not in HOOKS:
            assert client.open(url_of(app, rule), method=method).status_code == 403, (rule, method)


def test_htmx_without_a_session_leaves_the_whole_page(client: CheckingClient) -> None:
    answer = client.htmx("/account", headers={"HX-Current-URL": "http://localhost/account?x=1"})
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/sign-in?next=/account?x%3D1"
    assert answer.text == ""


def test_a_lost_session_is_told_before_a_missing_token(client: CheckingClient) -> None:
    client.sends_csrf = False
    assert client.htmx("/subsidiary", "POST").status_code == 401


def test_pages_are_never_kept_and_run_no_foreign_code(client: CheckingClient) -> None:
    headers = client.get("/sign-in").headers
    policy = headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "script-src 'self'; style-src 'self';" in policy
    assert "form-action 'self' http://localhost:9;" in policy
    assert "unsafe" not in policy


def test_no_other_site_reads_or_learns_anything(client: CheckingClient) -> None:
    for address in ("/sign-in", "/nowhere", "/healthz", "/static/icons.svg"):
        answer = client.get(address, headers={"Origin": "https://evil.example"})
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert not [name for name, _ in answer.headers if name.startswith("Access-Control-")]


def test_every_text_says_its_charset(client: CheckingClient) -> None:
    for address in ("/sign-in", "/nowhere", "/healthz"):
        kind = client.get(address).headers["Content-Type"]
        assert kind == "application/json" or kind.endswith("charset=utf-8"), (address, kind)


def test_static_files_are_kept_until_they_change(client: CheckingClient) -> None:
    answer = client.get("/static/icons.svg")
    assert "max-age" in answer.headers["Cache-Control"]


def test_the_session_cookie_is_guarded(client: CheckingClient) -> None:
    cookie = client.get("/sign-in").headers["Set-Cookie"]
    assert cookie.startswith("portal_session=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie


def test_behind_https_the_cookie_belongs_to_this_host_alone(tmp_path: Path) -> None:
    settings = msgspec.structs.replace(settings_in(tmp_path), public_url="https://portal.example.com")
    [app] = an_app(settings)
    answer = FlaskClient(app).get("/sign-in", base_url="https://portal.example.com")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-portal_session=")
    assert "Secure" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie


def test_behind_https_every_cookie_belongs_to_this_host_alone(
    tmp_path: Path,
) -> None:
    settings = msgspec.structs.replace(settings_in(tmp_path), public_url="https://portal.example.com")
    [app] = an_app(settings)
    app.config["WTF_CSRF_ENABLED"] = False
    browser = FlaskClient(app)
    answer = browser.post("/sign-in/language", data={"language": "nl"}, base_url="https://portal.example.com")
    cookies = answer.headers.getlist("Set-Cookie")
    assert any(cookie.startswith("__Host-portal_language=") for cookie in cookies)
    for cookie in cookies:
        assert cookie.startswith("__Host-"), cookie
        assert all(word in cookie for word in ("Secure", "HttpOnly", "Path=/", "SameSite=Lax")), cookie
        assert "Domain" not in cookie


def test_behind_https_every_answer_asks_for_https_for_a_year(tmp_path: Path, client: CheckingClient) -> None:
    settings = msgspec.structs.replace(settings_in(tmp_path), public_url="https://portal.example.com")
    [app] = an_app(settings)
    for address in ("/sign-in", "/nowhere", "/healthz", "/static/icons.svg"):
        answer = FlaskClient(app).get(address, base_url="https://portal.example.com")
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains", address
        assert "Strict-Transport-Security" not in client.get(address).headers


def test_a_wrong_address_is_a_page(client: CheckingClient, signed_in: SignedIn) -> None:
    assert client.get("/nowhere").status_code == 404
    assert signed_in("viewer").get("/nowhere").status_code == 404
    assert client.htmx("/nowhere").text == ""


def test_a_cookie_that_makes_no_sense_signs_nobody_in(client: CheckingClient, session: Session) -> None:
    for text in ("", "1", "x.y", "99.1"):
        with client.session_transaction() as cookie:
            cookie["_user_id"] = text
        assert client.get("/account").status_code == 302
    assert session.query(UserRow).count() == 0
