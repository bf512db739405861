"""A demo of its own for the stories in Chromium, whose first subsidiary is not connected yet."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from tests.journeys.world import World, running_world

# So long may a busy machine take; a state that comes sooner is seen sooner.
PATIENCE = 60_000
expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """The running demo, one per story."""
    with running_world() as world:
        yield world


@pytest.fixture(scope="module")
def page(browser: Browser, world: World) -> Iterator[Page]:
    """One window for a whole story; whatever the browser complains about fails it."""
    context = browser.new_context(viewport={"width": 1440, "height": 1000}, locale="en-GB")
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))

    def hear(message: ConsoleMessage) -> None:
        if message.type == "error" and message.location["url"].startswith(world.url):
            complaints.append(f"{message.text} {message.location['url']}")

    page.on("console", hear)
    yield page
    context.close()
    assert not [one for one in complaints if "422" not in one], complaints
