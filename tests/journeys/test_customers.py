"""Who is whom, over the wire: strangers are a question, deleted customers are gone at the refresh."""

import itertools
from typing import Any

from tests.furnishing.waits import until
from tests.journeys.desk import DUTCH, Desk

SHOP = "Boekhandel Scheltema & Zonen"
# Other stories need these.
USED = ("Lantaarn", "Scheltema", "Berg", "Belga", "Klavier", "Nordlicht")
numbers = itertools.count(1)


def account(desk: Desk, name: str) -> str:
    """The id of a customer in Exact."""
    rows = desk.exact.get(f"accounts?division={DUTCH}")
    return next(str(each["ID"]) for each in rows if each["Name"] == name)


def refresh(desk: Desk) -> None:
    desk.person.open("/settings/apps").press("Refresh from Exact")
    assert desk.person.status == 200
    assert "could not be refreshed" not in desk.person.text
    # What takes longer than a person waits is read on by the worker.
    until(desk.world.is_at_rest, "the end of the refresh")


def an_invoice(desk: Desk, name: str, **company: Any) -> str:
    """Somebody writes an invoice to a company of this name, and the portal shows it."""
    line = {"service_type": "Design", "description": "Ontwerp", "quantity": "1", "unit_price": 9500}
    wish = {"number": f"C-{next(numbers):04}", "company": {"name": name, **company}, "lines": [line]}
    [invoice_id] = desk.productive.post("invoices", invoices=[wish])["ids"]
    desk.read_productive(str(invoice_id))
    return str(invoice_id)


# What a customer is in Exact, the buyer, whether it is certain, and what the dialog says.
WHO: list[tuple[dict[str, str], dict[str, str], bool, str]] = [
    (
        {"VATNumber": "N.V.T.", "Name": "Bakkerij De Molen"},
        {"name": "Slagerij Onbekend", "vat": "N.V.T.", "country": "Netherlands"},
        False,
        "“N.V.T.” on the invoice is not a VAT number",
    ),
    (
        {"VATNumber": "NL004495445B01", "Name": "Hotel De Vijverhof"},
        {"name": "Vijverhof Catering", "vat": "NL004495445B01", "country": "Netherlands"},
        False,
        "Against: another name",
    ),
    (
        {"VATNumber": "", "Name": "Energiek Advies B.V.", "Country": "NL"},
        {"name": "Energiek Advies", "vat": "ATU12345678", "city": "Wien", "country": "Austria"},
        False,
        "Against: another country",
    ),
    (
        {"VATNumber": "EL123456783", "Name": "Hellas Trading", "Country": "GR"},
        {"name": "Hellas Trading", "vat": "GR123456783", "country": "Greece"},
        True,
        "For: same VAT number",
    ),
    (
        {"VATNumber": "CHE123456789", "Name": "Alpenblick AG", "Country": "CH"},
        {"name": "Alpenblick", "vat": "CHE-123.456.789 MWST", "country": "Switzerland"},
        True,
        "For: same VAT number",
    ),
    (
        {"VATNumber": "NL123456789B01", "Name": "Label B.V.", "Country": "NL"},
        {"name": "Label", "vat": "BTW-nummer NL123456789B01", "country": "Netherlands"},
        True,
        "For: same VAT number",
    ),
]


def test_strangers_are_a_question_and_deleted_customers_are_gone_at_the_refresh(desk: Desk) -> None:
    rows = desk.exact.get(f"accounts?division={DUTCH}")
    free = [str(each["ID"]) for each in rows if not any(name in each["Name"] for name in USED)]
    shop = account(desk, SHOP)
    bought = an_invoice(desk, SHOP, country="Netherlands")
    assert desk.open_dialog(bought).hidden("customer") == shop

    for customer, (fields, _company, _is_certain, _words) in zip(free, WHO, strict=False):
        desk.exact.patch(f"{DUTCH}/Accounts/{customer}", **fields)
    desk.exact.delete(f"{DUTCH}/Accounts/{shop}")
    refresh(desk)

    for customer, (_fields, company, is_certain, words) in zip(free, WHO, strict=False):
        person = desk.open_dialog(an_invoice(desk, **company))
        assert person.hidden("customer") == (customer if is_certain else ""), company
        assert words in person.text

    person = desk.open_dialog(bought)
    assert not person.hidden("customer")
    assert SHOP not in [each.text for each in person.page.select("#copy-question strong")]
    refused = person.press("Copy invoice", customer=shop)
    assert "is no longer in Exact. Choose another customer" in refused.text
