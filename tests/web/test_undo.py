"""Undo on screen: what will be deleted, why not, the credit entry instead, and who may do it."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from bs4 import BeautifulSoup
from werkzeug.test import TestResponse

from portal.actions.copies.request import Wish, request_copy
from portal.domain.booking.catalogue import Period
from portal.domain.booking.mapping import Choices
from portal.domain.copies.states import CopyAction, CopyState
from portal.remote.errors import RefusedError, UnreachableError
from portal.store.catalogue import keep_catalogue
from portal.store.copies import CopyRow
from tests.conftest import SignedIn
from tests.fakes import FakeNudge
from tests.furnishing.today import today
from tests.pages import CheckingClient, read_page, seen
from tests.web.connected import find_named
from tests.web.invoices import House, form_of, labelled, only

UNDO_URL = "/invoices/105/undo"
CREDIT_URL = "/invoices/105/credit"
PAGE = "/invoices/105"
TODAY = today().isoformat()


@pytest.fixture
def client(house: House, signed_in: SignedIn, nudges: list[tuple[str, str]]) -> CheckingClient:
    return signed_in("finance")


def copied(house: House) -> CopyRow:
    """Copy the invoice as the worker does."""
    row = house.add()
    wish = Wish(Choices(customer_id=house.customer_id, journal="70"), row.fingerprint, row.latest_copy_id)
    made = request_copy(
        house.session, FakeNudge(), row.id, wish=wish, requested_by="Anna", now=datetime.now(UTC)
    )
    assert isinstance(made, CopyRow), made
    return house.work()


def processed(house: House) -> CopyRow:
    """Copy the invoice, and let Exact process its entry."""
    keep_periods(house)
    copy = copied(house)
    entry = house.ledger.entries[copy.entry_id or ""]
    house.ledger.entries[entry.id] = replace(entry, status=50)
    return copy


def keep_periods(house: House) -> None:
    """Let the books have a period that reaches to today and further."""
    whole = Period(2026, 1, date(2026, 1, 1), date(today().year + 1, 12, 31))
    house.ledger.catalogue = replace(house.ledger.catalogue, periods=(whole,))
    keep_catalogue(house.session, house.connection_id, house.ledger.catalogue, datetime.now(UTC))
    house.session.commit()


def opened(client: CheckingClient, url: str = UNDO_URL) -> BeautifulSoup:
    return seen(client.htmx(url))


def submit(client: CheckingClient, page: BeautifulSoup, **changes: str) -> TestResponse:
    form = form_of(page, "undo-form") | changes
    return client.htmx(str(only(page, "#undo-form")["action"]), "POST", data=form)


def text_of(page: BeautifulSoup | TestResponse) -> str:
    found = read_page(page.text) if isinstance(page, TestResponse) else page
    return re.sub(r"\s+", " ", found.get_text(" ", strip=True))


def test_the_dialog_shows_what_will_be_deleted_and_asks_once(client: CheckingClient, house: House) -> None:
    copy = copied(house)
    page = opened(client)
    assert only(page, "#copy-title").text == "Undo copy"
    shown = text_of(page)
    for part in (
        copy.entry_number or "",
        "Acme BV",
        "2026-0042",
        "8000",
        "2 Mar 2026",
        "€100.00",
        "€121.00",
    ):
        assert part in shown, part
    assert "What stays:" in shown
    assert find_named(page, "button", "Delete entry in Exact")
    answer = submit(client, page)
    assert (answer.status_code, house.latest().action) == (200, CopyAction.UNDO)
    assert "Delete the entry in Exact" in answer.text
    undo = house.work()
    assert (undo.state, house.ledger.entries) == (CopyState.UNDONE, {})
    ended = client.htmx(f"/copies/{undo.id}")
    assert f"Entry {copy.entry_number} is deleted in Exact. The copy is undone." in ended.text
    assert ended.headers["HX-Trigger"] == "copy-ended-105"


def test_it_works_without_scripts_too(client: CheckingClient, house: House) -> None:
    copied(house)
    page = read_page(client.get(UNDO_URL).text)
    assert only(page, "dialog[open]")
    answer = client.post(UNDO_URL, data=form_of(page, "undo-form"))
    assert answer.status_code == 302
    assert "Undo copy" in client.get(answer.headers["Location"]).text


def test_after_an_undo_the_invoice_can_be_copied_and_both_trails_stay(
    client: CheckingClient, house: House
) -> None:
    copy = copied(house)
    submit(client, opened(client))
    house.work()
    page = read_page(client.get(PAGE).text)
    assert find_named(page, "button", "Copy to Exact")
    assert len(page.select("details.proof")) == 2
    shown = text_of(page)
    assert f"Entry {copy.entry_number}, deleted in Exact" in shown
    assert "Undone: entry" in shown
    assert not page.select(f"a[href='{copy.entry_url}']")
    assert [row["id"] for row in read_page(client.get("/invoices?view=not-copied").text).select("tr[id]")]


def test_the_invoice_page_offers_undo_and_a_difference_never_retry(
    client: CheckingClient, house: House
) -> None:
    house.ledger.vat_drift = 1
    copy = copied(house)
    assert copy.state == CopyState.DIFFERENT
    page = read_page(client.get(PAGE).text)
    assert [link.get_text(strip=True) for link in page.select("article a.btn")] == ["Update existing", "Undo"]
    assert "Retry" not in text_of(page)
    progress = read_page(client.htmx(f"/copies/{copy.id}").text)
    names = [link.get_text(strip=True) for link in progress.select(".notice a")]
    assert names[1:] == ["Update existing", "Undo"]


def test_the_menu_of_a_copied_invoice_stays_as_it_was(client: CheckingClient, house: House) -> None:
    copied(house)
    items = read_page(client.get(PAGE).text).select("#invoice-control-105 .menu-item")
    assert [item.get_text(strip=True) for item in items] == [
        "Update existing",
        "Create new",
        "Open entry in Exact",
    ]


def test_a_viewer_sees_the_trails_and_no_undo(
    client: CheckingClient, house: House, signed_in: SignedIn
) -> None:
    copied(house)
    viewer = signed_in("viewer")
    page = read_page(viewer.get(PAGE).text)
    assert page.select("details.proof")
    assert not page.select("[id^=copy-undo-]")
    for answer in (viewer.get(UNDO_URL), viewer.post(UNDO_URL), viewer.post(CREDIT_URL)):
        assert answer.status_code == 403


def test_another_subsidiarys_copy_is_not_found(house: House, signed_in: SignedIn) -> None:
    copied(house)
    stranger = signed_in("finance", subsidiaries=["2"])
    for answer in (stranger.get(UNDO_URL), stranger.post(UNDO_URL), stranger.post(CREDIT_URL)):
        assert answer.status_code == 404


def test_a_stale_page_is_told_and_deletes_nothing(client: CheckingClient, house: House) -> None:
    copied(house)
    page = opened(client)
    copied(house)
    answer = submit(client, page)
    assert answer.status_code == 422
    assert "The copies of this invoice changed while you were looking." in text_of(answer)
    assert len(house.ledger.entries) == 2


def test_a_tampered_fingerprint_deletes_nothing(client: CheckingClient, house: House) -> None:
    copied(house)
    submit(client, opened(client), fingerprint="0" * 64)
    undo = house.work()
    assert (undo.state, undo.cause, len(house.ledger.entries)) == (CopyState.REFUSED, "entry_changed", 1)
    shown = client.htmx(f"/copies/{undo.id}").text
    assert "Open Undo again" in shown
    page = read_page(client.get(PAGE).text)
    assert "Open Undo again" in text_of(page)
    assert "Retry" not in text_of(page)


def test_nothing_to_undo_is_said(client: CheckingClient, house: House) -> None:
    house.add()
    assert "There is no copy in Exact that could be undone." in opened(client).text
    answer = client.htmx(UNDO_URL, "POST", data={})
    assert answer.status_code == 422
    assert "There is no copy in Exact that could be undone." in answer.text


def test_an_exact_that_cannot_be_read_offers_another_try(client: CheckingClient, house: House) -> None:
    copied(house)
    house.ledger.fail("read_entry", UnreachableError("Exact is down."))
    page = opened(client)
    assert "Exact is down." in text_of(page)
    assert find_named(page, "a", "Try again")
    assert not page.select("#undo-submit")


def test_an_entry_that_is_gone_is_only_tidied_up(client: CheckingClient, house: House) -> None:
    copy = copied(house)
    house.ledger.delete_entry(copy.entry_id or "")
    page = opened(client)
    assert "is no longer in Exact" in only(page, "#undo-gone").text
    submit(client, page)
    assert house.work().state == CopyState.UNDONE


def test_while_something_is_under_way_its_progress_is_shown(client: CheckingClient, house: House) -> None:
    copied(house)
    submit(client, opened(client))
    assert "data-poll" in client.htmx(UNDO_URL).text
    assert "data-poll" in client.htmx("/invoices/105/copy").text


def test_an_older_entry_is_named_before_and_after(client: CheckingClient, house: House) -> None:
    older = copied(house)
    copied(house)
    page = opened(client)
    assert f"Entry {older.entry_number}" in text_of(page)
    assert "counts as this invoice’s copy again" in text_of(page)
    assert "can be undone once the newer one is" in text_of(read_page(client.get(PAGE).text))
    submit(client, page)
    undo = house.work()
    shown = text_of(client.htmx(f"/copies/{undo.id}"))
    assert "An older entry of this invoice is still in Exact and counts as its copy." in shown
    assert (house.row().copy_state, house.row().latest_copy_id) == (CopyState.COPIED, older.id)


# The credit entry


def test_what_can_no_longer_be_deleted_says_why_and_offers_a_credit_entry(
    client: CheckingClient, house: House
) -> None:
    house.connection.credit_journal = "71"
    copy = processed(house)
    page = opened(client)
    shown = text_of(page)
    assert f"Entry {copy.entry_number} cannot be deleted" in shown
    assert "is processed in Exact" in shown
    assert "-€121.00" in shown
    assert only(labelled(page, "Journal code"), "option[selected]")["value"] == "71"
    assert labelled(page, "Booking date")["value"] == TODAY
    assert not find_all(page, "Delete entry in Exact")
    assert submit(client, page).status_code == 200
    credit = house.work()
    assert (credit.action, credit.state, credit.gross_booked) == (CopyAction.CREDIT, CopyState.UNDONE, -12100)
    assert f"Exact booked credit entry {credit.entry_number}." in client.htmx(f"/copies/{credit.id}").text
    after = text_of(read_page(client.get(PAGE).text))
    assert f"Undone by credit entry {credit.entry_number}" in after
    assert f"Entry {copy.entry_number} in Exact" in after


def find_all(page: BeautifulSoup, name: str) -> list[str]:
    return [one.text for one in page.find_all("button") if one.get_text(strip=True) == name]


@pytest.mark.parametrize(
    ("changes", "field", "text"),
    [
        ({"booking_date": "soon"}, "booking_date", "“soon” is not a date."),
        ({"booking_date": ""}, "booking_date", "is not a date."),
        ({"booking_date": "2019-01-01"}, "booking_date", "Exact has no financial period"),
        ({"journal": "99"}, "journal", "Exact has no journal 99."),
    ],
)
def test_a_bad_credit_is_told_at_its_field_and_books_nothing(
    client: CheckingClient, house: House, changes: dict[str, str], field: str, text: str
) -> None:
    processed(house)
    answer = submit(client, opened(client), **changes)
    assert answer.status_code == 422
    page = read_page(answer.text)
    wrong = only(page, f"[name={field}][aria-invalid=true]")
    assert text in only(page, f"[id='{wrong['aria-describedby']}']").text
    assert (house.latest().action, len(house.ledger.entries)) == ("create", 1)


def test_an_unreadable_exact_keeps_the_credit_from_being_asked_for(
    client: CheckingClient, house: House
) -> None:
    processed(house)
    page = opened(client)
    house.ledger.fail("read_entry", UnreachableError("Exact is down."))
    answer = submit(client, page)
    assert (answer.status_code, house.latest().action) == (422, "create")
    assert "Exact is down." in text_of(answer)


def test_exacts_refusal_of_a_deletion_leads_to_the_credit(client: CheckingClient, house: House) -> None:
    copied(house)
    house.ledger.fail("delete_entry", RefusedError("Periode is afgesloten", status=500))
    submit(client, opened(client))
    undo = house.work()
    shown = text_of(client.htmx(f"/copies/{undo.id}"))
    assert "Periode is afgesloten" in shown
    assert "Open Undo again" in shown


def test_an_entry_that_was_only_linked_is_let_go_of(client: CheckingClient, house: House) -> None:
    copy = copied(house)
    entry = house.ledger.entries[copy.entry_id or ""]
    house.ledger.entries[entry.id] = replace(entry, lines=(replace(entry.lines[0], notes=""),))
    page = opened(client)
    shown = text_of(page)
    assert "somebody else booked it and it was only linked" in shown
    assert "copying the invoice anew books the revenue twice" in shown
    assert find_named(page, "button", "Take back the link")
    assert not find_all(page, "Delete entry in Exact")
    submit(client, page)
    wish = house.work()
    assert (wish.state, list(house.ledger.entries)) == (CopyState.UNDONE, [entry.id])
    assert "is linked no more. It stays in Exact as it is." in text_of(client.htmx(f"/copies/{wish.id}"))
    assert "Entry 26700001 in Exact is linked no more" in text_of(read_page(client.get(PAGE).text))


def test_an_undo_that_could_not_be_read_asks_again_with_what_was_chosen(
    client: CheckingClient, house: House
) -> None:
    copied(house)
    house.ledger.fail("read_entry", UnreachableError("Exact is away."))
    page = opened(client, f"{UNDO_URL}?journal=71&booking_date=2026-05-04")
    asks = page.select_one("#undo-again")
    assert asks is not None
    assert asks["hx-get"] == f"{UNDO_URL}?journal=71&booking_date=2026-05-04"
    assert (asks["hx-trigger"], asks["hx-target"]) == ("every 5s", "#copy-dialog")
    assert opened(client).select_one("#undo-again") is None


def test_a_credit_that_could_not_be_checked_keeps_what_was_typed(
    client: CheckingClient, house: House
) -> None:
    processed(house)
    page = opened(client)
    house.ledger.fail("read_entry", UnreachableError("Exact is away."))
    answer = submit(client, page, booking_date="2026-05-04")
    asks = read_page(answer.text).select_one("#undo-again")
    assert asks is not None
    assert "booking_date=2026-05-04" in str(asks["hx-get"])
