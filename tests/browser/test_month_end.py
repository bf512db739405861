"""The month end of the demo with counted actions: 60 invoices, 52 of them ready, and 8 that need somebody."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.portal import settle
from tests.furnishing.waits import until
from tests.journeys.desk import DUTCH, EMAIL, PASSWORD, Desk
from tests.journeys.world import World

pytestmark = pytest.mark.browser
READY = 52
NEEDING = 8
CAUSES = 3
MOST_ACTIONS = 6
MOST_ACTIONS_FOR_THE_REST = 10
LATER = 3
PATIENCE = 60_000
# Service types that nobody mapped yet: each is one suggestion of a ledger account.
FOR_KEYS = "Consultancy"
WITHOUT_SCRIPT = "Grafisch ontwerp"


class Counted:
    """A person at the portal whose actions are counted: a click, a key that does something, a form sent."""

    def __init__(self, page: Page, world: World) -> None:
        self.page = page
        self.world = world
        self.actions = 0

    def sign_in(self) -> None:
        """Fill the form and send it."""
        self.page.goto(self.world.url)
        self.page.get_by_label("E-mail").fill(EMAIL)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.do(self.page.get_by_role("button", name="Sign in", exact=True))

    def do(self, control: Locator) -> None:
        """Press something with the mouse."""
        self.actions += 1
        control.click()

    def named(self, name: str | re.Pattern[str]) -> Locator:
        """A link or a button by its name."""
        exact = isinstance(name, str)
        button = self.page.get_by_role("button", name=name, exact=exact)
        return button.or_(self.page.get_by_role("link", name=name, exact=exact)).first

    def see(self, name: str | re.Pattern[str]) -> Locator:
        """Wait for a link or a button. What changed beside it comes by itself, or with a new page."""
        control = self.named(name)
        expect(control).to_be_visible(timeout=PATIENCE)
        return control


class ByKeys(Counted):
    """Somebody without a mouse. What leads from one control to the next is no action."""

    def do(self, control: Locator) -> None:
        """Go there by Tab, and press Enter."""
        settle(self.page)
        for _press in range(200):
            if control.evaluate("one => one === document.activeElement"):
                break
            self.page.keyboard.press("Tab")

        expect(control).to_be_focused()
        self.actions += 1
        self.page.keyboard.press("Enter")


class WithoutScript(Counted):
    """Somebody whose browser runs no script, and who opens a page again to see what is new."""

    def see(self, name: str | re.Pattern[str]) -> Locator:
        """Open the page again until the link or button is there."""
        control = self.named(name)

        def look() -> bool:
            if not control.count():
                self.page.reload()
            return control.count() > 0

        until(look, str(name), PATIENCE / 1000)
        return control


@pytest.fixture(scope="module")
def desk(world: World) -> Desk:
    """The first subsidiary is connected as the README says. Nothing is mapped yet."""
    desk = Desk(world)
    desk.sign_in()
    person = desk.begin_to_connect().press("Allow")
    person.fill("Default journal", "70").fill("Journal for credit notes", "75")
    person.tick("Synchronize payments from Exact to Productive").tick("Catch up on everything copied")
    person.press("Next").press("Finish")
    assert "Exact is connected." in person.text
    until(world.is_at_rest, "the end of the first looks", 120)
    return desk


@contextmanager
def at_work(
    browser: Browser, world: World, kind: Callable[[Page, World], Counted], *, script: bool = True
) -> Iterator[Counted]:
    """Somebody at a window of their own."""
    context = browser.new_context(
        viewport={"width": 1440, "height": 1000}, locale="en-GB", java_script_enabled=script
    )
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    yield kind(page, world)
    context.close()


def copy_many(person: Counted, count: int) -> None:
    """Accept what is suggested, and copy all that is ready."""
    person.sign_in()
    person.do(person.see(re.compile(r"^Accept (\d+ suggestions|.* for .*)$")))
    copy_all(person, count)


def copy_all(person: Counted, count: int) -> None:
    """Copy all that is ready from Overview to the end of the run."""
    person.do(person.see(f"Copy {count}"))
    expect(person.page).to_have_url(re.compile("/runs/new"))
    person.do(person.see(f"Copy {count}"))
    expect(person.page).to_have_url(re.compile(r"/runs/[\w-]+$"))
    done = person.page.get_by_role("heading", name=f"{count} copied", level=1)

    def ended() -> bool:
        if isinstance(person, WithoutScript) and not done.count():
            person.page.reload()
        return done.count() > 0

    until(ended, f"{count} copied", 240)


def booked(desk: Desk) -> list[str]:
    """The numbers of this portal's entries in Exact, each as often as it is booked."""
    every = desk.exact.get(f"entries?division={DUTCH}")
    return [str(one["YourRef"]) for one in every if any(line["Notes"] for line in one["lines"])]


