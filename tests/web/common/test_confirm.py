"""Credentials and people change only with the own password, and a given one must be changed."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy.orm import Session

from portal.actions.house.passwords import LONGEST_PASSWORD, hasher, password_fits
from portal.domain.house.states import Role
from portal.store.people import UserRow, find_user
from portal.store.sessions import SessionRow
from tests.conftest import SignedIn, new_client
from tests.furnishing.connections import add_subsidiaries
from tests.furnishing.passwords import PASSWORD
from tests.pages import CheckingClient, read_page
from tests.web.connected import wire_fakes

START = datetime(2026, 11, 23, 8, tzinfo=UTC)
LATER = timedelta(minutes=16)
GIVEN = "zes paarden in de kast"
OWN = "geen enkele kameel slaapt"
ANN: dict[str, Any] = {
    "name": "Ann",
    "email": "ann@example.com",
    "password": GIVEN,
    "role": "viewer",
    "reach": "all",
}
VIEWER = {"name": "Viewer", "role": "finance", "reach": "all", "active": "y"}
ASKS = {
    "a new person": ("/settings/users/new", ANN),
    "a person's role": ("/settings/users/2", VIEWER),
    "a person's password": ("/settings/users/2", {**VIEWER, "role": "viewer", "password": GIVEN}),
    "who may sign in": ("/settings/users/2", {**VIEWER, "role": "viewer", "active": ""}),
    "the token of Productive": ("/settings/productive", {"organization_id": "703", "token": "token"}),
    "a sign-in at Exact": ("/connections/new", {"subsidiary": "1", "locale": "NL"}),
}


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


@pytest.fixture
def browser(
    app: Flask, clock: time_machine.Traveller, signed_in: SignedIn, session: Session
) -> CheckingClient:
    """An administrator who signed in a while ago."""
    wire_fakes(app)
    add_subsidiaries(session)
    client = signed_in(Role.ADMINISTRATOR)
    signed_in("viewer")
    clock.shift(LATER)
    return client


def test_nothing_of_the_own_password_is_cut_off(browser: CheckingClient, session: Session) -> None:
    longest = (OWN * LONGEST_PASSWORD)[:LONGEST_PASSWORD]
    user = session.query(UserRow).filter_by(role=Role.ADMINISTRATOR).one()
    user.password_hash = hasher.hash(longest)
    session.commit()
    assert browser.post("/settings/users/new", data={**ANN, "own_password": f"{longest}x"}).status_code == 422
    added = browser.post("/settings/users/new", data={**ANN, "own_password": longest})
    assert added.status_code in (302, 303)


@pytest.mark.parametrize("kind", ASKS)
def test_what_opens_doors_wants_the_own_password_in_the_same_form(
    browser: CheckingClient, session: Session, kind: str
) -> None:
    url, form = ASKS[kind]
    assert "own_password" in browser.get(url).text
    refused = browser.post(url, data=form)
    assert refused.status_code == 422
    assert "Enter the password that you sign in with." in refused.text
    wrong = browser.post(url, data={**form, "own_password": "not this one"})
    assert (wrong.status_code, "This is not your current password." in wrong.text) == (422, True)
    assert find_user(session, "ann@example.com") is None
    assert browser.post(url, data={**form, "own_password": PASSWORD}).status_code in (302, 303)
    assert "own_password" not in browser.get("/settings/users/new").text


def test_who_has_just_signed_in_is_not_asked_again(browser: CheckingClient, session: Session) -> None:
    session.query(SessionRow).update({"confirmed_at": START + LATER})
    session.commit()
    assert "own_password" not in browser.get("/settings/users/new").text
    assert browser.post("/settings/users/new", data=ANN).status_code == 302


def test_guessing_the_own_password_in_a_left_browser_ends(browser: CheckingClient) -> None:
    form = {**ANN, "own_password": "not this one"}
    said = [browser.post("/settings/users/new", data=form).text for _ in range(6)]
    assert ["Too many wrong passwords." in one for one in said] == [False] * 5 + [True]
    right = browser.post("/settings/users/new", data={**form, "own_password": PASSWORD})
    assert right.status_code == 422
    change = {"old": PASSWORD, "new": OWN, "again": OWN}
    assert "Too many wrong passwords." in browser.post("/account/password", data=change).text


def test_another_fault_in_the_form_costs_no_try(browser: CheckingClient) -> None:
    for _ in range(10):
        browser.post("/settings/users/new", data={**ANN, "name": "", "own_password": "not this one"})
    assert browser.post("/settings/users/new", data={**ANN, "own_password": PASSWORD}).status_code == 302


@pytest.fixture
def given(app: Flask, signed_in: SignedIn, session: Session) -> CheckingClient:
    """A browser in which somebody signs in with a password that an administrator gave them."""
    signed_in(Role.ADMINISTRATOR).post("/settings/users/new", data=ANN)
    client = new_client(app, session)
    assert client.post("/sign-in", data={"email": ANN["email"], "password": GIVEN}).status_code == 302
    return client


@pytest.mark.parametrize("path", ["/invoices", "/account", "/activity.csv", "/mappings", "/settings"])
def test_a_password_that_was_given_opens_only_the_page_that_changes_it(
    given: CheckingClient, path: str
) -> None:
    assert given.get(path).headers["Location"] == "/account/password"
    answer = given.htmx(path)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (403, "/account/password")
    assert given.post("/account/language", data={"language": "fr"}).headers["Location"] == "/account/password"


def test_the_own_password_opens_everything(given: CheckingClient, session: Session) -> None:
    page = read_page(given.get("/account/password").text)
    assert [button.text for button in page.select("main button")] == ["Change password", "Sign out"]
    for new, said in (
        (GIVEN, "This password was used before."),
        ("ann@example.com", "easy to guess"),
        ("short", "at least 12 characters"),
    ):
        answer = given.post("/account/password", data={"old": GIVEN, "new": new, "again": new})
        assert (answer.status_code, said in answer.text) == (422, True), new
    change = {"old": GIVEN, "new": OWN, "again": OWN}
    assert given.post("/account/password", data=change).headers["Location"] == "/"
    assert given.get("/account").status_code == 200
    assert given.get("/account/password").headers["Location"] == "/account"
    ann = find_user(session, "ann@example.com")
    assert ann
    assert (ann.must_change, password_fits(ann.password_hash, OWN)) == (False, True)


def test_a_given_password_does_not_hinder_signing_out(given: CheckingClient) -> None:
    assert given.post("/sign-out").headers["Location"] == "/sign-in"


def test_a_weak_password_is_given_to_nobody(signed_in: SignedIn, session: Session) -> None:
    client = signed_in(Role.ADMINISTRATOR)
    for weak in ("password1234", "ann@example.com", "portal-demo-1", "localhost1234"):
        answer = client.post("/settings/users/new", data={**ANN, "password": weak})
        assert (answer.status_code, "easy to guess" in answer.text) == (422, True), weak
    signed_in("viewer")
    viewer = session.query(UserRow).filter_by(role="viewer").one()
    before = viewer.password_hash
    for bad, said in (("password1234", "easy to guess"), (PASSWORD, "used before")):
        answer = client.post(f"/settings/users/{viewer.id}", data={**VIEWER, "password": bad})
        assert (answer.status_code, said in answer.text) == (422, True), bad
    session.refresh(viewer)
    assert (viewer.password_hash, viewer.role) == (before, "viewer")
