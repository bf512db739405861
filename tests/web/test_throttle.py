"""Wrong passwords over the web: who waits, who does not, and what is told of it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
import time_machine
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal.actions.house.passwords import PUBLIC_PASSWORDS, hasher
from portal.domain.house.states import Role
from portal.extensions import the_portal
from portal.store.events import EventRow
from portal.store.people import UserRow
from tests.conftest import SignedIn, new_client
from tests.furnishing.passwords import PASSWORD
from tests.pages import CheckingClient
from tests.telling import told

START = datetime(2026, 11, 23, 8, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
MAIL = "administrator@example.com"


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


@pytest.fixture
def user(signed_in: SignedIn, session: Session) -> UserRow:
    signed_in(Role.ADMINISTRATOR)
    return session.query(UserRow).one()


def enter(
    client: CheckingClient, password: str = PASSWORD, address: str = "10.0.0.1", mail: str = MAIL
) -> TestResponse:
    form = {"email": mail, "password": password}
    return client.post("/sign-in", data=form, environ_overrides={"REMOTE_ADDR": address})


def test_the_wait_is_told_and_grows(
    client: CheckingClient, user: UserRow, clock: time_machine.Traveller
) -> None:
    tries = [enter(client, "wrong") for _ in range(6)]
    assert [one.status_code for one in tries] == [422] * 5 + [429]
    assert tries[-1].headers["Retry-After"] == "60"
    assert "Too many wrong passwords. Try again in 1 minute." in tries[-1].text
    clock.shift(MINUTE)
    assert [enter(client, "wrong").status_code for _ in range(2)] == [422, 429]
    assert "in 2 minutes" in enter(client, PASSWORD).text
    clock.shift(2 * MINUTE)
    assert enter(client).status_code == 302


def test_the_owner_gets_in_with_a_browser_that_is_known_whatever_strangers_do(
    app: Flask, session: Session, user: UserRow
) -> None:
    owner = new_client(app, session)
    stranger = new_client(app, session)
    assert enter(owner).status_code == 302
    owner.post("/sign-out")
    assert [enter(stranger, "wrong").status_code for _ in range(10)][-1] == 429
    assert enter(stranger).status_code == 429
    assert enter(owner).status_code == 302


def test_the_owner_gets_in_from_another_address(app: Flask, session: Session, user: UserRow) -> None:
    for number in range(12):
        enter(new_client(app, session), "wrong", address=f"10.0.1.{number}")
    assert enter(new_client(app, session), address="10.0.0.9").status_code == 302


def test_a_right_password_forgets_the_failures_of_its_owner_and_not_of_the_address(
    client: CheckingClient, session: Session, user: UserRow
) -> None:
    for _ in range(4):
        enter(client, "wrong")
    assert enter(client).status_code == 302
    other = new_client(client.application, session)
    assert [enter(other, "wrong").status_code for _ in range(5)] == [422] * 5
    assert [enter(other, "wrong", mail="x@example.com").status_code for _ in range(2)] == [422, 429]


@pytest.mark.parametrize("cookie", ["x", "W10.x", "", "{}", "e30"])
def test_a_made_up_device_is_no_device(client: CheckingClient, user: UserRow, cookie: str) -> None:
    client.set_cookie("portal_device", cookie)
    assert [enter(client, "wrong").status_code for _ in range(6)] == [422] * 5 + [429]


def test_another_persons_device_helps_nobody(
    app: Flask, session: Session, signed_in: SignedIn, user: UserRow
) -> None:
    signed_in("viewer")
    client = new_client(app, session)
    assert enter(client, mail="viewer1@example.com").status_code == 302
    assert [enter(client, "wrong").status_code for _ in range(6)] == [422] * 5 + [429]


def test_how_sign_ins_end_is_told_to_administrators_alone(
    app: Flask, session: Session, signed_in: SignedIn, user: UserRow
) -> None:
    viewer = signed_in("viewer")
    client = new_client(app, session)
    enter(client, "wrong-canary")
    enter(client, "wrong-canary", mail="canary@example.com")
    enter(client)
    client.post("/sign-out")
    found = [(row.actor, row.kind, told(row.said)) for row in session.query(EventRow).order_by(EventRow.id)]
    assert found == [
        ("nobody", "sign-in failed", f"A sign-in for {MAIL} failed, from 10.0.0.1"),
        ("nobody", "sign-in failed", "A sign-in for an e-mail that nobody has failed, from 10.0.0.1"),
        ("Administrator", "signed in", f"{MAIL} signed in from 10.0.0.1"),
        ("Administrator", "signed out", f"{MAIL} signed out"),
    ]
    enter(client)
    for path in ("/activity", "/activity.csv"):
        page = client.get(path).text
        assert (f"A sign-in for {MAIL} failed" in page, "canary" in page) == (True, False)
        for hidden in (path, f"{path}?kind=signed in", f"{path}?q=signed"):
            assert MAIL not in viewer.get(hidden).text


@pytest.mark.parametrize(
    ("address", "status"),
    [("http://localhost:8000", 302), ("http://127.0.0.1:8000", 302), ("https://portal.example.com", 422)],
)
def test_the_demos_password_opens_a_demo_alone(
    app: Flask, client: CheckingClient, user: UserRow, address: str, status: int
) -> None:
    user.password_hash = hasher.hash(PUBLIC_PASSWORDS[0])
    portal = the_portal(app)
    portal.settings = msgspec.structs.replace(portal.settings, public_url=address)
    assert enter(client, PUBLIC_PASSWORDS[0]).status_code == status
