"""What a finance team does at the portal, in few words, over HTTP."""

import time
from decimal import Decimal
from itertools import count
from typing import Any

from bs4 import Tag

from tests.furnishing.waits import until
from tests.journeys.person import Person
from tests.journeys.world import World

EMAIL = "admin@example.com"
PASSWORD = "portal-demo-1"
DUTCH = 1001
SUBSIDIARY = "1"
RATES = {"BTW 21%": "2", "BTW 9%": "1", "BTW 0%": "3", "BTW verlegd": "5", "Geen btw": "0"}
KNOWN = "Brouwerij De Lantaarn B.V."
numbers = count(1)


class Desk:
    """A signed-in administrator, whose first subsidiary is connected to the Dutch division."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.person = Person(world.url)
        self.exact = world.exact
        self.productive = world.productive

    def sign_in(self) -> None:
        """Sign in."""
        self.person.open("/").fill("E-mail", EMAIL).fill("Password", PASSWORD).press("Sign in")
        assert "/sign-in" not in self.person.url, self.person.text

    def begin_to_connect(self) -> Person:
        """Go to Exact's consent page."""
        person = (
            self.person.open("/settings/apps").open(f"/connections/new?for={SUBSIDIARY}").tick("Netherlands")
        )
        return self.go_to_exact(person)

    def go_to_exact(self, person: Person, button: str = "Sign in at Exact") -> Person:
        """Press what leads to Exact, and give the own password where it is asked again."""
        person.press(button)
        if "Your own password" in person.text:
            person.fill("Your own password", PASSWORD).press("Sign in at Exact")
        return person

    def connect(self) -> None:
        """Connect the first subsidiary with payments on, every rate and type mapped or defaulted."""
        person = self.begin_to_connect().press("Allow")
        # A busy machine shows the page before the journals are read.
        until(lambda: self._offers_journals(person), "the journals to choose from")
        person.tick("Productive").fill("Default journal", "70").fill("Copy invoices from", "2020-01-01")
        person.fill("Journal for credit notes", "75")
        person.tick("Synchronize payments from Exact to Productive").tick("From now").press("Next")
        person.fill("Default ledger", "8900").press("Finish")
        assert "Exact is connected." in person.text, person.text
        for rate, code in (
            ("BTW 21%", "2"),
            ("BTW 9%", "1"),
            ("BTW 0%", "3"),
            ("BTW verlegd", "5"),
            ("Geen btw", "0"),
        ):
            self.map_rate(rate, code)
        until(self.world.is_at_rest, "the end of the first pulls")

    def _offers_journals(self, person: Person) -> bool:
        """Say whether the page offers journals, else look at it again."""
        if person.page.select("[name=default_journal] option[value='70']"):
            return True

        person.open(person.url)
        return False

    def map_rate(self, rate: str, code: str) -> None:
        """Map a tax rate to a VAT code."""
        person = self.person.open("/mappings")
        # A row with a suggestion offers another choice beside it.
        ways = (f"Change {rate}:", f"Choose another for {rate}", f"Choose for {rate}")
        link = next(
            one for one in person.page.find_all("a") if str(one.get("aria-label", "")).startswith(ways)
        )
        person.open(str(link["href"])).fill(f"VAT code for {rate}", f"{code} ·").press("Save")

    def invoice(self, company: str = KNOWN, **more: Any) -> str:
        """Somebody writes an invoice in Productive; wait until the portal shows it and return its id."""
        (invoice_id,) = self.invoices(1, company, **more)
        return invoice_id

    def invoices(self, how_many: int, company: str = KNOWN, **more: Any) -> list[str]:
        """Somebody writes several invoices at once; wait for them and return their ids."""
        lines = [{"service_type": "Design", "description": "Ontwerp", "quantity": "8", "unit_price": 9500}]
        wish = {"company": {"name": company}, "lines": lines, **more}
        names = [f"J-{next(numbers):04}-{time.monotonic_ns() % 100000}" for _ in range(how_many)]
        ids = self.productive.post("invoices", invoices=[{**wish, "number": name} for name in names])["ids"]
        self.read_productive(ids[-1])
        return [str(one) for one in ids]

    def read_productive(self, invoice_id: str) -> None:
        """Press Get invoices now, and wait for the invoice."""
        self.person.open("/invoices").press("Get invoices now")
        until(lambda: self.person.open(f"/invoices/{invoice_id}").status == 200, f"invoice {invoice_id}")

    def seen(self, invoice_id: str) -> dict[str, Any]:
        """The invoice as Productive has it now."""
        found: list[dict[str, Any]] = self.productive.get(f"invoices?id={invoice_id}")["invoices"]
        return found[0]

    def open_dialog(self, invoice_id: str, action: str = "create") -> Person:
        """Open the copy dialog."""
        return self.person.open(f"/invoices/{invoice_id}/copy?action={action}")

    def find_customer(self, invoice_id: str, text: str) -> str:
        """Search a customer as the dialog does; returns the first one's id."""
        other = Person(self.world.url)
        other.session = self.person.session
        other.open(f"/invoices/{invoice_id}/copy/customers?customer_search={text}")
        option = other.page.find(attrs={"role": "option"})
        assert isinstance(option, Tag), f"no customer {text}: {other.text}"
        return str(option["value"])

    def submit(self, invoice_id: str, action: str = "create", **fields: str) -> Person:
        """Fill the dialog and press its button; the answer is progress, or the dialog with problems."""
        person = self.open_dialog(invoice_id, action)
        proposed = fields.get("customer") or person.hidden("customer")
        fields["customer"] = proposed or self.find_customer(invoice_id, "Lantaarn")
        return person.press("Copy invoice", **fields)

    def copy(self, invoice_id: str, **more: str) -> str:
        """Copy an invoice and wait for its end; returns what the dialog says."""
        person = self.submit(invoice_id, **more)
        assert "/copies/" in person.url, f"{person.status}: {person.text}"
        return self.outcome(person)

    def outcome(self, person: Person, seconds: float = 60) -> str:
        """Wait for the end of a copy whose progress is open."""
        url = person.url
        return until(lambda: settled(person.open(url)), f"the end of {url}", seconds)

    def entries(self, invoice_id: str) -> list[dict[str, Any]]:
        """The sales entries in Exact that carry the invoice's number."""
        number = self.seen(invoice_id)["number"]
        every = self.exact.get(f"entries?division={DUTCH}")
        return [one for one in every if one["YourRef"] == number]

    def entry(self, invoice_id: str) -> dict[str, Any]:
        """The one sales entry of an invoice."""
        found = self.entries(invoice_id)
        assert len(found) == 1, found
        return found[0]

    def pull_payments(self) -> str:
        """Press Get payments now and wait for the end."""
        person = self.person.open("/payments").press("Get payments now")
        url = person.url
        return until(lambda: pulled(person.open(url)), "the end of the pull")


def settled(person: Person) -> str | None:
    """What a progress page says when it has ended."""
    running = person.page.select_one("[data-poll]:not(#live)")
    return None if running else person.text


def pulled(person: Person) -> str | None:
    """What the payments page says a pull found, once it has ended."""
    told = person.page.select_one("#payment-pulls [aria-live] .notice:not(.notice-info)")
    return told.get_text(" ", strip=True) if told else None


def gross(entry: dict[str, Any]) -> Decimal:
    """An entry's total."""
    return Decimal(str(entry["AmountFC"]))
