"""The portal as a person uses it in a browser: every control by its role and name."""

import re
from decimal import Decimal
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.furnishing.waits import until
from tests.journeys.desk import DUTCH, EMAIL, PASSWORD
from tests.journeys.world import World

# What htmx has taken up carries its data; a button that it has not would lead to a page of its own.
TAKEN_UP = """() => [...document.querySelectorAll("[hx-get], [hx-post]")].every(
    (one) => one["htmx-internal-data"]?.initHash !== undefined)"""


def settle(page: Page) -> None:
    """Wait until htmx has taken up all that it swapped in, for only then do keys ask for something."""
    page.wait_for_load_state("load")
    expect(page.locator(".htmx-request, .htmx-swapping, .htmx-settling, .htmx-added")).to_have_count(0)
    page.wait_for_function(TAKEN_UP)


class Portal:
    """A person at the portal."""

    def __init__(self, page: Page, world: World) -> None:
        self.page = page
        self.world = world
        self.exact = world.exact
        self.productive = world.productive

    def sign_in(self) -> None:
        """Sign in."""
        self.page.goto(self.world.url)
        self.page.get_by_label("E-mail").fill(EMAIL)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.button("Sign in").click()
        expect(
            self.page.get_by_role("navigation", name="Main").get_by_role("link", name="Overview")
        ).to_be_visible()

    def connect(self) -> None:
        """Go through App Marketplace and the wizard until Exact is connected."""
        page = self.page
        page.get_by_role("navigation", name="Main").get_by_role("link", name="Settings").click()
        page.get_by_role("link", name="App Marketplace").first.click()
        card = page.locator(".connection").filter(has=page.get_by_role("heading", name="Kade & Co B.V."))
        card.get_by_role("link", name="Connect App").click()
        page.get_by_label("Netherlands").check()
        self.button("Sign in at Exact").click()
        self.button("Allow").click()
        page.get_by_role("radio", name="Productive").check()
        page.get_by_label("Default journal").select_option(label="70 · Verkoop")
        page.get_by_label("Journal for credit notes").select_option(label="75 · Creditnota's verkoop")
        page.get_by_label("Copy invoices from").fill("2020-01-01")
        page.get_by_role("switch", name="Synchronize payments from Exact to Productive").check()
        page.get_by_role("radio", name="From now").check()
        self.button("Next").click()
        page.get_by_label("Default ledger").select_option(label="8900 · Overige omzet")
        self.button("Finish").click()
        expect(page.get_by_text("Exact is connected.")).to_be_visible()

    def map_row(self, name: str, label: str, option: str) -> None:
        """Map a service type or a tax rate in its row; it is saved at once."""
        page = self.page
        # A row with a suggestion offers another choice beside it.
        ways = f"^(Change {re.escape(name)}:|Choose( another)? for {re.escape(name)}$)"
        page.get_by_role("link", name=re.compile(ways)).click()
        page.get_by_label(f"{label} for {name}", exact=True).select_option(label=option)
        expect(page.get_by_role("link", name=f"Change {name}: {option.partition(' (')[0]}")).to_be_visible()

    def go(self, name: str) -> None:
        """Go to a screen of the main menu."""
        self.page.get_by_role("navigation", name="Main").get_by_role("link", name=name, exact=True).click()
        expect(self.page.get_by_role("heading", name=name, level=1)).to_be_visible()

    def button(self, name: str) -> Locator:
        """A button by its name."""
        return self.page.get_by_role("button", name=name, exact=True)

    def write_invoice(self, number: str, company: str = "Brouwerij De Lantaarn B.V.", **more: Any) -> str:
        """Somebody writes an invoice in Productive; returns its id."""
        lines = [
            {"service_type": "Design", "description": "Ontwerp", "quantity": "12.5", "unit_price": 9750},
            {"service_type": "Development", "description": "Bouw", "quantity": "7.25", "unit_price": 10533},
        ]
        wish = {"number": number, "company": {"name": company}, "lines": lines, **more}
        return str(self.productive.post("invoices", invoices=[wish])["ids"][0])

    def find_row(self, number: str) -> Locator:
        """Read Productive until the list shows an invoice; returns its row."""
        self.go("Invoices")
        self.button("Get invoices now").click()
        self.page.get_by_text(re.compile("Productive (is being|was) read")).wait_for()
        row = self.page.get_by_role("row").filter(has=self.page.get_by_role("link", name=number, exact=True))

        def look() -> bool:
            self.page.goto(f"{self.world.url}/invoices?q={number}")
            return row.count() > 0

        until(look, f"invoice {number} in the list")
        return row

    @property
    def dialog(self) -> Locator:
        """The open dialog."""
        return self.page.get_by_role("dialog")

    def choose_customer(self, text: str, name: str) -> None:
        """Search as one types, and pick."""
        self.dialog.get_by_role("combobox", name="Exact customer").fill(text)
        suggestions = self.dialog.get_by_role("listbox", name="Suggestions")
        suggestions.get_by_role("option", name=re.compile(name)).first.click()

    def finish_copy(self) -> str:
        """Press the dialog's button, wait for the entry, close; returns the entry's number."""
        self.dialog.get_by_role("button", name="Copy invoice", exact=True).click()
        done = self.dialog.get_by_role("link", name=re.compile(r"^Open entry \d+ in Exact"))
        expect(done).to_be_visible(timeout=60_000)
        number = re.sub(r"\D", "", done.inner_text())
        self.dialog.get_by_role("link", name="Close").last.click()
        expect(self.dialog).to_have_count(0)
        return number

    def copy(self, number: str) -> str:
        """Copy an invoice whose customer is linked or certain; returns the entry's number."""
        self.find_row(number).get_by_role("button", name="Copy to Exact").click()
        box = self.dialog.get_by_role("combobox", name="Exact customer")
        if not box.input_value():
            self.choose_customer("Lantaarn", "Lantaarn")
        return self.finish_copy()

    def open_menu(self, number: str) -> Locator:
        """Hover over Invoice copied; returns the menu."""
        trigger = self.find_row(number).get_by_role("button", name="Invoice copied")
        trigger.hover()
        expect(trigger).to_have_attribute("aria-expanded", "true")
        return self.page.get_by_role("list", name="Invoice copied")

    def entries(self, number: str) -> list[dict[str, Any]]:
        """The entries in Exact that carry this number."""
        every = self.exact.get(f"entries?division={DUTCH}")
        return [one for one in every if one["YourRef"] == number]

    def pull_payments(self) -> None:
        """Press Get payments now and wait."""
        self.go("Payments")
        self.button("Get payments now").click()
        told = self.page.locator("#payment-pulls [aria-live] .notice-success")
        expect(told.first).to_be_visible(timeout=60_000)

    def seen(self, number: str) -> dict[str, Any]:
        """An invoice as Productive has it."""
        found: list[dict[str, Any]] = self.productive.get(f"invoices?number={number}")["invoices"]
        return found[0]

    def expect_paid(self, number: str, *amounts: str) -> None:
        """Pull; then Productive has exactly these payments."""
        self.pull_payments()

        def agrees() -> bool:
            made = sorted(Decimal(one["amount"]) for one in self.seen(number)["payments"])
            return made == sorted(map(Decimal, amounts))

        until(agrees, f"{amounts} on {number}, not {self.seen(number)['payments']}", 20)
        invoice = self.seen(number)
        assert Decimal(invoice["paid"]) == sum(map(Decimal, amounts))
        assert Decimal(invoice["unpaid"]) == Decimal(invoice["total"]) - Decimal(invoice["paid"])
