"""The main path with a keyboard alone: no pointer is ever touched."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.portal import Portal, settle
from tests.journeys.desk import EMAIL, PASSWORD, Desk
from tests.journeys.world import World

pytestmark = pytest.mark.browser
FARTHEST = 120


@pytest.mark.timeout(600)
def test_an_invoice_is_copied_and_a_type_mapped_by_keyboard_alone(page: Page, world: World) -> None:
    portal = Portal(page, world)
    connect_beforehand(world)
    portal.write_invoice("T-001", "Gemeente Toetsenbord")
    signs_in(portal)
    finds_the_invoice(portal)
    opens_the_dialog_and_leaves_it(portal)
    goes_on_at_the_first_problem(portal)
    chooses_the_customer(portal)
    submits_and_hears_the_result(portal)
    opens_the_menu_by_focus(portal)
    maps_a_service_type(portal)
    hears_nothing_of_a_closed_dialog(portal)
    narrows_the_pages(portal)


@pytest.mark.timeout(600)
def test_keys_walk_over_rows_and_the_palette_finds_every_action(page: Page, world: World) -> None:
    page.goto(f"{world.url}/invoices")
    walks_over_rows(page)
    opens_what_a_row_offers(page)
    searches_by_a_key(page)
    goes_by_the_palette(page)
    does_what_a_page_offers_by_the_palette(page)
    switches_single_keys_off(page)


def walks_over_rows(page: Page) -> None:
    links = page.locator("[data-row-open]")
    page.keyboard.press("j")
    expect(links.nth(0)).to_be_focused()
    page.keyboard.press("j")
    expect(links.nth(1)).to_be_focused()
    page.keyboard.press("k")
    page.keyboard.press("k")
    expect(links.nth(0)).to_be_focused()


def opens_what_a_row_offers(page: Page) -> None:
    page.goto(re.sub("/invoices.*", "/invoices?view=not-copied", page.url))
    settle(page)
    page.keyboard.press("j")
    page.keyboard.press("c")
    expect(page.get_by_role("dialog", name="Copy to Exact")).to_be_visible()
    page.keyboard.press("j")
    settle(page)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def searches_by_a_key(page: Page) -> None:
    page.keyboard.press("/")
    search = page.get_by_role("searchbox", name="Search")
    expect(search).to_be_focused()
    page.keyboard.type("jk")
    expect(search).to_have_value("jk")
    page.keyboard.press("Escape")
    expect(search).not_to_be_focused()


def goes_by_the_palette(page: Page) -> None:
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog", name="Find an action")).to_be_visible()
    page.keyboard.type("reconc")
    expect(page.get_by_role("listbox", name="Actions").get_by_role("option")).to_have_count(2)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Reconciliation", level=1)).to_be_visible()


def does_what_a_page_offers_by_the_palette(page: Page) -> None:
    page.goto(re.sub("/reconciliation.*", "/invoices", page.url))
    settle(page)
    page.keyboard.press("Control+k")
    page.keyboard.type("no such action")
    expect(page.get_by_role("option", name="Search invoices for “no such action”")).to_be_visible()
    page.get_by_role("combobox", name="Find an action").fill("unpaid")
    page.keyboard.press("Enter")
    expect(page.locator(".chip[aria-current]")).to_contain_text("Unpaid")
    # A new page: its keys are there once its scripts have run.
    settle(page)


def switches_single_keys_off(page: Page) -> None:
    page.keyboard.press("?")
    switch = page.get_by_role("checkbox", name="Single keys do nothing in this browser")
    switch.check()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox", name="Search")).not_to_be_focused()
    page.get_by_role("button", name="Account").click()
    page.get_by_role("button", name="Keys").click()
    expect(switch).to_be_checked()
    switch.uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox", name="Search")).to_be_focused()


def connect_beforehand(world: World) -> None:
    """Connect by other means: the wizard has its own story."""
    desk = Desk(world)
    desk.sign_in()
    desk.connect()


def signs_in(portal: Portal) -> None:
    page = portal.page
    page.goto(portal.world.url)
    tab_to(page, "E-mail")
    page.keyboard.type(EMAIL)
    tab_to(page, "Password")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    navigation = page.get_by_role("navigation", name="Main")
    expect(navigation.get_by_role("link", name="Overview")).to_be_visible()


def finds_the_invoice(portal: Portal) -> None:
    page = portal.page
    tab_to(page, "Invoices")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Invoices", level=1)).to_be_visible()
    tab_to(page, "Get invoices now")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Productive is being read.")).to_be_visible()
    expect(page.get_by_text("Productive was read")).to_be_visible(timeout=120_000)
    tab_to(page, "Search")
    page.keyboard.type("T-001")
    page.keyboard.press("Enter")
    expect(page.get_by_role("row").filter(has_text="T-001")).to_have_count(1)


def opens_the_dialog_and_leaves_it(portal: Portal) -> None:
    page = portal.page
    tab_to(page, "Copy to Exact")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Copy to Exact")).to_be_visible()
    page.keyboard.press("Escape")
    expect(portal.dialog).to_have_count(0)
    assert focused(page) == "Copy to Exact", "focus goes back to what opened the dialog"
    page.keyboard.press("Enter")
    expect(portal.dialog).to_be_visible()
    settle(page)


def goes_on_at_the_first_problem(portal: Portal) -> None:
    page = portal.page
    tab_to(page, "Copy invoice")
    page.keyboard.press("Enter")
    box = portal.dialog.get_by_role("combobox", name="Exact customer")
    expect(box).to_have_attribute("aria-invalid", "true")
    expect(box).to_be_focused()


def chooses_the_customer(portal: Portal) -> None:
    page = portal.page
    tab_to(page, "Exact customer")
    box = portal.dialog.get_by_role("combobox", name="Exact customer")
    page.keyboard.type("museum")
    expect(
        portal.dialog.get_by_role("listbox", name="Suggestions").get_by_role("option").first
    ).to_contain_text("Museum aan de Maas")
    expect(box).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    expect(box).to_have_attribute("aria-activedescendant", "copy-customer-o1")
    page.keyboard.press("Escape")
    expect(box).to_have_attribute("aria-expanded", "false")
    expect(portal.dialog).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(box).to_have_value("Museum aan de Maas")


def submits_and_hears_the_result(portal: Portal) -> None:
    page = portal.page
    tab_to(page, "Copy invoice")
    page.keyboard.press("Enter")
    said = portal.dialog.locator("[aria-live=polite]").filter(has_text="Invoice copied.")
    expect(said).to_be_visible(timeout=60_000)
    page.keyboard.press("Escape")
    expect(portal.dialog).to_have_count(0)
    (entry,) = portal.entries("T-001")
    assert entry["CustomerName"] == "Museum aan de Maas"


def opens_the_menu_by_focus(portal: Portal) -> None:
    page = portal.page
    trigger = page.get_by_role("row").filter(has_text="T-001").get_by_role("button", name="Invoice copied")
    expect(trigger).to_be_visible()
    if focused(page) != "Invoice copied":
        tab_to(page, "Invoice copied")
    update = page.get_by_role("link", name="Update existing")
    if not update.is_visible():
        page.keyboard.press("Shift+Tab")
        page.keyboard.press("Tab")
    expect(trigger).to_have_attribute("aria-expanded", "true")
    expect(update).to_be_visible()
    page.keyboard.press("ArrowDown")
    assert focused(page) == "Update existing"
    page.keyboard.press("ArrowDown")
    assert focused(page) == "Create new"
    page.keyboard.press("Escape")
    expect(update).to_be_hidden()
    assert focused(page) == "Invoice copied"


def maps_a_service_type(portal: Portal) -> None:
    page = portal.page
    tab_to(page, "Mappings")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Mappings", level=1)).to_be_visible()
    tab_to(page, "Choose another for Design")
    page.keyboard.press("Enter")
    choice = page.get_by_label("Ledger code for Design")
    expect(choice).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.wait_for_timeout(500)
    expect(choice).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Choose another for Design")).to_be_focused()
    page.keyboard.press("Enter")
    expect(choice).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name=re.compile("^Change Design: 8010"))).to_be_focused()
    page.keyboard.press("Tab")
    assert focused(page) == "Undo"
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Choose another for Design")).to_be_focused()


def hears_nothing_of_a_closed_dialog(portal: Portal) -> None:
    """An answer that comes after its dialog was closed is dropped. The console would tell of it."""
    page = portal.page
    held: list[Route] = []
    page.goto(f"{portal.world.url}/invoices?view=not-copied")
    page.route("**/copy/preview", lambda route: held.append(route))
    settle(page)
    page.locator("[data-row-copy]").first.press("Enter")
    date = page.get_by_label("Booking date")
    expect(date).to_be_visible()
    settle(page)
    # The date asks for a preview as soon as it is filled in.
    with page.expect_request("**/copy/preview"):
        date.fill("2026-10-01")

    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    with page.expect_response("**/copy/preview"):
        held[0].continue_()

    page.unroute("**/copy/preview")
    settle(page)


def narrows_the_pages(portal: Portal) -> None:
    page = portal.page
    tab_to(page, "Narrow every page to", "Shift+Tab")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    chosen = page.locator("#subsidiary-choice option[selected]")
    expect(chosen).to_have_text("Kade & Co B.V.")


def tab_to(page: Page, name: str, key: str = "Tab") -> None:
    """Press Tab until something of this name has the focus."""
    settle(page)
    for _ in range(FARTHEST):
        if focused(page) == name:
            return
        page.keyboard.press(key)
    raise AssertionError(f"{name} cannot be reached with Tab; {focused(page)!r} has the focus")


def focused(page: Page) -> str:
    """The accessible name, nearly, of what has the focus."""
    name: str = page.evaluate(
        """() => {
            const at = document.activeElement;
            const label = at.labels && at.labels.length ? at.labels[0].textContent : "";
            return at.getAttribute("aria-label") || label || at.textContent || "";
        }"""
    )
    return re.sub(r"\s+", " ", name).strip()
