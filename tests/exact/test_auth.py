"""Signing in at Exact."""

import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import responses

from portal.exact.auth import ExactAuth
from portal.remote.clock import RemoteClock
from portal.remote.deadline import PersonsWait, a_person_waits
from portal.remote.errors import (
    BadAnswerError,
    LostReplyError,
    MisconfiguredError,
    RateLimitedError,
    RefusedError,
    RemoteError,
    SignInLostError,
    TemporaryError,
    TooEarlyError,
    UnreachableError,
)
from portal.remote.tokens import TokenPair
from portal.settings import AppRegistration

BASE = "https://start.exactonline.nl"
TOKEN_URL = f"{BASE}/api/oauth2/token"
CALLBACK = "https://portal.test/connections/exact/callback"
NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
TOKENS = {"access_token": "a2", "token_type": "bearer", "expires_in": "600", "refresh_token": "r2"}


@pytest.fixture
def auth() -> ExactAuth:
    return ExactAuth(AppRegistration(BASE, "client", "s3cret"), CALLBACK, clock=RemoteClock(lambda: NOW))


def posted() -> dict[str, str]:
    body = responses.calls[-1].request.body
    text = body.decode() if isinstance(body, bytes) else str(body)
    return {name: values[0] for name, values in parse_qs(text).items()}


def test_a_person_is_sent_to_the_site_of_the_country(auth: ExactAuth) -> None:
    url, state = auth.authorization_url()
    asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    assert url.startswith(f"{BASE}/api/oauth2/auth?")
    assert len(state) >= 20
    assert asked == {"response_type": "code", "client_id": "client", "redirect_uri": CALLBACK, "state": state}


def test_the_state_and_a_fresh_sign_in_can_be_asked_for(auth: ExactAuth) -> None:
    url, state = auth.authorization_url("my-state", force_login=True)
    asked = parse_qs(urlsplit(url).query)
    assert (state, asked["state"], asked["force_login"]) == ("my-state", ["my-state"], ["1"])


@responses.activate
def test_a_code_becomes_tokens(auth: ExactAuth) -> None:
    responses.add(responses.POST, TOKEN_URL, json=TOKENS, headers={"Date": "Sat, 31 Jan 2026 13:00:00 GMT"})
    pair = auth.exchange_code("c!ode")
    assert (pair.access, pair.refresh, pair.expires_in) == ("a2", "r2", 600)
    assert pair.obtained_at == datetime(2026, 1, 31, 13, tzinfo=UTC)
    assert posted() == {
        "grant_type": "authorization_code",
        "code": "c!ode",
        "redirect_uri": CALLBACK,
        "client_id": "client",
        "client_secret": "s3cret",
    }


@responses.activate
def test_a_refresh_token_becomes_the_next_pair(auth: ExactAuth) -> None:
    responses.add(responses.POST, TOKEN_URL, json=TOKENS)
    assert auth.renew("r1").refresh == "r2"
    assert posted() == {
        "grant_type": "refresh_token",
        "refresh_token": "r1",
        "client_id": "client",
        "client_secret": "s3cret",
    }


TOO_EARLY = "Rate limit exceeded: access_token not expired"

REFUSALS: list[tuple[dict[str, Any], type[RemoteError], str]] = [
    (
        {"status": 400, "json": {"error": "access_denied", "error_description": TOO_EARLY}},
        TooEarlyError,
        "not expired",
    ),
    (
        {"status": 401, "body": "", "headers": {"Reason": f"TooEarly: {TOO_EARLY}"}},
        TooEarlyError,
        "not expired",
    ),
    (
        {
            "status": 401,
            "json": {"error": "unauthorized_client", "error_description": "Old refresh token used."},
        },
        SignInLostError,
        "Old refresh token used.",
    ),
    (
        {
            "status": 400,
            "json": {
                "error": "invalid_request",
                "error_description": "The refresh token expired at 1/2/2026",
            },
        },
        SignInLostError,
        "expired",
    ),
    ({"status": 400, "json": {"error": "invalid_grant"}}, SignInLostError, "invalid_grant"),
    (
        {"status": 400, "json": {"error": "invalid_grant", "error_description": "empty chainId"}},
        SignInLostError,
        "chainId",
    ),
    ({"status": 401, "json": {"error": "invalid_client"}}, MisconfiguredError, "invalid_client"),
    ({"status": 400, "json": {"error": "invalid_client"}}, MisconfiguredError, "invalid_client"),
    (
        {"status": 401, "json": {"error": "unauthorized_client", "error_description": "Not allowed."}},
        MisconfiguredError,
        "Not allowed",
    ),
    ({"status": 400, "json": {"error": "invalid_request"}}, RefusedError, "invalid_request"),
    ({"status": 403, "body": "<html>no</html>"}, RefusedError, "403"),
    ({"status": 404, "body": "Not here"}, RefusedError, "404"),
    ({"status": 400, "json": ["?"]}, RefusedError, "400"),
    ({"status": 408, "body": ""}, LostReplyError, "408"),
    ({"status": 500, "json": {"error": "server_error"}}, TemporaryError, "server_error"),
    ({"status": 503, "body": "<html>down</html>"}, TemporaryError, "503"),
    ({"status": 302, "body": "", "headers": {"Location": "https://elsewhere.test"}}, BadAnswerError, "302"),
    ({"status": 429, "body": ""}, RateLimitedError, "sign-in"),
    ({"status": 200, "body": "<html>hello</html>"}, BadAnswerError, "JSON"),
    ({"status": 200, "json": ["a"]}, BadAnswerError, "object"),
    ({"status": 200, "json": {"refresh_token": "r"}}, BadAnswerError, "token"),
    ({"status": 200, "json": TOKENS | {"access_token": None}}, BadAnswerError, "token"),
    ({"status": 200, "body": " " * 300_000}, BadAnswerError, "larger"),
    ({"body": requests.exceptions.ConnectTimeout()}, UnreachableError, "connection"),
    ({"body": requests.exceptions.ReadTimeout()}, LostReplyError, "time"),
]


