"""Settings › Limits: what is left of the limits of both services, for administrators."""

import re
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from bs4 import BeautifulSoup
from sqlalchemy.orm import Session

from portal.domain.copies.states import CopyState
from portal.remote.pace import Pace, Window
from portal.store.lane_rows import LaneRow, exact_lane
from tests.conftest import SignedIn
from tests.pages import CheckingClient, read_page, seen, words
from tests.web.payments_story import a_connection, a_copied_invoice


@pytest.fixture
def client(signed_in: SignedIn) -> CheckingClient:
    return signed_in("administrator")


def see(client: CheckingClient, url: str = "/settings/limits") -> BeautifulSoup:
    return seen(client.get(url))


def test_limits_circuits_and_runs_are_shown(client: CheckingClient, session: Session) -> None:
    connection = a_connection(session)
    now = datetime.now(UTC)
    pace = Pace(
        (
            Window(name="minute", length=60, limit=60, remaining=12, resets_at=now + timedelta(seconds=40)),
            Window(name="day", length=86400, limit=5000, keep_for_people=100, keep_for_pulls=300),
        ),
        {"crm/Accounts": (now,) * 5},
        5,
    )
    lane = LaneRow(name=exact_lane("NL", connection.division), pace=msgspec.to_builtins(pace))
    session.add(lane)
    for number in ("0001", "0002"):
        a_copied_invoice(session, connection, number, state=CopyState.WAITING)
    page = see(client)
    text = words(page, "#limits-left")[0]
    for part in (
        "Exact: Studio 1, Books 1",
        "12 of 60 left",
        "5,000 of 5,000 left",
        "300 kept for payments",
        "100 kept for people",
        "2 copies wait.",
        "Done in",
        "Held back until",
        "crm/Accounts",
    ):
        assert part in text
    section = page.select_one("#limits-left")
    assert section is not None
    assert section["hx-trigger"] == "every 15s, wake"
    fragment = read_page(client.htmx("/settings/limits/left").text)
    assert words(fragment, "#limits-left h3") == words(page, "#limits-left h3")
    assert client.get("/activity/limits").headers["Location"] == "/settings/limits"
    card = client.get("/settings/apps").text
    assert "12 of 60 this minute" in card
    assert "what needs them waits until" in card


def test_a_run_is_measured_by_how_fast_it_went_of_late(client: CheckingClient, session: Session) -> None:
    connection = a_connection(session)
    a_copied_invoice(session, connection, "0001", state=CopyState.WAITING)
    now = datetime.now(UTC)
    for number in range(2, 32):
        ended = now - timedelta(minutes=2, seconds=number)
        a_copied_invoice(session, connection, f"{number:04}", finished_at=ended)
    a_copied_invoice(session, connection, "0099", finished_at=now - timedelta(hours=1))
    text = words(see(client), "#limits-left")[0]
    assert re.search(r"1[12]\.\d a minute were made of late", text), text
    assert "1 copy waits. Done in" in text


def test_limits_that_nobody_asked_for_yet_are_not_guessed(client: CheckingClient, session: Session) -> None:
    a_connection(session)
    section = see(client).select_one("#limits-left")
    assert section is not None
    assert "Nothing was asked yet" in section.text
    assert not section.has_attr("hx-trigger")


def test_a_subsidiary_and_its_division_of_one_name_are_named_once(
    client: CheckingClient, session: Session
) -> None:
    row = a_connection(session)
    assert words(see(client), "#limits-left h3") == ["Exact: Studio 1, Books 1"]
    row.division_name = "Studio 1"
    session.commit()
    assert words(see(client), "#limits-left h3") == ["Exact: Studio 1"]
    assert words(see(client, "/payments"), "#payment-pulls h3")[0].count("Studio 1") == 1


def test_the_old_address_leads_everybody_somewhere(signed_in: SignedIn) -> None:
    assert signed_in("finance").get("/activity/limits").headers["Location"] == "/activity"
    assert signed_in("administrator").get("/activity/limits").headers["Location"] == "/settings/limits"


def test_limits_are_for_administrators(signed_in: SignedIn) -> None:
    viewer = signed_in("viewer")
    assert viewer.get("/settings/limits").status_code == 403
    assert viewer.get("/settings/limits/left").status_code == 403
    assert "Open Limits" not in viewer.get("/settings").text
    assert "Open Limits" in signed_in("administrator").get("/settings").text
