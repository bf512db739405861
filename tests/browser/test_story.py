"""The whole story in a browser: connect, map, copy, update, copy again, credit, and every kind of payment."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.portal import Portal
from tests.furnishing.waits import until
from tests.journeys.desk import DUTCH
from tests.journeys.world import World

pytestmark = pytest.mark.browser
NEW = "Drukkerij De Nieuwe Pers B.V."


@pytest.mark.timeout(600)
def test_the_story_of_a_finance_team(page: Page, world: World) -> None:
    portal = Portal(page, world)
    portal.sign_in()
    portal.connect()
    maps_types_and_rates(portal)
    copies_with_a_new_customer(portal)
    opens_and_leaves_the_menu(portal)
    updates_what_changed(portal)
    is_warned_before_booking_twice(portal)
    undoes_the_second_copy(portal)
    copies_a_credit_note(portal)
    gets_a_part_payment_and_the_rest(portal)
    gets_three_invoices_paid_by_one_transfer(portal)
    hides_no_action_at_any_width(portal)


def maps_types_and_rates(portal: Portal) -> None:
    portal.go("Mappings")
    portal.map_row("Design", "Ledger code", "8000 · Omzet ontwerp")
    portal.map_row("Development", "Ledger code", "8020 · Omzet ontwikkeling")
    portal.map_row("BTW 21%", "VAT code", "2 · Btw hoog tarief 21% (21 %)")


def copies_with_a_new_customer(portal: Portal) -> None:
    portal.write_invoice("S-001", NEW)
    portal.find_row("S-001").get_by_role("button", name="Copy to Exact").click()
    portal.dialog.get_by_role("button", name="Create new customer").click()
    expect(portal.dialog.get_by_label("Name", exact=True)).to_have_value(NEW)
    number = portal.finish_copy()
    (entry,) = portal.entries("S-001")
    assert str(entry["EntryNumber"]) == number
    assert entry["CustomerName"] == NEW
    assert total(entry) == Decimal(portal.seen("S-001")["total"])
    assert portal.seen("S-001")["exported"]
    row = portal.page.get_by_role("row").filter(has_text="S-001")
    expect(row.get_by_role("button", name="Invoice copied")).to_be_visible()


def opens_and_leaves_the_menu(portal: Portal) -> None:
    page = portal.page
    menu = portal.open_menu("S-001")
    update = menu.get_by_role("link", name="Update existing", exact=True)
    update.hover()
    page.wait_for_timeout(400)
    expect(update).to_be_visible()
    page.mouse.move(0, 0)
    expect(update).to_be_hidden()
    trigger = portal.button("Invoice copied")
    trigger.hover()
    page.keyboard.press("Escape")
    expect(update).to_be_hidden()
    page.mouse.move(0, 0)
    trigger.focus()
    expect(update).to_be_visible()


def updates_what_changed(portal: Portal) -> None:
    invoice = portal.seen("S-001")
    first, second = invoice["line_ids"]
    lines = [{"id": first, "quantity": "20"}, {"id": second}]
    portal.productive.patch(f"invoices/{invoice['id']}", lines=lines)
    portal.find_row("S-001")
    expect(portal.page.get_by_text("Changed since copied").last).to_be_visible()
    portal.open_menu("S-001").get_by_role("link", name="Update existing").click()
    changes = portal.dialog.get_by_role("region", name="What will change")
    expect(changes.get_by_role("row", name=re.compile("^Line 1: "))).not_to_have_count(0)
    portal.finish_copy()
    (entry,) = portal.entries("S-001")
    assert total(entry) == Decimal(portal.seen("S-001")["total"]) != Decimal(invoice["total"])


def is_warned_before_booking_twice(portal: Portal) -> None:
    portal.open_menu("S-001").get_by_role("link", name="Create new").click()
    expect(portal.dialog.get_by_text("the revenue will be booked twice")).to_be_visible()
    portal.finish_copy()
    assert len(portal.entries("S-001")) == 2


def undoes_the_second_copy(portal: Portal) -> None:
    portal.page.get_by_role("link", name="S-001", exact=True).click()
    portal.page.get_by_role("link", name="Undo", exact=True).click()
    expect(portal.dialog.get_by_text("This entry will be deleted in Exact")).to_be_visible()
    expect(portal.dialog.get_by_text("counts as this invoice’s copy again afterwards")).to_be_visible()
    portal.dialog.get_by_role("button", name="Delete entry in Exact").click()
    expect(portal.dialog.get_by_text("The copy is undone.")).to_be_visible(timeout=60_000)
    portal.dialog.get_by_role("link", name="Close").last.click()
    expect(portal.button("Invoice copied")).to_be_visible()
    (entry,) = portal.entries("S-001")
    until(lambda: portal.seen("S-001")["export_id"] == entry["EntryID"], "Productive's mark")


def copies_a_credit_note(portal: Portal) -> None:
    portal.write_invoice("S-002")
    portal.copy("S-002")
    lines = [{"service_type": "Design", "description": "Terug", "quantity": "-2", "unit_price": 9750}]
    parent = portal.seen("S-002")["id"]
    portal.write_invoice("S-003", lines=lines, invoice_type_id=2, parent_invoice_id=parent)
    portal.copy("S-003")
    (entry,) = portal.entries("S-003")
    assert entry["Journal"].strip() == "75"
    assert total(entry) == Decimal(portal.seen("S-003")["total"]) == Decimal("-235.95")


def gets_a_part_payment_and_the_rest(portal: Portal) -> None:
    portal.write_invoice("S-004")
    portal.copy("S-004")
    portal.pull_payments()
    whole = Decimal(portal.seen("S-004")["total"])
    part = Decimal("400.10")
    rest = whole - Decimal("400.10")
    receive_at_the_bank(portal, "S-004", part)
    portal.expect_paid("S-004", str(part))
    receive_at_the_bank(portal, "S-004", rest)
    portal.expect_paid("S-004", str(part), str(rest))
    edit_at_the_bank(portal, part, Decimal("250.05"))
    portal.expect_paid("S-004", "250.05", str(rest))
    delete_at_the_bank(portal, rest)
    portal.expect_paid("S-004", "250.05")


def gets_three_invoices_paid_by_one_transfer(portal: Portal) -> None:
    names = ("S-005", "S-006", "S-007")
    for number in names:
        portal.write_invoice(number)
        portal.copy(number)
    with at_the_bank(portal) as bank:
        for number in names:
            (entry,) = portal.entries(number)
            bank.get_by_label(f"Pay {entry['EntryNumber']}", exact=True).check()
        press(bank.get_by_role("button", name="Receive payment"))
    for number in names:
        portal.expect_paid(number, portal.seen(number)["total"])


@contextmanager
def at_the_bank(portal: Portal) -> Iterator[Page]:
    """Be at the Exact sandbox's page in another tab, which is closed at rest, never while it loads."""
    bank = portal.page.context.new_page()
    bank.goto(f"{portal.exact.url}/?division={DUTCH}")
    yield bank
    bank.close()


