"""Sessions over the web: what ends them, what keeps them, and what a person sees of them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import event
from sqlalchemy.orm import Session

from jobs.sessions import clean_sessions
from portal.domain.house.states import Role
from portal.extensions import db
from portal.store.people import UserRow
from portal.store.sessions import SessionRow
from portal.web.auth.browsers import name_browser
from tests.conftest import SignedIn, new_client
from tests.furnishing.connections import add_subsidiaries
from tests.furnishing.passwords import PASSWORD
from tests.pages import CheckingClient, read_page

COOKIE = "portal_session"
START = datetime(2026, 11, 23, 8, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def cookie_of(client: CheckingClient) -> str:
    found = client.get_cookie(COOKIE)
    assert found
    return found.value


def thief(app: Flask, session: Session, cookie: str) -> CheckingClient:
    """Somebody else's browser with a copied cookie."""
    client = new_client(app, session)
    client.set_cookie(COOKIE, cookie)
    return client


def is_in(client: CheckingClient) -> bool:
    return client.get("/account").status_code == 200


def enter(client: CheckingClient, user: UserRow, agent: str = "Firefox/1 Linux") -> CheckingClient:
    form = {"email": user.email, "password": PASSWORD}
    assert client.post("/sign-in", data=form, headers={"User-Agent": agent}).status_code == 302
    return client


@pytest.fixture
def user(signed_in: SignedIn, session: Session) -> UserRow:
    signed_in(Role.ADMINISTRATOR)
    session.query(SessionRow).delete()
    session.commit()
    return session.query(UserRow).one()


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


def test_a_copied_cookie_works_no_more_once_its_owner_signed_out(
    app: Flask, client: CheckingClient, session: Session, user: UserRow
) -> None:
    copied = cookie_of(enter(client, user))
    assert is_in(thief(app, session, copied))
    client.post("/sign-out")
    assert not is_in(thief(app, session, copied))
    assert session.query(SessionRow).count() == 0


def test_a_sign_in_brings_a_token_that_nobody_planted(
    app: Flask, client: CheckingClient, session: Session, user: UserRow
) -> None:
    planted = cookie_of(enter(new_client(app, session), user))
    client.set_cookie(COOKIE, planted)
    enter(client, user)
    assert cookie_of(client) != planted
    assert not is_in(thief(app, session, planted))
    assert is_in(client)


@pytest.mark.parametrize(
    ("change", "ends"),
    [
        ({}, False),
        ({"name": "Another name"}, False),
        ({"role": "finance"}, True),
        ({"reach": "named", "subsidiaries": ["7"]}, True),
        ({"active": ""}, True),
        ({"password": "a whole new one it is"}, True),
    ],
)
def test_what_others_change_ends_every_session_of_a_person(
    app: Flask, signed_in: SignedIn, session: Session, change: dict[str, object], ends: bool
) -> None:

    add_subsidiaries(session, {"7": "Gent"})
    administrator = signed_in()
    first = signed_in("viewer")
    viewer = session.query(UserRow).filter_by(role="viewer").one()
    second = enter(new_client(app, session), viewer)
    form = {"name": viewer.name, "role": "viewer", "reach": "all", "active": "y", **change}
    assert administrator.post(f"/settings/users/{viewer.id}", data=form).status_code == 302
    assert [is_in(first), is_in(second)] == [not ends, not ends]
    assert is_in(administrator)


def test_a_changed_own_password_ends_the_other_sessions_and_renews_this_one(
    app: Flask, client: CheckingClient, session: Session, user: UserRow
) -> None:
    other = enter(new_client(app, session), user)
    copied = cookie_of(enter(client, user))
    new = "a whole new one it is"
    form = {"old": PASSWORD, "new": new, "again": new}
    assert client.post("/account/password", data=form).status_code == 302
    assert [is_in(client), is_in(other), is_in(thief(app, session, copied))] == [True, False, False]


def test_an_hour_without_doing_ends_it(
    client: CheckingClient, user: UserRow, clock: time_machine.Traveller
) -> None:
    enter(client, user)
    clock.shift(59 * MINUTE)
    assert is_in(client)
    clock.shift(59 * MINUTE)
    assert is_in(client)
    clock.shift(60 * MINUTE)
    assert not is_in(client)


def test_twelve_hours_end_it_whatever_is_done(
    client: CheckingClient, user: UserRow, clock: time_machine.Traveller
) -> None:
    enter(client, user)
    for _ in range(23):
        clock.shift(30 * MINUTE)
        assert is_in(client)
    clock.shift(30 * MINUTE)
    assert not is_in(client)


