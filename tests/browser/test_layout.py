"""Nothing moves on a page when its scripts start, however late they come."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from threading import Thread

import pytest
from playwright.sync_api import Browser, Page, Route
from werkzeug.serving import make_server

from tests.budgets.test_pages import Furnished, furnished

pytestmark = pytest.mark.browser

# As a page is judged good by https://web.dev/articles/cls only up to 0.1, this leaves little.
MOST = 0.02
INVOICES = 80
PAGES = (
    "/overview",
    "/invoices",
    "/invoices/105",
    "/mappings?subsidiary=seed",
    "/payments",
    "/reconciliation?period=all",
    "/reconciliation/statement?subsidiary=seed",
    "/activity",
    "/settings/rules",
    "/account",
)
# Added up from the first paint on.
MOVED = """() => new Promise((done) => {
    let moved = 0;
    const add = (list) => list.getEntries().forEach((entry) => { moved += entry.value; });
    const observer = new PerformanceObserver(add);
    observer.observe({type: "layout-shift", buffered: true});
    requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => done(moved))));
})"""
PAINTED = "() => performance.getEntriesByName('first-contentful-paint').length > 0"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Furnished]:
    """A portal with rows of every kind."""
    with furnished(tmp_path_factory.mktemp("layout"), INVOICES) as house:
        yield house


@pytest.fixture(scope="module")
def url(house: Furnished) -> Iterator[str]:
    """Serve the portal."""
    server = make_server("127.0.0.1", 0, house.app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()


@pytest.fixture(params=[1440, 390])
def page(request: pytest.FixtureRequest, browser: Browser, house: Furnished, url: str) -> Iterator[Page]:
    """A window of somebody who is signed in."""
    cookie = house.client.get_cookie("portal_session")
    assert cookie is not None
    context = browser.new_context(viewport={"width": request.param, "height": 900}, locale="en-GB")
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": url}])
    yield context.new_page()
    context.close()


@dataclass
class Late:
    """Holds scripts back, except for the one before which nothing is painted."""

    held: list[Route] = field(default_factory=list)
    is_over: bool = False

    def take(self, route: Route) -> None:
        """Take the request of a script."""
        if self.is_over or "/begin." in route.request.url:
            route.continue_()
        else:
            self.held.append(route)

    def let_go(self) -> None:
        """Let all come."""
        self.is_over = True
        for route in self.held:
            route.continue_()


def moved_by_scripts(page: Page, address: str) -> float:
    """Open a page whose scripts come only after it was painted, and return by how much it moved."""
    late = Late()
    page.route("**/static/*.js", late.take)
    page.goto(address, wait_until="commit")
    page.wait_for_function(PAINTED)
    assert late.held

    late.let_go()
    page.wait_for_load_state("load")
    page.wait_for_function("() => window.htmx")
    return float(page.evaluate(MOVED))


@pytest.mark.parametrize("address", PAGES)
def test_nothing_moves_when_scripts_start(page: Page, url: str, address: str) -> None:
    assert moved_by_scripts(page, url + address) <= MOST


def test_what_moves_is_seen(page: Page, url: str) -> None:
    page.goto(url + "/settings")
    page.wait_for_function(PAINTED)
    page.evaluate(
        "() => { document.querySelector('h1').before(document.querySelector('main').cloneNode(true)) }"
    )
    assert float(page.evaluate(MOVED)) > MOST
