"""``python -m portal.cli.bench.screenshots``: takes a picture of every screen of a demo of its own."""

import json
import re
import time
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import click
from playwright.sync_api import Browser, FloatRect, Locator, Page, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from portal.cli.bench.browser import find_browser
from portal.cli.bench.own_demo import Places, start_demo
from portal.cli.demo.data import EMAIL, PASSWORD
from portal.settings import ROOT

FOLDER = ROOT / "docs" / "screenshots"
# Width and the most height of a picture; longer pages are cut there.
SIZES = {1440: 900, 390: 844}
LONGEST = {1440: 1500, 390: 1900}
HEAVIEST = 150_000
SHORTEST = 500
PATIENCE = 30_000
# A busy machine's browser now and then has no picture to give.
TRIES = 4
DIVISION = 1001
SUBSIDIARY = "Kade & Co B.V."
COUNTRY = "Netherlands"


class Camera:
    """Takes the same page at every width."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.overflowing: list[str] = []

    def shoot(self, name: str, *, whole: bool = True, centre: Locator | None = None) -> None:
        """Take a picture at every width. ``whole`` goes below the fold, ``centre`` is scrolled to."""
        for width, height in SIZES.items():
            self.page.set_viewport_size({"width": width, "height": height})
            self.page.wait_for_timeout(250)
            if centre:
                centre.evaluate("part => part.scrollIntoView({block: 'center'})")

            self.notice_overflow(f"{name} at {width}")
            self.keep(f"{name}-{width}", width, height, whole=whole)

        self.page.set_viewport_size({"width": 1440, "height": 900})

    def notice_overflow(self, name: str) -> None:
        """Remember a page that must be scrolled sideways."""
        if self.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            self.overflowing.append(name)

    def keep(self, name: str, width: int, height: int, *, whole: bool) -> None:
        """Keep a picture, cut shorter until it is light enough."""
        tall = self.page.evaluate("document.documentElement.scrollHeight") if whole else height
        tall = max(height, min(tall, LONGEST[width]))
        picture = self.take(width, tall, whole=whole)

        while len(picture) > HEAVIEST and tall > SHORTEST:
            tall -= 100
            picture = self.take(width, tall, whole=whole)

        (FOLDER / f"{name}.png").write_bytes(picture)

    def take(self, width: int, tall: int, *, whole: bool) -> bytes:
        """Take one picture of the page from its top."""
        clip: FloatRect = {"x": 0, "y": 0, "width": width, "height": tall}
        for _ in range(TRIES - 1):
            with suppress(PlaywrightError):
                return self.page.screenshot(full_page=whole, clip=clip, animations="disabled")
            self.page.wait_for_timeout(1000)
        return self.page.screenshot(full_page=whole, clip=clip, animations="disabled")


def sign_in(page: Page, camera: Camera, places: Places) -> None:
    """Sign in as the demo's administrator."""
    page.goto(f"{places.portal}/sign-in")
    camera.shoot("sign-in")
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def choose(select: Locator, words: str) -> None:
    """Choose the first option with these words."""
    option = select.locator("option").filter(has_text=words).first
    select.select_option(value=option.get_attribute("value"))


def connect(page: Page, camera: Camera, places: Places) -> None:
    """Connect the first subsidiary to Exact, one picture per step."""
    page.goto(f"{places.portal}/settings/apps")
    camera.shoot("app-marketplace-before")
    place = page.locator(".connection").filter(has_text=SUBSIDIARY)
    place.get_by_role("link", name="Connect App").click()
    page.get_by_label(COUNTRY).check()
    camera.shoot("wizard-1-country")
    page.get_by_role("button", name="Sign in at Exact").click()
    camera.shoot("sandbox-exact-consent")
    page.get_by_role("button", name="Allow").click()
    choose(page.get_by_label("Default journal"), "70 · ")
    choose(page.get_by_label("Journal for credit notes"), "Creditnota")
    page.get_by_label("Synchronize payments from Exact to Productive").check()
    page.get_by_label("Catch up on everything copied").check()
    camera.shoot("wizard-2-journals")
    page.get_by_role("button", name="Next").click()
    choose(page.get_by_label("Default ledger"), "Overige omzet")
    camera.shoot("wizard-3-mappings")
    page.get_by_role("button", name="Finish").click()
    page.get_by_text("Exact is connected.").wait_for()
    page.goto(f"{places.portal}/settings/apps")
    camera.shoot("app-marketplace")


