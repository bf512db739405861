"""What a person sees of an entry that stands under the invoice's number, and what they can do about it."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select

from portal.actions.books.compare import compare_books
from portal.actions.books.read_entries import read_exact
from portal.actions.books.request_readings import request_readings
from portal.domain.copies.states import CopyState
from portal.domain.periods import read_period
from portal.remote.errors import UnreachableError
from portal.store.copies import CopyRow
from portal.store.looks import LookRow, SetAsideRow
from tests.conftest import SignedIn
from tests.domain.builders import a_booking
from tests.pages import CheckingClient, read_page, seen
from tests.web.invoices import House, form_of, only

COPY = "/invoices/105/copy"
HELD = "/invoices/105/held"
PAGE = "/invoices/105"
GUID = "9d5a3d6e-8ab3-4a52-b5e7-1c1f0a6f4a11"


@pytest.fixture
def client(house: House, signed_in: SignedIn, nudges: list[tuple[str, str]]) -> CheckingClient:
    return signed_in("finance")


def by_a_bookkeeper(house: House, **changes: Any) -> None:
    row = house.add()
    customer = next(iter(house.ledger.customers))
    entry = a_booking(**{"id": GUID, "customer_id": customer, "your_ref": row.number or "", **changes})
    house.ledger.entries[entry.id] = entry


def held(client: CheckingClient) -> BeautifulSoup:
    return seen(client.htmx(HELD))


def button(page: BeautifulSoup, text: str) -> Any:
    return next(one for one in page.find_all("button") if one.get_text(strip=True) == text)


def test_the_dialog_opens_at_once_and_looks_in_a_second_load(client: CheckingClient, house: House) -> None:
    house.add()
    page = seen(client.htmx(COPY))
    section = only(page, "#copy-held")
    assert (section["hx-get"], section["hx-trigger"]) == (HELD, "load")
    assert house.ledger.calls == []
    found = only(held(client), "#copy-held")
    assert "Exact holds no other entry under" in found.text
    assert "hx-get" not in found.attrs
    # What is known is shown at once, and is not asked for again.
    assert "Exact holds no other entry under" in only(seen(client.htmx(COPY)), "#copy-held").text
    held(client)
    assert house.ledger.calls == ["find_held"]


def test_a_stranger_is_named_with_both_ways_on(client: CheckingClient, house: House) -> None:
    by_a_bookkeeper(house)
    page = held(client)
    assert "Customer and total are this invoice's." in page.text
    assert button(page, "Link existing entry")["formaction"] == "/invoices/105/link"
    assert only(page, "summary").get_text(strip=True) == "It is another one"
    assert "is another one" in only(page, "details button").text


def test_submitting_beside_it_books_nothing_and_says_so(client: CheckingClient, house: House) -> None:
    house.add()
    form = form_of(seen(client.htmx(COPY)))
    by_a_bookkeeper(house)
    answer = client.htmx(COPY, "POST", data=form)
    assert answer.status_code == 422
    page = read_page(answer.text)
    assert "Customer and total are this invoice's." in only(page, "#copy-held").text
    assert not page.select("#copy-problems, .field-error, .field-asks:not(:empty)")
    assert house.session.query(CopyRow).count() == 0
    assert house.ledger.calls == ["find_held"]


def test_it_is_linked_by_one_click_in_the_dialog(client: CheckingClient, house: House) -> None:
    by_a_bookkeeper(house)
    page = seen(client.htmx(COPY))
    form = form_of(page)
    held(client)
    answer = client.htmx("/invoices/105/link", "POST", data=form | {"entry": GUID})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, PAGE)
    copy = house.session.scalars(select(CopyRow)).one()
    assert (copy.state, copy.entry_id) == (CopyState.COPIED, GUID)


def test_another_one_is_confirmed_in_the_dialog_and_keeps_what_was_chosen(
    client: CheckingClient, house: House
) -> None:
    by_a_bookkeeper(house)
    form = form_of(seen(client.htmx(COPY))) | {"booking_date": "2026-03-05"}
    held(client)
    answer = client.htmx("/invoices/105/another", "POST", data=form | {"another": GUID})
    page = read_page(answer.text)
    assert only(page, "#copy-date")["value"] == "2026-03-05"
    assert "It is another one, as" in only(page, "#copy-held").text
    assert client.htmx(COPY, "POST", data=form_of(page)).status_code == 200
    assert house.work().state == CopyState.COPIED
    assert house.session.query(SetAsideRow).count() == 1
    assert house.ledger.calls == ["find_held", "create_entry"]


def test_without_scripts_the_look_is_made_by_the_submission(client: CheckingClient, house: House) -> None:
    by_a_bookkeeper(house)
    page = read_page(client.get(COPY).text)
    assert "Before anything is booked, Exact is asked" in only(page, "#copy-held").text
    answer = client.post(COPY, data=form_of(page))
    assert answer.status_code == 422
    refused = read_page(answer.text)
    assert "Customer and total are this invoice's." in only(refused, "#copy-held").text
    # What opens by a script alone has the class "why", and is hidden without scripts.
    assert only(refused, "#copy-held button[name=another]").find_parent(class_="why") is None
    linked = client.post("/invoices/105/link", data=form_of(page) | {"entry": GUID})
    assert linked.headers["Location"] == PAGE


@pytest.mark.parametrize("scripts", [True, False])
def test_where_exact_is_silent_the_dialog_says_so_and_the_job_looks(
    client: CheckingClient, house: House, scripts: bool
) -> None:
    by_a_bookkeeper(house)
    house.ledger.fail("find_held", UnreachableError("Exact could not be reached."), times=2 if scripts else 1)
    page = read_page(client.get(COPY).text)
    if scripts:
        said = held(client).text
        assert "Exact could not be asked" in said
        assert "asked again before anything is booked" in said
    assert client.htmx(COPY, "POST", data=form_of(page)).status_code == 200
    copy = house.work()
    assert (copy.state, copy.cause) == (CopyState.REFUSED, "entry_stranger")
    assert house.ledger.count("create_entry") == 0


def test_the_invoice_page_shows_it_with_one_click_to_link(client: CheckingClient, house: House) -> None:
    by_a_bookkeeper(house)
    held(client)
    page = read_page(client.get(PAGE).text)
    section = only(page, "#invoice-held")
    assert "This number stands in Exact already" in section.text
    assert "Entry 26700001 in Exact already carries" in section.text
    forms = {str(form["action"]) for form in section.find_all("form")}
    assert forms == {"/invoices/105/link", "/invoices/105/another"}
    answer = client.post("/invoices/105/another", data={"another": GUID}, follow_redirects=True)
    assert "It is another one, as" in only(read_page(answer.text), "#invoice-held").text
    assert "The invoice can be copied beside it." in answer.text


def test_a_copy_that_was_refused_for_one_is_named_on_activity(client: CheckingClient, house: House) -> None:
    form = form_of(seen(client.htmx(COPY))) if house.add() else {}
    client.htmx(COPY, "POST", data=form)
    house.session.query(LookRow).delete()
    house.session.commit()
    by_a_bookkeeper(house)
    assert house.work().cause == "entry_stranger"
    text = client.get("/activity").text
    assert "Exact holds an entry of this number that is linked to no copy" in text


def test_beside_an_own_entry_it_cannot_be_linked_as_well(client: CheckingClient, house: House) -> None:
    house.add()
    client.htmx(COPY, "POST", data=form_of(seen(client.htmx(COPY))))
    assert house.work().state == CopyState.COPIED
    by_a_bookkeeper(house)
    house.session.query(LookRow).delete()
    house.session.commit()
    page = held(client)
    assert "cannot be linked as well" in page.text
    assert "Link existing entry" not in page.text
    assert button(page, "Yes, it is another one")


def test_the_way_to_it_in_exact_is_for_what_was_seen_only(client: CheckingClient, house: House) -> None:
    by_a_bookkeeper(house)
    assert client.get(f"{HELD}/{GUID}").status_code == 404
    held(client)
    assert client.get(f"{HELD}/{GUID}").status_code == 302


def test_a_viewer_sees_it_but_has_no_buttons(
    house: House, signed_in: SignedIn, client: CheckingClient
) -> None:
    by_a_bookkeeper(house)
    held(client)
    viewer = signed_in("viewer")
    section = only(read_page(viewer.get(PAGE).text), "#invoice-held")
    assert "This number stands in Exact already" in section.text
    assert not section.find_all("button")


def test_an_entry_booked_twice_by_one_request_is_told_wherever_people_look(
    client: CheckingClient, house: House
) -> None:
    house.add()
    client.htmx(COPY, "POST", data=form_of(seen(client.htmx(COPY))))
    copy = house.work()
    entry = house.ledger.entries[copy.entry_id or ""]
    house.ledger.entries[GUID] = replace(entry, id=GUID, entry_number=777, invoice_number=777)
    month = read_period(f"{entry.entry_date:%Y-%m}")
    assert month is not None
    moment = datetime.now(UTC)
    request_readings(
        house.session, house.wiring.nudge, month, subsidiaries=None, whole=True, now=datetime.now(UTC)
    )
    read_exact(
        house.session, house.ledger, house.wiring.nudge, house.connection_id, clock=lambda: datetime.now(UTC)
    )
    compare_books(house.session, clock=lambda: moment)
    keep = f"Keep entry {copy.entry_number}, which is linked. Delete entry 777 (journal 70"
    for address in (PAGE, "/activity"):
        page = read_page(client.get(address).text)
        assert keep in " ".join(page.text.split())
        (way,) = {str(one["href"]) for one in page.find_all("a") if "Open entry 777" in one.get_text()}
        assert client.get(way).status_code == 302
    listed = client.get(f"/reconciliation?period={month.text}").text
    assert "It carries the same marker as entry" in listed
