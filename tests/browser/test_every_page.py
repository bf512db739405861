"""Every page that a link leads to: nothing is cut off at any width, and axe finds nothing against it."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.portal import settle
from tests.journeys.desk import EMAIL, PASSWORD, Desk
from tests.journeys.world import World

pytestmark = pytest.mark.browser

# WCAG 2.2 1.4.10 asks for 320.
WIDTHS = (320, 360, 390, 768, 861, 1024, 1152, 1280, 1366, 1440, 1920)
# A window of 1440 by 900, and the same at a zoom of 200 %, where a page has half of that in each direction.
ZOOMS = {"100 %": (1440, 900), "200 %": (720, 450)}
AWKWARD = "K-RAAMOVEREENKOMST-GEMEENTE-2024/117-DEEL-3"
# What leads out of the portal, downloads, or ends the session.
NO_PAGE = re.compile(r"\.csv|/entry$|sign-out|/exact/|#")
KEY = re.compile(r"[0-9a-f-]{32,}|\d+")
MOST = 60
TOO_WIDE = """() => [...document.querySelectorAll("main *, header *")].filter((el) => {
    const box = el.getBoundingClientRect();
    return box.width && el.checkVisibility({visibilityProperty: true}) && box.right > innerWidth + 1
        && !el.closest(".chips, .table-scroll, .visually-hidden, pre, svg");
}).slice(0, 3).map((el) => el.outerHTML.slice(0, 120))"""


@pytest.fixture(scope="module")
def desk(world: World) -> Desk:
    """A connected portal with a copied invoice, one that changed since, and a refused one."""
    desk = Desk(world)
    desk.sign_in()
    desk.connect()
    copied = desk.invoice()
    changed = desk.invoice()
    for invoice_id in (copied, changed):
        desk.copy(invoice_id)

    (line, *_rest) = desk.seen(changed)["line_ids"]
    desk.productive.patch(f"invoices/{changed}", lines=[{"id": line, "quantity": "20"}])
    desk.read_productive(desk.invoice())
    return desk


@pytest.fixture(scope="module")
def pages(page: Page, world: World, desk: Desk) -> list[str]:
    """One address of each kind that links lead to, from the first page on."""
    page.goto(world.url)
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()
    return list(crawl(page, world.url))


def crawl(page: Page, start: str) -> Iterator[str]:
    seen: set[str] = set()
    waiting = [start, f"{start}/invoices?q={AWKWARD}", f"{start}/invoices?view=changed"]
    while waiting and len(seen) < MOST:
        url = waiting.pop(0)
        kind = kind_of(url)
        if kind in seen:
            continue

        seen.add(kind)
        answer = page.goto(url)
        assert answer is not None
        assert answer.status < 400, f"{url}: {answer.status}"
        # Some links of ours lead on to a page of Exact, whose looks are not ours.
        if not page.url.startswith(start):
            continue

        yield url
        found = page.eval_on_selector_all("a[href]", "all => all.map((a) => a.getAttribute('href'))")
        waiting += [
            urljoin(url, href)
            for href in found
            if href.startswith("/") and not NO_PAGE.search(href) and kind_of(urljoin(url, href)) not in seen
        ]


def kind_of(url: str) -> str:
    """Return what pages of one kind have in common. Filters of a list are no page of their own."""
    parts = urlsplit(url)
    asked = AWKWARD if AWKWARD in url else "changed" if "view=changed" in url else ""
    return KEY.sub("*", parts.path.rstrip("/")) + asked


@pytest.mark.timeout(900)
def test_no_page_is_cut_off_or_scrolls_sideways(page: Page, pages: list[str]) -> None:
    found: list[str] = []
    for url in pages:
        page.set_viewport_size({"width": 1440, "height": 900})
        page.goto(url)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            scrolled = page.evaluate("document.documentElement.scrollWidth")
            cut = page.evaluate(TOO_WIDE)
            if scrolled > width or cut:
                found.append(f"{url} at {width}: {scrolled} wide, {cut}")

    page.set_viewport_size({"width": 1440, "height": 900})
    assert len(pages) > 15
    assert not found, "\n".join(found)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("zoom", ZOOMS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_any_page(page: Page, pages: list[str], scheme: str, zoom: str) -> None:
    look_at(page, scheme, zoom)
    found = [fault for url in pages for fault in faults_of(page, url)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("zoom", ZOOMS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_dialogs_and_menus(
    page: Page, world: World, desk: Desk, scheme: str, zoom: str
) -> None:
    look_at(page, scheme, zoom)
    invoice_id = desk.invoice()
    opened = {
        "the dialog of a copy": lambda: page.get_by_role("button", name="Copy to Exact").first.click(),
        "the menu of a copy": lambda: page.get_by_role("button", name="Invoice copied").first.hover(),
        "the keys": lambda: page.keyboard.press("?"),
        "the palette": lambda: page.keyboard.press("Control+k"),
    }
    addresses = {
        "the dialog of a copy": f"/invoices/{invoice_id}",
        "the menu of a copy": "/invoices?view=copied",
    }
    found: list[str] = []
    for name, open_it in opened.items():
        page.goto(world.url + addresses.get(name, "/invoices"))
        settle(page)
        open_it()  # type: ignore[no-untyped-call]  # a lambda tells no types
        settle(page)
        found += list(violations(page, name))

    assert not found, "\n".join(found)


def look_at(page: Page, scheme: str, zoom: str) -> None:
    """Look at pages in light or dark, at a zoom."""
    width, height = ZOOMS[zoom]
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of the two


def faults_of(page: Page, url: str) -> Iterator[str]:
    page.goto(url)
    yield from violations(page, url)


def violations(page: Page, where: str) -> Iterator[str]:
    axe: Any = Axe
    for one in axe().run(page).response["violations"]:
        nodes = "; ".join(node["html"][:140] for node in one["nodes"][:3])
        yield f"{where}: {one['id']}: {nodes}"
