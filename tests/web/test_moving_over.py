"""The page Moving over: one action links what agrees, and what differs is decided one by one."""

from datetime import UTC, datetime

import pytest
from bs4 import BeautifulSoup, Tag
from sqlalchemy import select

from portal.actions.copies.move_over import look_moved_up
from portal.actions.engine.jobs import Job
from portal.domain.copies.states import CopyState
from portal.store.invoices import ELSEWHERE
from portal.store.looks import SetAsideRow
from tests.conftest import SignedIn
from tests.domain.builders import a_booking
from tests.pages import CheckingClient, seen
from tests.web.invoices import House

PAGE = "/moving-over"


@pytest.fixture
def client(house: House, signed_in: SignedIn, nudges: list[tuple[str, str]]) -> CheckingClient:
    return signed_in("finance")


def exported(house: House, number: str, *totals: int) -> str:
    """Let another link have copied an invoice, and book an entry of each of these totals."""
    invoice_id = f"9{number}"
    house.add(id=invoice_id, number=f"K-{number}", exported=True).copy_state = ELSEWHERE
    house.session.commit()
    for place, total in enumerate(totals):
        entry = a_booking(
            id=f"9d5a3d6e-8ab3-4a52-b5e7-{number}0000000{place}",
            entry_number=26700000 + int(number),
            customer_id=house.customer_id,
            your_ref=f"K-{number}",
            gross=total,
        )
        house.ledger.entries[entry.id] = entry

    return invoice_id


def look(house: House) -> None:
    """Do what the worker does when it is rung."""
    look_moved_up(house.session, house.ledger, house.connection_id, clock=lambda: datetime.now(UTC))


def form_named(page: BeautifulSoup, name: str) -> Tag:
    """The form whose button has this name."""
    found = [
        one
        for one in page.find_all("button")
        if name in (one.get_text(strip=True), one.get("aria-label", ""))
    ]
    assert len(found) == 1, (name, page.text)
    form = found[0].find_parent("form")
    assert isinstance(form, Tag)
    return form


def press(client: CheckingClient, page: BeautifulSoup, name: str) -> BeautifulSoup:
    """Press a button as a browser without JavaScript does, and see what follows."""
    form = form_named(page, name)
    fields = form.find_all("input")
    data = {str(one["name"]): str(one["value"]) for one in fields if one["name"] != "csrf_token"}
    return seen(client.post(str(form["action"]), data=data, follow_redirects=True))


@pytest.fixture
def looked(client: CheckingClient, house: House) -> BeautifulSoup:
    """The page once five were looked up: three agree, one differs, one has no entry."""
    for number in ("1001", "1002", "1003"):
        exported(house, number, 12100)
    exported(house, "1004", 500)
    exported(house, "1005")
    press(client, seen(client.get(PAGE)), "Look up in Exact")
    look(house)
    return seen(client.get(PAGE))


def test_asking_rings_the_worker_and_says_how_far_it_is(
    client: CheckingClient, house: House, nudges: list[tuple[str, str]]
) -> None:
    exported(house, "1001", 12100)
    page = press(client, seen(client.get(PAGE)), "Look up in Exact")
    assert (Job.MOVE_OVER, str(house.connection_id)) in nudges
    assert "Looking in Exact: 0 of 1" in " ".join(page.text.split())
    assert str(page.select("#live")[0]["hx-get"]).strip() == f"{PAGE}/live"
    assert "HX-Refresh" not in client.get(f"{PAGE}/live?v=").headers
    look(house)
    assert client.get(f"{PAGE}/live?v=").headers["HX-Refresh"] == "true"


def test_three_are_linked_in_one_action(client: CheckingClient, house: House, looked: BeautifulSoup) -> None:
    page = press(client, looked, "Link 3")
    assert "3 invoices are linked to their entries." in page.text
    assert [house.row(f"9{number}").copy_state for number in ("1001", "1002", "1003", "1004")] == [
        CopyState.COPIED,
        CopyState.COPIED,
        CopyState.COPIED,
        ELSEWHERE,
    ]
    assert "Link 3" not in page.text


def test_what_differs_stands_side_by_side_and_is_linked_alone(
    client: CheckingClient, house: House, looked: BeautifulSoup
) -> None:
    differing = {
        row.th.get_text(" ", strip=True): [cell.get_text(strip=True) for cell in row.find_all("td")]
        for row in looked.select(".pairs .differs")
        if row.th
    }
    assert differing["Total"] == ["€121.00", "€5.00"]
    assert "Customer" not in differing
    page = press(client, looked, "Link K-1004 to entry 26701004")
    assert "K-1004 is linked." in page.text
    assert house.row("91004").copy_state == CopyState.DIFFERENT


def test_what_is_left_is_asked_for_no_more(
    client: CheckingClient, house: House, looked: BeautifulSoup
) -> None:
    page = press(client, looked, "Leave K-1004: entry 26701004 is another one")
    assert "K-1004 is left as it is" in page.text
    assert house.row("91004").copy_state == ELSEWHERE
    assert house.session.scalars(select(SetAsideRow.entry_id)).all() == [
        "9d5a3d6e-8ab3-4a52-b5e7-100400000000"
    ]
    assert "2 have no entry in Exact" in page.text


def test_without_anything_to_move_the_page_says_so(client: CheckingClient) -> None:
    assert "Nothing to move over" in seen(client.get(PAGE)).text


def test_a_viewer_sees_it_and_changes_nothing(house: House, signed_in: SignedIn) -> None:
    exported(house, "1001", 12100)
    page = seen(signed_in("viewer").get(PAGE))
    assert page.select("main button") == []


def test_another_entry_that_productive_names_is_a_question(client: CheckingClient, house: House) -> None:
    exported(house, "1001", 12100)
    exported(house, "1002", 12100)
    named = "9d5a3d6e-8ab3-4a52-b5e7-100200000000"
    house.add(id="91001", number="K-1001", exported=True, export_id=named)
    house.session.commit()
    press(client, seen(client.get(PAGE)), "Look up in Exact")
    look(house)
    page = seen(client.get(PAGE))
    assert "Productive names the first of these entries" in " ".join(page.text.split())
    assert "Link 1" in page.text
    page = press(client, page, "Link K-1001 to entry 26701002")
    assert "K-1001 is linked." in page.text