def close_month(page: Page, camera: Camera, places: Places) -> None:
    """Accept what is suggested for this month, and copy all that is ready in one run."""
    page.goto(f"{places.portal}/overview")
    accept = page.get_by_role("button", name=re.compile(r"^Accept \d+ suggestions$"))
    accept.wait_for()
    camera.shoot("overview")
    accept.click()
    page.get_by_role("link", name=re.compile(r"^Copy \d+$")).click()
    page.wait_for_url("**/runs/new**")
    copy = page.get_by_role("button", name=re.compile(r"^Copy \d+$"))
    copy.wait_for()
    camera.shoot("copy-many")
    copy.click()
    page.get_by_role("heading", name=re.compile(r"^\d+ copied$"), level=1).wait_for(timeout=5 * PATIENCE)
    camera.shoot("run")
    page.goto(f"{places.portal}/mappings")
    camera.shoot("mappings")


def move_over(page: Page, camera: Camera, places: Places) -> None:
    """Look at what another link copied, before and after most of it is linked."""
    page.goto(f"{places.portal}/moving-over")
    link = page.get_by_role("button", name=re.compile(r"^Link \d+$"))
    link.wait_for()
    camera.shoot("moving-over")
    link.click()
    page.get_by_text("are linked to their entries").wait_for()


def openable(page: Page) -> list[str]:
    """Return the addresses of the invoices of this page that are ready, newest first."""
    links = page.locator("[data-row-open]")
    return [links.nth(at).get_attribute("href") or "" for at in range(links.count())]


def copy_some(page: Page, camera: Camera, places: Places, wanted: int) -> list[str]:
    """Copy invoices until enough are copied. The first one's dialog and end get their pictures."""
    page.goto(f"{places.portal}/invoices?view=ready")
    with page.expect_navigation():
        page.get_by_label("Narrow every page to").select_option(label=SUBSIDIARY)

    page.goto(f"{places.portal}/invoices?view=ready")
    copied: list[str] = []

    for address in openable(page):
        if len(copied) < wanted and copy_one(page, camera, places.portal + address, first=not copied):
            copied.append(places.portal + address)

    return copied


def copy_one(page: Page, camera: Camera, address: str, *, first: bool) -> bool:
    """Copy one invoice, and say whether it could be."""
    page.goto(address)
    page.get_by_role("button", name="Copy to Exact").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("will be booked").first.wait_for()
    page.wait_for_timeout(700)
    if dialog.locator("#copy-first span, #copy-preview .ask").count():
        return False

    if first:
        camera.shoot("copy-dialog", whole=False)

    dialog.get_by_role("button", name="Copy invoice").click()
    dialog.get_by_role("link", name=re.compile(r"^Open entry \d+ in Exact")).first.wait_for(
        timeout=2 * PATIENCE
    )
    if first:
        camera.shoot("copy-done", whole=False)

    return "Invoice copied" in dialog.inner_text()


def pay(page: Page, camera: Camera, places: Places, address: str) -> None:
    """Receive the money in Exact and pull it into Productive."""
    page.goto(places.exact)
    camera.shoot("sandbox-exact")
    page.get_by_role("checkbox").first.check()
    page.get_by_role("button", name="Receive payment").click()
    page.goto(f"{places.portal}/payments")
    page.get_by_role("button", name="Get payments now").click()
    page.locator("#payment-pulls [aria-live] .notice-success").first.wait_for(timeout=PATIENCE)
    record = page.get_by_role("button", name="Mark as sent and record payment")
    recorded = page.locator("tbody").get_by_text("Recorded", exact=True)
    until(lambda: shows(page, places, record) or recorded.count() > 0, PATIENCE)
    if record.count():
        record.first.click()

    until(lambda: shows(page, places, recorded), PATIENCE)
    camera.shoot("payments")
    page.goto(address)
    camera.shoot("invoice-page")


def undo(page: Page, camera: Camera, address: str) -> None:
    """Look at a copy's proof and at what undoing it would delete, and leave it as it is."""
    page.goto(address)
    page.get_by_text("Proof: what was sent").first.click()
    camera.shoot("invoice-proof")
    page.get_by_role("link", name="Undo", exact=True).first.click()
    page.get_by_role("button", name="Delete entry in Exact").wait_for()
    camera.shoot("undo-dialog", whole=False)


def reconcile(page: Page, camera: Camera, places: Places) -> None:
    """Let somebody edit and delete entries in Exact, read it, and look at both books side by side."""
    edit_in_exact(places)
    page.goto(f"{places.portal}/reconciliation")
    page.get_by_label("the whole period again").check()
    page.get_by_role("button", name="Read Exact now").click()
    why = page.get_by_text("Somebody changed the entry in Exact after it was copied.").first
    until(lambda: why.count() > 0, PATIENCE)
    page.goto(f"{places.portal}/reconciliation")
    # Charts are drawn as somebody comes to see them.
    page.locator("#books-charts").scroll_into_view_if_needed()
    page.locator("#chart-delays-box, #books-charts p.muted").first.wait_for()
    page.keyboard.press("Home")
    camera.shoot("reconciliation")
    why.click()
    page.get_by_text("Changed in Exact since it was booked").first.wait_for()
    camera.shoot("reconciliation-why", whole=False, centre=page.locator("details[open] .sides").first)
    camera.shoot("reconciliation-charts", whole=False, centre=page.locator("#books-charts"))
    page.goto(f"{places.portal}/reconciliation/statement")
    camera.shoot("reconciliation-statement")


