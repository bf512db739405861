"""The demo data: Kade & Co, an agency with a year behind it, every awkward kind, and a month to close."""

from portal.sandbox.productive.demo.customers import add_customers
from portal.sandbox.productive.demo.house import add_house
from portal.sandbox.productive.demo.invoices import add_invoices
from portal.sandbox.productive.state import Sandbox


def fill_with_demo(state: Sandbox) -> None:
    """The whole demo, always the same for the same day."""
    add_house(state, "Kade & Co")
    add_customers(state)
    add_invoices(state)


def fill_with_house(state: Sandbox) -> None:
    """Only the organisation with its rates, types and customers: no invoices."""
    add_house(state, "Kade & Co")
    add_customers(state)