@responses.activate
@pytest.mark.parametrize(("reply", "kind", "words"), REFUSALS)
@pytest.mark.parametrize("ask", [ExactAuth.exchange_code, ExactAuth.renew])
def test_each_way_of_failing_has_its_class(
    auth: ExactAuth,
    ask: Callable[[ExactAuth, str], object],
    reply: dict[str, Any],
    kind: type[RemoteError],
    words: str,
) -> None:
    responses.add(responses.POST, TOKEN_URL, **reply)
    with pytest.raises(RemoteError) as failed:
        ask(auth, "r1-secret")
    assert type(failed.value) is kind
    assert words in failed.value.text
    assert len(responses.calls) == 1


ODD_BODIES = [
    '"expires_in": "soon"',
    '"expires_in": null',
    '"expires_in": -1',
    '"expires_in": 1e400',
    '"expires_in": NaN',
    f'"expires_in": {"9" * 5000}',
    '"expires_in": {"seconds": 600}',
    '"scope": "a b", "nested": {"deep": [1]}, "error": null',
    '"expires_at": "yesterday", "token_type": 5',
    '"scope": "a control \x01 and a tab\t"',
    f'"deep": {"[" * 900 + "]" * 900}',
    f'"deep": {"[" * 50_000 + "]" * 50_000}',
]


@responses.activate
@pytest.mark.parametrize("odd", ODD_BODIES)
@pytest.mark.parametrize("ask", [ExactAuth.exchange_code, ExactAuth.renew])
def test_nothing_odd_in_a_token_answer_loses_the_pair(
    auth: ExactAuth, ask: Callable[[ExactAuth, str], TokenPair], odd: str
) -> None:
    body = f'{{"access_token": "a2", "refresh_token": "r2", {odd}}}'
    responses.add(responses.POST, TOKEN_URL, body=body)
    pair = ask(auth, "r1-secret")
    assert (pair.access, pair.refresh, pair.expires_in) == ("a2", "r2", 600)


@responses.activate
def test_a_renewal_without_a_refresh_token_keeps_the_former_one(auth: ExactAuth) -> None:
    responses.add(responses.POST, TOKEN_URL, json={"access_token": "a2", "expires_in": 600})
    assert auth.renew("r1-secret").refresh == "r1-secret"
    with pytest.raises(BadAnswerError, match="lacks a token"):
        auth.exchange_code("code")


@responses.activate
def test_an_exchange_is_not_given_up_because_a_page_should_come_soon(auth: ExactAuth) -> None:
    responses.add(responses.POST, TOKEN_URL, json=TOKENS)
    wait = PersonsWait(0)
    with a_person_waits(wait):
        assert auth.exchange_code("c").access == "a2"


@responses.activate
def test_a_sign_in_that_must_wait_says_until_when(auth: ExactAuth) -> None:
    responses.add(responses.POST, TOKEN_URL, status=429)
    with pytest.raises(RateLimitedError) as failed:
        auth.renew("r1")
    assert failed.value.retry_at == datetime(2026, 1, 31, 12, 1, 1, tzinfo=UTC)


@responses.activate
def test_no_secret_is_in_a_failure(auth: ExactAuth) -> None:
    token = "r1-secret"
    secret = "s3cret"
    told = "token r1-secret of client with s3cret is bad"
    responses.add(responses.POST, TOKEN_URL, status=400, json={"error": "x", "error_description": told})
    with pytest.raises(RefusedError) as failed:
        auth.renew(token)
    shown = "".join(traceback.format_exception(failed.value)) + repr(auth) + repr(vars(auth))
    assert token not in shown
    assert secret not in shown
    assert "token … of client with … is bad" in failed.value.text