def edit_in_exact(places: Places) -> None:
    """Do as people in Exact do: change the amount of the newest of our entries, delete the next."""
    doors = f"{places.exact}/_sandbox"
    ours = [one for one in ask(f"{doors}/entries?division={DIVISION}") if is_ours(one)]
    unpaid = sorted((one for one in ours if one["state"] == "open"), key=lambda one: str(one["EntryDate"]))
    if len(unpaid) < 2:
        raise click.ClickException("Too few entries to change.")

    line = unpaid[-1]["lines"][0]
    changed = {"AmountFC": f"{float(line['AmountFC']) - 100:.2f}", "Description": "Korting afgesproken"}
    ask(f"{doors}/{DIVISION}/SalesEntryLines/{line['ID']}", "PATCH", changed)
    ask(f"{doors}/{DIVISION}/SalesEntries/{unpaid[-2]['EntryID']}", "DELETE")


def is_ours(entry: dict[str, Any]) -> bool:
    """Say whether an entry carries a marker."""
    return any("[" in (line["Notes"] or "") for line in entry["lines"])


def ask(url: str, method: str = "GET", body: dict[str, str] | None = None) -> Any:
    """Ask a back door of the sandbox."""
    content = json.dumps(body or {}).encode() if method != "GET" else None
    asked = urllib.request.Request(url, content, {"Content-Type": "application/json"}, method=method)  # noqa: S310 - our own sandbox
    with urllib.request.urlopen(asked, timeout=30) as answer:  # noqa: S310 - the same
        return json.load(answer)


def shows(page: Page, places: Places, part: Locator) -> bool:
    """Say whether the payments show a part now."""
    page.goto(f"{places.portal}/payments")
    return part.count() > 0


def until(holds: Callable[[], bool], patience: float) -> None:
    """Wait until something holds, else go on with the picture as it is."""
    give_up = time.monotonic() + patience / 1000
    while not holds() and time.monotonic() < give_up:
        time.sleep(1)


def open_menu(page: Page, address: str) -> Locator:
    """Open the menu of a copied invoice."""
    page.goto(address)
    trigger = page.get_by_role("button", name="Invoice copied").first
    trigger.click()
    return trigger


def shoot_rest(page: Page, camera: Camera, places: Places) -> None:
    """Take the pictures that need no further steps."""
    trigger = open_menu(page, f"{places.portal}/invoices?view=copied")
    camera.shoot("invoice-copied-menu", whole=False, centre=trigger)

    for name, path in (
        ("invoices", "/invoices"),
        ("activity", "/activity"),
        ("settings", "/settings"),
        ("productive", "/settings/productive"),
        ("users", "/settings/users"),
        ("account", "/account"),
    ):
        page.goto(places.portal + path)
        camera.shoot(name)

    page.goto(places.productive)
    camera.shoot("sandbox-productive")


def walk(browser: Browser, places: Places) -> Camera:
    """Go through the whole story once."""
    page = browser.new_page(locale="en-GB", color_scheme="light", viewport={"width": 1440, "height": 900})
    page.set_default_timeout(PATIENCE)
    camera = Camera(page)
    sign_in(page, camera, places)
    connect(page, camera, places)
    close_month(page, camera, places)
    move_over(page, camera, places)
    copied = copy_some(page, camera, places, 4)
    if not copied:
        raise click.ClickException("No invoice could be copied.")

    undo(page, camera, copied[0])
    pay(page, camera, places, copied[-1])
    reconcile(page, camera, places)
    shoot_rest(page, camera, places)

    return camera


@click.command()
def main() -> None:
    """Take every picture anew."""
    program = find_browser()
    if program is None:
        raise click.ClickException("Chromium was not found; install it or name it in PORTAL_CHROMIUM.")

    FOLDER.mkdir(parents=True, exist_ok=True)
    with start_demo() as places, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        camera = walk(browser, places)
        browser.close()

    pictures = sorted(FOLDER.glob("*.png"))
    click.echo(f"{len(pictures)} pictures in {FOLDER.relative_to(ROOT)}")
    for name in camera.overflowing:
        click.echo(f"wider than the screen: {name}")


if __name__ == "__main__":
    main()
