"""The demo's people and tokens, which everybody knows, get into no real portal."""

from datetime import UTC, datetime

import msgspec
import pytest
from flask import Flask
from sqlalchemy.orm import Session

from portal.actions.house.people import NewPassword, PeopleChange, add_user
from portal.actions.house.profiles import Profile
from portal.domain.house.states import Role
from portal.extensions import the_portal
from portal.settings import AppRegistration, Settings
from portal.store.people import UserRow
from tests.conftest import NOW
from tests.furnishing.connections import add_productive

REAL_SITE = AppRegistration("https://start.exactonline.nl", "a", "b")


def prepare(app: Flask, **changes: object) -> tuple[int, str]:
    portal = the_portal(app)
    portal.settings = msgspec.structs.replace(portal.settings, **changes)
    done = app.test_cli_runner().invoke(args=["prepare-demo"])
    return done.exit_code, done.output


@pytest.mark.parametrize(
    "changes",
    [
        {"public_url": "https://portal.example.com"},
        {"public_url": "https://localhost"},
        {"public_url": "http://portal.example.com"},
        {"public_url": "http://10.0.0.5:8000"},
        {"public_url": "http://localhost.example.com"},
        {"public_url": "http://0.0.0.0:8000"},
        {"productive_url": "https://api.productive.io/api/v2"},
        {"exact": {"NL": REAL_SITE}},
    ],
)
def test_an_address_that_may_be_a_real_portal_is_refused(
    app: Flask, session: Session, changes: dict[str, object]
) -> None:
    code, said = prepare(app, **changes)
    assert (code, "is no address of a demo" in said) == (1, True)
    assert session.query(UserRow).count() == 0


def add_a_viewer(session: Session) -> None:
    profile = Profile("Ann", Role.VIEWER)
    change = PeopleChange("x", datetime.now(UTC))
    add_user(session, "ann@example.com", profile, NewPassword("x" * 12), change)


def test_a_database_with_real_people_is_refused(app: Flask, session: Session, settings: Settings) -> None:
    add_a_viewer(session)
    code, said = prepare(app)
    assert (code, "not a demo's" in said) == (1, True)
    assert [user.email for user in session.query(UserRow)] == ["ann@example.com"]


def test_a_demo_is_prepared_once_and_goes_on_when_people_were_added(app: Flask, session: Session) -> None:
    add_productive(session, NOW)
    session.commit()
    assert prepare(app) == (0, "")
    add_a_viewer(session)
    assert prepare(app) == (0, "")
    assert session.query(UserRow).count() == 2
