"""Each page in each language, at each width: nothing is cut off, no button wraps, and axe finds nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from threading import Thread

import pytest
from playwright.sync_api import Browser, Page
from werkzeug.serving import make_server

from portal import languages
from portal.web.common import formats
from tests.browser.test_every_page import violations
from tests.budgets.page_budgets import BUDGETS
from tests.budgets.test_pages import Furnished, furnished
from tests.texts.pseudo import TAG, speak_pseudo

pytestmark = pytest.mark.browser

INVOICES = 60
WIDTHS = (360, 390, 1024, 1280, 1440)
HANDS = (360, 390)
IN_DARK = ("/overview", "/invoices", "/payments", "/reconciliation")
# Belgian Dutch has the words of Dutch, and English is read by another test.
READ_BY_AXE = ("nl-NL", "de-DE", "fr-BE")
TONGUES = ("en-GB", "nl-NL", "nl-BE", "de-DE", "fr-BE", TAG)
# A copy's dialog, and what else opens over a page, are pages of their own without JavaScript.
DIALOGS = (
    "/invoices/<invoice_id>/copy",
    "/invoices/<invoice_id>/undo",
    "/overview/<month>/sign-off",
)
# The same pages with other rows.
SAME_PAGE = ("/invoices?", "/overview?", "/reconciliation/statement?", "/mappings/customers?")

# What stands outside the window or is cut, and what wraps though it should stand in one line.
OFFENDERS = """() => {
    const shown = (one) => one.checkVisibility({ visibilityProperty: true });
    const told = (one) =>
        `${one.tagName.toLowerCase()}.${one.className} “${one.textContent.trim().slice(0, 60)}”`;
    const scrolls = ".chips, .table-scroll, .visually-hidden, pre, svg, kbd";
    const wide = document.documentElement.scrollWidth > innerWidth
        ? [`scrolls sideways by ${document.documentElement.scrollWidth - innerWidth}`] : [];
    const outside = [...document.querySelectorAll("main *, header *, dialog[open] *")].filter((one) => {
        const box = one.getBoundingClientRect();
        return box.width && shown(one) && box.right > innerWidth + 1 && !one.closest(scrolls);
    }).slice(0, 3).map((one) => `outside: ${told(one)}`);
    const buttons = [...document.querySelectorAll("button, a.btn, .chip, .badge, .tabs a")].filter(shown);
    const wraps = buttons.filter((one) => {
        const range = document.createRange();
        range.selectNodeContents(one);
        const texts = document.createTreeWalker(one, NodeFilter.SHOW_TEXT);
        while (texts.nextNode()) {
            if (!texts.currentNode.textContent.trim() || !shown(texts.currentNode.parentElement)) continue;
            if (texts.currentNode.parentElement.closest(".visually-hidden")) continue;
            range.selectNodeContents(texts.currentNode);
            const lines = new Set([...range.getClientRects()].map((rect) => Math.round(rect.top / 6)));
            if (lines.size > 1) return true;
        }
        return false;
    }).slice(0, 4).map((one) => `wraps: ${told(one)}`);
    const cut = buttons.filter((one) => !one.closest(".visually-hidden") && one.clientWidth
        && one.scrollWidth > one.clientWidth + 1).slice(0, 3).map((one) => `cut: ${told(one)}`);
    return [...wide, ...outside, ...wraps, ...cut];
}"""


@dataclass
class Reader:
    """Somebody who reads one language after the other."""

    house: Furnished
    page: Page
    url: str
    tag: str = languages.DEFAULT

    def open(self, address: str) -> bool:
        """Open an address, and say whether it is a page."""
        answer = self.page.goto(self.url + address)
        return answer is not None and "text/html" in answer.headers.get("content-type", "")


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Reader]:
    """A window in a furnished house, whose language is told."""
    folder = tmp_path_factory.mktemp("languages")
    with furnished(folder, INVOICES) as house, pytest.MonkeyPatch.context() as patch:
        patch.setattr(languages, "TAGS", speak_pseudo(house.app))
        patch.setattr(languages, "COMPLETE", tuple(languages.NAMES))
        server = make_server("127.0.0.1", 0, house.app, threaded=True)
        thread = Thread(target=server.serve_forever)
        thread.start()
        url = f"http://127.0.0.1:{server.port}"

        context = browser.new_context(locale="en-GB")
        cookie = house.client.get_cookie("portal_session")
        assert cookie is not None
        context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": url}])
        reader = Reader(house, context.new_page(), url)
        patch.setattr(formats, "tag_for", lambda _stored: reader.tag)
        patch.setattr(formats, "tag_wished", lambda _wishes: reader.tag)

        yield reader

        context.close()
        server.shutdown()
        thread.join()


def addresses(house: Furnished) -> list[str]:
    """Return one address of each page."""
    found = []
    for page, budget in BUDGETS.items():
        if (budget.is_part and page not in DIALOGS) or page.startswith(SAME_PAGE):
            continue
        rule, _, query = page.partition("?")
        address = house.address(rule)
        answer = house.client.get(address, query_string=query)
        if answer.status_code == 200 and answer.text.startswith("<!doctype html>"):
            found.append(address + (f"?{query}" if query else ""))
    return found


@pytest.mark.timeout(300)
@pytest.mark.parametrize("tag", TONGUES)
def test_nothing_is_cut_off_and_no_button_wraps(reader: Reader, tag: str) -> None:
    reader.tag = tag
    page = reader.page
    found: list[str] = []
    pages = addresses(reader.house)
    assert len(pages) > 25

    for address in pages:
        assert reader.open(address), address
        assert page.locator("html").get_attribute("lang") == tag, address
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            offenders = page.evaluate(OFFENDERS)
            # Words as long as these may stand in two lines in a hand, where a button has the whole width.
            if tag == TAG and width in HANDS:
                offenders = [one for one in offenders if not one.startswith("wraps: ")]
            found += [f"{address} at {width}: {one}" for one in offenders]

    assert not found, "\n".join(found)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("tag", READ_BY_AXE)
def test_axe_finds_nothing_in_another_language(reader: Reader, tag: str) -> None:
    reader.tag = tag
    page = reader.page
    page.set_viewport_size({"width": 1440, "height": 900})
    page.emulate_media(color_scheme="light")
    found: list[str] = []
    for address in addresses(reader.house):
        reader.open(address)
        found += violations(page, address)

    page.emulate_media(color_scheme="dark")
    for address in IN_DARK:
        reader.open(address)
        found += violations(page, f"{address} in dark")

    assert not found, "\n".join(found)
