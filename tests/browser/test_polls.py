"""A page that asks by itself says so, for that is nobody's doing."""

import pytest
from playwright.sync_api import Page

from tests.browser.portal import Portal
from tests.journeys.world import World

pytestmark = pytest.mark.browser


def test_only_what_a_page_asks_by_itself_is_marked_as_such(page: Page, world: World) -> None:
    portal = Portal(page, world)
    portal.sign_in()
    page.goto(portal.world.url + "/invoices")
    with page.expect_request(lambda sent: "/invoices/pull" in sent.url) as clicked:
        portal.button("Get invoices now").click()
    with page.expect_request(lambda sent: "/invoices/reading" in sent.url) as polled:
        pass
    marks = [sent.value.headers.get("x-poll") for sent in (clicked, polled)]
    assert marks == [None, "1"]
