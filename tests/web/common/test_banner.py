"""The banner: a sign-in in trouble is said on every page, with its way out in one click."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from portal.domain.connections.states import GrantState, SignInCause
from portal.domain.said import as_written
from tests.conftest import SignedIn
from tests.fakes import NOW, FakeWiring
from tests.furnishing.connections import add_connection, add_grant
from tests.pages import read_page
from tests.web.connected import wire_fakes

SAID = "The sign-in of Anna de Boer was used up"
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def fakes(app: Flask) -> FakeWiring:
    return wire_fakes(app)


def a_grant(session: Session, subsidiaries: Sequence[str] = ("1",), **changes: Any) -> list[int]:
    """Add a grant and a live connection of each subsidiary; returns the connections."""
    usual: dict[str, Any] = {"user_name": "Anna de Boer", "expires_at": NOW}
    grant = add_grant(session, NOW, **(usual | changes))
    numbers = enumerate(subsidiaries, 101)
    rows = [
        add_connection(session, each, NOW, division=number, grant_id=grant.id, division_name=f"Kade {each}")
        for number, each in numbers
    ]
    session.commit()
    return [row.id for row in rows]


def test_a_lost_sign_in_is_said_once_for_all_its_connections_and_one_click_leads_to_exact(
    session: Session, signed_in: SignedIn
) -> None:
    first, _second = a_grant(session, ("1", "2"), state=GrantState.LOST, cause=SignInCause.RENEWAL_LOST)
    client = signed_in()
    page = client.get("/invoices").text
    assert page.count(SAID) == 1
    assert "Copies of Kade 1, Kade 2 wait" in page
    form = read_page(page).select_one(".notice form")
    assert form
    assert form.text.strip() == "Sign in at Exact again"
    answer = client.post(str(form["action"]))
    assert answer.status_code == 303
    assert parse_qs(urlsplit(answer.location).query)["state"]
    assert str(form["action"]) == f"/connections/{first}/sign-in"


@pytest.mark.parametrize(
    ("trouble", "said", "button"),
    [
        (
            {"cause": SignInCause.APP_REFUSED, "trouble": as_written("invalid_client")},
            "EXACT_NL_CLIENT_SECRET",
            "Try again now",
        ),
        (
            {"cause": SignInCause.RENEWAL_REFUSED, "trouble": as_written("The answer was 404.")},
            "404",
            "Sign in at Exact again",
        ),
        (
            {
                "cause": SignInCause.NO_ANSWER,
                "trouble": as_written("No answer came in time."),
                "failing_since": NOW - HOUR,
            },
            "could not be renewed since",
            "Try again now",
        ),
        ({"obtained_at": NOW - 21 * DAY}, "lapses on 11 Mar 2026", "Sign in at Exact again"),
    ],
)
def test_a_sign_in_in_danger_says_what_mends_it(
    session: Session, signed_in: SignedIn, trouble: dict[str, Any], said: str, button: str
) -> None:
    a_grant(session, **({"failing_since": NOW} | trouble))
    notice = read_page(signed_in().get("/invoices").text).select_one(".notice")
    assert notice
    assert said in notice.text
    assert button in notice.text


def test_only_administrators_are_given_the_button(session: Session, signed_in: SignedIn) -> None:
    a_grant(session, state=GrantState.LOST, cause=SignInCause.RENEWAL_LOST)
    page = signed_in("viewer").get("/invoices").text
    assert SAID in page
    assert "Sign in at Exact again" not in page


def test_other_subsidiaries_say_nothing(session: Session, signed_in: SignedIn) -> None:
    a_grant(session, state=GrantState.LOST, cause=SignInCause.RENEWAL_LOST)
    assert SAID not in signed_in("viewer", subsidiaries=["2"]).get("/invoices").text


@pytest.mark.parametrize(
    "fine",
    [{}, {"cause": SignInCause.NO_ANSWER, "failing_since": NOW - HOUR / 2}, {"obtained_at": NOW - 19 * DAY}],
)
def test_a_sign_in_that_works_or_has_just_been_silent_says_nothing(
    session: Session, signed_in: SignedIn, fine: dict[str, Any]
) -> None:
    a_grant(session, **fine)
    assert not read_page(signed_in().get("/invoices").text).select(".notice")