def press(button: Locator) -> None:
    """Press a button that posts a form, and wait until the page after it is there."""
    with button.page.expect_navigation():
        button.click()


def receive_at_the_bank(portal: Portal, number: str, amount: Decimal) -> None:
    """Receive money for one invoice in the Exact sandbox."""
    (entry,) = portal.entries(number)
    with at_the_bank(portal) as bank:
        bank.get_by_label(f"Pay {entry['EntryNumber']}", exact=True).check()
        bank.get_by_label("Amount").first.fill(str(amount))
        press(bank.get_by_role("button", name="Receive payment"))


def edit_at_the_bank(portal: Portal, old: Decimal, new: Decimal) -> None:
    """Correct the amount of a receipt."""
    with at_the_bank(portal) as bank:
        row = bank.get_by_role("row").filter(has=bank.locator(f"input[name=amount][value='{old}']"))
        row.get_by_label("Amount").fill(str(new))
        press(row.get_by_role("button", name="Save"))


def delete_at_the_bank(portal: Portal, amount: Decimal) -> None:
    """Delete a receipt."""
    with at_the_bank(portal) as bank:
        row = bank.get_by_role("row").filter(has=bank.locator(f"input[name=amount][value='{amount}']"))
        press(row.get_by_role("button", name="Delete"))


def total(entry: dict[str, Any]) -> Decimal:
    """An entry's total."""
    return Decimal(re.sub(r"[^\d.-]", "", str(entry["AmountFC"])))


def hides_no_action_at_any_width(portal: Portal) -> None:
    page = portal.page
    portal.go("Invoices")
    for width in (360, 390, 861, 900, 1024, 1180, 1300):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") == width