@pytest.mark.timeout(600)
def test_fifty_two_are_copied_in_at_most_six_actions_and_the_other_eight_in_ten(
    browser: Browser, desk: Desk
) -> None:
    with at_work(browser, desk.world, Counted) as person:
        copy_many(person, READY)
        assert person.actions <= MOST_ACTIONS
        numbers = booked(desk)
        assert (len(numbers), len(set(numbers))) == (READY, READY)

        person.actions = 0
        person.page.goto(f"{desk.world.url}/overview")
        expect(person.page.locator(".fixes > li")).to_have_count(CAUSES, timeout=PATIENCE)
        expect(person.page.get_by_text(f"{NEEDING} need you")).to_be_visible()
        chooses_the_customer(person)
        chooses_the_vat_code(person)
        is_told_a_shorter_number(desk)
        person.page.goto(f"{desk.world.url}/overview")
        copy_all(person, NEEDING - 1)
        assert person.actions <= MOST_ACTIONS_FOR_THE_REST
        numbers = booked(desk)
        assert (len(numbers), len(set(numbers))) == (READY + NEEDING, READY + NEEDING)


def chooses_the_customer(person: Counted) -> None:
    """Say which of two relations of one name it is, and copy the first of its invoices."""
    person.do(person.see("Choose customer"))
    dialog = person.page.get_by_role("dialog")
    first = dialog.get_by_role("button", name=re.compile(r"^Choose Kwekerij Groenewoud B\.V\.")).first
    first.wait_for()
    settle(person.page)
    person.do(first)
    box = dialog.get_by_role("combobox", name="Exact customer")
    expect(box).to_have_value(re.compile("Kwekerij"), timeout=PATIENCE)
    settle(person.page)
    person.do(dialog.get_by_role("button", name="Copy invoice", exact=True))
    done = dialog.get_by_role("link", name=re.compile(r"^Open entry \d+ in Exact"))
    expect(done).to_be_visible(timeout=PATIENCE)
    person.do(dialog.get_by_role("link", name="Close").last)


def chooses_the_vat_code(person: Counted) -> None:
    """Choose between two codes in the row of the question."""
    person.do(person.see("Choose VAT code"))
    person.actions += 1
    chosen = person.page.get_by_label("VAT code for Geen btw")
    chosen.select_option(label="6 · Export buiten de EU (0 %)")
    person.do(person.named("Save"))


def is_told_a_shorter_number(desk: Desk) -> None:
    """Somebody shortens the long number in Productive, and the portal reads it."""
    every = desk.productive.get("invoices")["invoices"]
    [long] = [one for one in every if "MUSEUMNACHT" in str(one["number"])]
    desk.productive.patch(f"invoices/{long['id']}", number="K-MUSEUMNACHT-08")
    desk.person.open("/invoices").press("Get invoices now")
    until(desk.world.is_at_rest, "the end of the look at it", 120)


@pytest.mark.timeout(300)
def test_what_came_later_is_copied_by_keyboard(browser: Browser, desk: Desk) -> None:
    write_invoices(desk, FOR_KEYS)
    with at_work(browser, desk.world, ByKeys) as person:
        copy_many(person, LATER)
        assert person.actions <= MOST_ACTIONS


@pytest.mark.timeout(300)
def test_what_came_later_is_copied_without_javascript(browser: Browser, desk: Desk) -> None:
    write_invoices(desk, WITHOUT_SCRIPT)
    with at_work(browser, desk.world, WithoutScript, script=False) as person:
        copy_many(person, LATER)
        assert person.actions <= MOST_ACTIONS


def write_invoices(desk: Desk, service_type: str) -> None:
    """Somebody writes invoices in Productive for work that nobody mapped yet."""
    lines = [{"service_type": service_type, "description": "Werk", "quantity": "3", "unit_price": 9750}]
    desk.invoices(LATER, lines=lines)
    until(desk.world.is_at_rest, "the end of the look at them", 120)
