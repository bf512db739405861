"""What a page asks by itself says so, and Overview by keyboard: suggestions are accepted in their rows.

The counts follow by themselves.
"""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.portal import Portal, settle
from tests.journeys.world import World

pytestmark = pytest.mark.browser


def focused(page: Page) -> str:
    """Return the words of what has the focus."""
    return str(page.evaluate("document.activeElement.innerText")).strip()


@pytest.fixture(scope="module")
def portal(page: Page, world: World) -> Portal:
    """Somebody who is signed in."""
    portal = Portal(page, world)
    portal.sign_in()
    return portal


def test_only_what_a_page_asks_by_itself_is_marked_as_such(page: Page, portal: Portal) -> None:
    page.goto(portal.world.url + "/invoices")
    with page.expect_request(lambda sent: "/invoices/pull" in sent.url) as clicked:
        portal.button("Get invoices now").click()
    with page.expect_request(lambda sent: "/invoices/reading" in sent.url) as polled:
        pass
    marks = [sent.value.headers.get("x-poll") for sent in (clicked, polled)]
    assert marks == [None, "1"]


def test_a_suggestion_is_accepted_by_keyboard_and_its_row_stays(
    page: Page, world: World, portal: Portal
) -> None:
    portal.connect()
    page.goto(f"{world.url}/overview")
    needing = page.locator("#line-needs-count")
    expect(
        page.locator("#line-ready-count, #line-needs-count").filter(has_text=re.compile("[1-9]")).first
    ).to_be_visible(timeout=60_000)
    page.reload()
    settle(page)

    row = page.locator(".fix:has(.suggest)").first
    accept = row.get_by_role("button", name=re.compile("^Accept "))
    before = page.locator(".fix").count()
    place = row.get_attribute("id")
    accept.focus()
    page.keyboard.press("Enter")

    accepted = page.locator(f"#{place}.is-accepted")
    expect(accepted).to_contain_text("Accepted:")
    settle(page)
    assert focused(page) == "Change", "the focus stays in the row"
    expect(page.locator(".fix")).to_have_count(before)

    while page.locator("#accept-all button").count():
        page.locator("#accept-all button").focus()
        page.keyboard.press("Enter")
        expect(page.locator("#accept-all button")).to_have_count(0)
    expect(page.locator(".fix:has(.suggest)")).to_have_count(0)
    expect(page.locator(".fix")).to_have_count(before)
    expect(page.locator("#line-ready-count")).not_to_have_text("0", timeout=30_000)
    expect(needing).to_be_visible()
