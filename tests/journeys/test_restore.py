"""The worst day: the database of last night comes back, and nothing is booked or paid a second time."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from tests.furnishing.waits import until
from tests.journeys.desk import DUTCH, Desk
from tests.journeys.world import running_world

NEW = "Drukkerij Herstel B.V."


@pytest.fixture
def desk() -> Iterator[Desk]:
    """A desk in a world of its own, for it is stopped and taken back."""
    with running_world() as world:
        desk = Desk(world)
        desk.sign_in()
        desk.connect()
        yield desk


def copy_for_a_new_customer(desk: Desk) -> str:
    invoice = desk.invoice(NEW)
    person = desk.open_dialog(invoice).press("Create new customer")
    assert "Invoice copied." in desk.outcome(person.press("Copy invoice"))
    return invoice


def update(desk: Desk, invoice: str) -> None:
    (line,) = desk.seen(invoice)["line_ids"]
    desk.productive.patch(f"invoices/{invoice}", lines=[{"id": line, "quantity": "12"}])
    desk.person.open("/invoices").press("Get invoices now")
    until(lambda: "Changed since copied" in desk.person.open(f"/invoices/{invoice}").text, "the change")
    person = desk.submit(invoice, "update")
    assert "Entry updated." in desk.outcome(person)


def pay(desk: Desk, invoice: str) -> None:
    entry = desk.entry(invoice)
    amount = str(entry["AmountFC"])
    part = [{"entry": entry["EntryID"], "amount": amount}]
    desk.exact.post("receipts", division=DUTCH, amount=amount, allocations=part)
    said = desk.pull_payments()
    assert payments(desk, invoice), said


def payments(desk: Desk, invoice: str) -> list[Any]:
    found: list[Any] = desk.seen(invoice)["payments"]
    return found


def sign_in_again(desk: Desk) -> None:
    """One consent; the tokens of the backup work no more."""
    desk.go_to_exact(desk.person.open("/invoices"), "Sign in at Exact again").press("Allow")


def says_that_copying_is_closed(desk: Desk) -> bool:
    """Look at a page, signing in again where that is asked."""
    if "/sign-in" in desk.person.open("/invoices").url:
        desk.sign_in()
    return "Copying is closed" in desk.person.text


def test_after_a_restore_nothing_is_booked_or_paid_twice(desk: Desk) -> None:
    world = desk.world
    first = desk.invoice()
    assert "Invoice copied." in desk.copy(first)
    desk.pull_payments()
    assert "ENCRYPTION_KEYS" in world.flask("backup", "backup.sqlite")

    second = desk.invoice()
    new = copy_for_a_new_customer(desk)
    assert "Invoice copied." in desk.copy(second)
    update(desk, first)
    pay(desk, second)
    desk.exact.post("clock", advance=700)
    desk.pull_payments()
    before = {each: desk.entry(each) for each in (first, second, new)}

    world.stop()
    for path in (world.folder / "instance").glob("portal.sqlite*"):
        path.unlink()
    (world.folder / "backup.sqlite").rename(world.folder / "instance" / "portal.sqlite")
    world.launch()

    # A backup keeps nobody signed in, and neither does the moment in which the portal notices that it is one.
    assert desk.person.open("/invoices").url.startswith(f"{world.url}/sign-in")
    until(lambda: says_that_copying_is_closed(desk), "the notice")
    desk.read_productive(new)
    desk.exact.delete("calls")
    assert "Copying is closed" in desk.open_dialog(first, "update").press("Copy invoice").text
    today = str(before[first]["EntryDate"])[:10]
    assert "sign" in world.flask("adopt", "--since", today, status=1)
    sign_in_again(desk)
    said = world.flask("adopt", "--since", today)
    assert "2 entries adopted (0 with a difference)" in said, said
    assert "1 payments adopted, 0 copies to retry, 0 not matched" in said, said
    assert "Copying is open again." in said
    assert not [call for call in desk.exact.calls() if not call.startswith("GET")]

    desk.pull_payments()
    assert len(payments(desk, second)) == 1
    for invoice, entry in before.items():
        assert desk.entry(invoice) == entry
        assert "Invoice copied" in desk.person.open("/invoices").text
        assert str(entry["EntryNumber"]) in desk.person.open(f"/invoices/{invoice}").text
    assert Decimal(str(before[first]["AmountFC"])) == Decimal(desk.seen(first)["total"])
    assert "Adopted entry" in desk.person.open(f"/invoices/{second}").text
    assert "Copying is closed" not in desk.person.text
    third = desk.invoice(NEW)
    assert "Invoice copied." in desk.copy(third)
    assert desk.entry(third)["Customer"] == before[new]["Customer"]
