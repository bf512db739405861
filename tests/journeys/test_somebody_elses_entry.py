"""A bookkeeper booked the invoice by hand: it is named, linked, or set aside, and never booked beside."""

from typing import Any

import pytest

from tests.furnishing.waits import until
from tests.journeys.desk import DUTCH, Desk
from tests.journeys.person import Person

ENTRIES = "/api/v1/1001/salesentry/SalesEntries"
LINE = {"service_type": "Design", "description": "Ontwerp", "quantity": "1"}


def an_entry_by_hand(desk: Desk, invoice: str) -> dict[str, Any]:
    """Let an entry that was in Exact before the portal carry the invoice's number."""
    loose = [
        one
        for one in desk.exact.get(f"entries?division={DUTCH}")
        if one["YourRef"].startswith(("2026-1", "K-2026")) and float(one["AmountFC"]) > 0
    ]
    entry: dict[str, Any] = loose[0]
    number = desk.seen(invoice)["number"]
    desk.exact.patch(f"{DUTCH}/SalesEntries/{entry['EntryID']}", YourRef=number)
    return entry


def submit(desk: Desk, invoice: str) -> Person:
    until(desk.world.is_at_rest, "quiet")
    desk.exact.delete("calls")
    return desk.submit(invoice)


@pytest.mark.parametrize(
    "spelt",
    [str, lambda number: f"{number}  ", str.lower],
    ids=["as it is", "with blanks", "in small letters"],
)
def test_it_is_named_before_anything_is_booked_and_linked_by_one_click(desk: Desk, spelt: Any) -> None:
    invoice = desk.invoice()
    entry = an_entry_by_hand(desk, invoice)
    key = entry["EntryID"]
    number = desk.seen(invoice)["number"]
    desk.exact.patch(f"{DUTCH}/SalesEntries/{key}", YourRef=spelt(number))
    person = submit(desk, invoice)
    assert person.status == 422
    assert f"Entry {entry['EntryNumber']} in Exact already carries {spelt(number).strip()}" in person.text
    assert desk.exact.calls() == [f"GET {ENTRIES}"]
    person.press("Link existing entry")
    assert "The entry is linked." in person.text
    assert [
        one["EntryID"]
        for one in desk.exact.get(f"entries?division={DUTCH}")
        if one["YourRef"].strip().upper() == number
    ] == [key]


def test_another_one_is_kept_and_the_invoice_is_booked_beside_it(desk: Desk) -> None:
    invoice = desk.invoice()
    entry = an_entry_by_hand(desk, invoice)
    person = submit(desk, invoice)
    person.press("Yes, it is another one")
    assert "It is another one, as" in person.text
    assert "Invoice copied." in desk.outcome(person.press("Copy invoice"))
    assert desk.exact.calls() == [f"GET {ENTRIES}", f"POST {ENTRIES}"]
    assert len(desk.entries(invoice)) == 2
    assert "is another one" in desk.person.open(f"/invoices/{invoice}").text
    # It stays what it was for the tests that follow.
    desk.exact.patch(f"{DUTCH}/SalesEntries/{entry['EntryID']}", YourRef=entry["YourRef"])


def test_where_exact_is_busy_when_a_person_submits_the_job_refuses(desk: Desk) -> None:
    invoice = desk.invoice()
    entry = an_entry_by_hand(desk, invoice)
    # As often as a read is repeated by itself.
    desk.exact.fail("GET", ENTRIES, "status:503", times=3)
    person = desk.submit(invoice)
    assert "/copies/" in person.url
    said = desk.outcome(person)
    assert f"Entry {entry['EntryNumber']} in Exact already carries" in said
    assert len(desk.entries(invoice)) == 1
    page = desk.person.open(f"/invoices/{invoice}")
    page.press("Link existing entry")
    assert "The entry is linked." in page.text


def test_where_exact_is_silent_the_dialog_says_so_at_once_and_the_job_looks(desk: Desk) -> None:
    invoice = desk.invoice()
    entry = an_entry_by_hand(desk, invoice)
    desk.exact.fail("GET", ENTRIES, "slow", seconds=30, times=50)
    address = f"{desk.world.url}/invoices/{invoice}/held"
    answer = desk.person.session.get(address, headers={"HX-Request": "true"}, timeout=60)
    assert "asked again before anything is booked" in answer.text
    # Nobody waits for another system; two seconds and what the page itself takes on a busy machine.
    assert answer.elapsed.total_seconds() < 15
    person = desk.submit(invoice)
    assert "/copies/" in person.url
    desk.exact.delete("faults")
    assert f"Entry {entry['EntryNumber']} in Exact already carries" in desk.outcome(person)
    assert len(desk.entries(invoice)) == 1


def test_a_request_that_the_network_repeats_is_found_when_exact_is_read(desk: Desk) -> None:
    invoice = desk.invoice()
    desk.exact.fail("POST", ENTRIES, "twice")
    assert "Invoice copied." in desk.copy(invoice)
    first, second = desk.entries(invoice)
    linked = str(desk.seen(invoice)["export_id"])
    (twin,) = [one for one in (first, second) if one["EntryID"] != linked]
    desk.person.open("/reconciliation").press("Read Exact now")

    def is_told() -> bool:
        return "Booked twice in Exact" in desk.person.open(f"/invoices/{invoice}").text

    until(is_told, "the finding on the invoice page")
    keep = f"Delete entry {twin['EntryNumber']}"
    assert keep in desk.person.text
    assert keep in desk.person.open("/activity").text
    desk.exact.delete(f"{DUTCH}/SalesEntries/{twin['EntryID']}")
    desk.person.open("/reconciliation").press("Read Exact now")
    until(lambda: not is_told(), "the end of the finding")
    assert keep not in desk.person.open("/activity").text
