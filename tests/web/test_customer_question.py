"""The customer in the copy dialog: found with its evidence, or a question with the evidence."""

import pytest
from bs4 import BeautifulSoup

from portal.actions.copies.customer import customer_row
from portal.domain.booking.catalogue import Customer
from portal.domain.booking.invoice import BillTo
from portal.store.catalogue import CustomerRow
from portal.store.copies import CopyRow
from portal.store.customer_links import CustomerLinkRow
from tests.conftest import SignedIn
from tests.fakes import a_customer
from tests.pages import CheckingClient, read_page
from tests.web.invoices import House, form_of, labelled, only

COPY = "/invoices/105/copy"
VAT = "NL004495445B01"


@pytest.fixture
def client(house: House, signed_in: SignedIn, nudges: list[tuple[str, str]]) -> CheckingClient:
    return signed_in("finance")


def in_exact(house: House, name: str, vat: str | None = VAT, country: str | None = "NL") -> Customer:
    customer = house.ledger.add_customer(a_customer(name, vat_number=vat, country=country))
    house.session.add(customer_row(house.connection_id, customer))
    house.session.commit()
    return customer


def dialog(client: CheckingClient, house: House, bill_to: BillTo) -> BeautifulSoup:
    house.session.query(CustomerLinkRow).delete()
    house.add(bill_to=bill_to)
    return read_page(client.htmx(COPY).text)


def question(page: BeautifulSoup) -> str:
    return " ".join(only(page, "#copy-question").get_text(" ").split())


@pytest.mark.parametrize(
    ("bill_to", "name", "vat", "country", "words"),
    [
        (
            BillTo("Bakker", vat="N.V.T."),
            "Bakkerij Slager",
            "N.V.T.",
            "NL",
            ["“N.V.T.” on the invoice is not a VAT number"],
        ),
        (
            BillTo("Vijverhof Catering", vat=VAT),
            "Hotel De Vijverhof",
            VAT,
            "NL",
            ["For: same VAT number", "Against: another name"],
        ),
        (
            BillTo("Energiek Advies", vat="ATU12345678", city="Wien"),
            "Energiek Advies B.V.",
            None,
            "NL",
            ["For: same name", "Against: another country"],
        ),
        (
            BillTo("Zonnedak", vat="NL821275921B01 / BE0403019261"),
            "Zonnedak Twee",
            None,
            "NL",
            ["holds more than one number", "For: similar name"],
        ),
    ],
)
def test_what_is_not_certain_is_a_question_with_its_evidence(
    client: CheckingClient,
    house: House,
    bill_to: BillTo,
    name: str,
    vat: str | None,
    country: str,
    words: list[str],
) -> None:
    in_exact(house, name, vat, country)
    page = dialog(client, house, bill_to)
    assert labelled(page, "Exact customer")["value"] == ""
    assert not page.select("#copy-decision")
    for each in words:
        assert each in question(page)


def test_a_candidate_is_chosen_by_one_button(client: CheckingClient, house: House) -> None:
    hotel = in_exact(house, "Hotel De Vijverhof")
    page = dialog(client, house, BillTo("Vijverhof Catering", vat=VAT))
    button = only(page, "#copy-question button")
    assert button["aria-label"] == f"Choose Hotel De Vijverhof, {hotel.code.strip()}"
    form = form_of(page)
    chosen = read_page(client.htmx(COPY, "POST", data=form | {"pick": str(button["value"])}).text)
    assert labelled(chosen, "Exact customer")["value"] == "Hotel De Vijverhof"
    assert not chosen.select("#copy-question")
    assert house.session.query(CopyRow).count() == 0


@pytest.mark.parametrize(
    ("given", "held"),
    [
        ("GR123456783", "EL123456783"),
        ("CHE-116.281.710 MWST", "CHE116281710"),
        ("BTW-nummer NL123456789B01", "NL123456789B01"),
        ("0403.019.261", "BE 0403.019.261"),
    ],
)
def test_a_certain_customer_is_found_with_its_evidence(
    client: CheckingClient, house: House, given: str, held: str
) -> None:
    in_exact(house, "Alpha Consulting", held, None)
    page = dialog(client, house, BillTo("Alpha Consulting", vat=given, country="Belgium"))
    assert labelled(page, "Exact customer")["value"] == "Alpha Consulting"
    said = " ".join(only(page, "#copy-decision").get_text(" ").split())
    assert said.startswith("Found by the portal. For: same VAT number")


def test_a_vat_number_is_searched_in_any_spelling(client: CheckingClient, house: House) -> None:
    greek = in_exact(house, "Hellas", "EL123456783", "GR")
    house.add()
    found = read_page(client.htmx(f"{COPY}/customers?customer_search=GR 123.456.783").text)
    assert [each["value"] for each in found.select("button[role=option]")] == [greek.id]


@pytest.mark.parametrize(
    ("given", "value", "hint"),
    [
        ("CHE-116.281.710 MWST", "CHE116281710", None),
        ("GR123456783", "EL123456783", None),
        ("BTW-nummer NL123456789B01", "NL123456789B01", "The check digit of NL123456789B01 is wrong."),
        ("N.V.T.", "", "“N.V.T.” on the invoice is not a VAT number, so it is left out."),
        ("12/345/67890", "", "“12/345/67890” on the invoice is not a VAT number, so it is left out."),
    ],
)
def test_a_new_customer_gets_a_vat_number_or_the_reason_why_not(
    client: CheckingClient, house: House, given: str, value: str, hint: str | None
) -> None:
    house.add(bill_to=BillTo("Neue Firma", vat=given, country="Germany"))
    page = read_page(client.htmx(f"{COPY}/customer", "POST", data={"mode": "new"}).text)
    field = labelled(page, "VAT number")
    assert field["value"] == value
    hints = page.select("#copy-new-vat_number-hint")
    assert [hint in each.text for each in hints if hint] == ([True] if hint else [])
    assert bool(hints) == ("copy-new-vat_number-hint" in str(field["aria-describedby"]).split())


def test_a_linked_customer_that_is_gone_is_a_question(client: CheckingClient, house: House) -> None:
    house.add()
    house.session.get_one(CustomerRow, (house.connection_id, house.customer_id)).deleted = True
    house.session.commit()
    page = read_page(client.htmx(COPY).text)
    assert "is no longer in Exact. Choose another customer" in only(page, "#copy-customer-error").text
    assert labelled(page, "Exact customer")["value"] == ""
    assert page.select("#copy-question")