def test_a_page_that_asks_by_itself_keeps_nobody_signed_in(
    client: CheckingClient, user: UserRow, clock: time_machine.Traveller
) -> None:
    enter(client, user)
    for _ in range(5):
        clock.shift(10 * MINUTE)
        assert client.htmx("/account", headers={"X-Poll": "1"}).status_code == 200
    clock.shift(10 * MINUTE)
    assert client.htmx("/account", headers={"X-Poll": "1"}).status_code == 401


def test_a_request_asks_once_and_writes_once_a_minute(
    app: Flask, client: CheckingClient, user: UserRow, clock: time_machine.Traveller
) -> None:
    said: list[str] = []
    enter(client, user)
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *given: said.append(given[2]))
    for shift, writes in ((timedelta(0), 0), (59 * MINUTE / 60, 0), (MINUTE, 1), (timedelta(0), 0)):
        clock.shift(shift)
        said.clear()
        assert is_in(client)
        about = [one for one in said if "web_session.token_hash =" in one]
        assert len(about) == 1
        assert len([one for one in said if one.startswith("UPDATE web_session")]) == writes


def test_a_database_that_is_written_to_holds_up_no_page(
    app: Flask, client: CheckingClient, user: UserRow, clock: time_machine.Traveller
) -> None:
    enter(client, user)
    clock.shift(2 * MINUTE)
    with app.app_context(), db.engine.connect() as writer:
        writer.exec_driver_sql("UPDATE user SET language = language")
        assert is_in(client)
        writer.rollback()


def test_cookies_of_an_earlier_portal_mean_signing_in_again(client: CheckingClient, user: UserRow) -> None:
    for old in (f"{user.id}.1", str(user.id), "", "x" * 5000, 7):
        with client.session_transaction() as cookie:
            cookie["_user_id"] = old
        assert client.get("/account").headers["Location"].startswith("/sign-in")


def test_a_person_sees_where_they_are_signed_in_and_ends_it(
    app: Flask, client: CheckingClient, session: Session, user: UserRow
) -> None:
    agent = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) AppleWebKit/605 Version/18.0 Safari/604.1"
    phone = enter(new_client(app, session), user, agent)
    tablet = enter(new_client(app, session), user)
    enter(client, user)
    page = read_page(client.get("/account").text)
    shown = page.select("#account-sessions .session")
    assert ["This browser" in one.text for one in shown] == [True, False, False]
    assert "Safari · iPhone or iPad" in page.text
    assert "from 127.0.0.1" in page.text
    row = session.query(SessionRow).filter(SessionRow.browser.startswith("Safari")).one()
    answer = client.post(f"/account/sessions/{row.id}/end")
    assert answer.headers["Location"] == "/account#account-sessions"
    assert [is_in(phone), is_in(tablet), is_in(client)] == [False, True, True]
    client.post("/account/sessions/end-others")
    assert [is_in(tablet), is_in(client)] == [False, True]
    assert "End all others" not in client.get("/account").text


def test_nobody_ends_anothers_session(signed_in: SignedIn, session: Session) -> None:
    victim = signed_in("viewer")
    other = signed_in(Role.ADMINISTRATOR)
    row = session.query(SessionRow).order_by(SessionRow.id).first()
    assert row
    other.post(f"/account/sessions/{row.id}/end")
    other.post("/account/sessions/end-others")
    assert is_in(victim)


def test_ended_sessions_are_cleaned_away(
    app: Flask, client: CheckingClient, session: Session, user: UserRow, clock: time_machine.Traveller
) -> None:
    enter(client, user)
    clock.shift(61 * MINUTE)
    with app.app_context():
        clean_sessions()
    assert session.query(SessionRow).count() == 0


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox · Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537 Chrome/140.0 Safari/537 Edg/140.0", "Edge · Windows"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) Version/18 Safari/605", "Safari · macOS"),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/140 Mobile Safari/537", "Chrome · Android"),
        ("Mozilla/5.0 (Linux; Android 15) SamsungBrowser/27 Chrome/140 Mobile", "Samsung Internet · Android"),
        ("Mozilla/5.0 (iPad; CPU OS 18_0) CriOS/140 Mobile Safari/604", "Chrome · iPhone or iPad"),
        ("<script>alert(1)</script>", ""),
        ("", ""),
    ],
)
def test_a_browser_is_named_in_our_own_words(told: str, name: str) -> None:
    assert name_browser(told) == name
