"""When a customer is certain, and what is a question: a table of kinds, the right value beside each."""

from dataclasses import dataclass, replace
from datetime import date

import pytest

from portal.domain.booking.catalogue import Customer
from portal.domain.booking.invoice import BillTo
from portal.domain.customers.matching import certain_match, suggest_customers
from portal.domain.customers.name_fit import NameFit, fit_names
from portal.domain.customers.signs import Sign
from portal.vat_numbers import read_vat

TODAY = date(2026, 11, 30)
SOME = Customer(
    id="a",
    code="             10010",
    name="",
    status="C",
    blocked=False,
    ended_on=None,
    vat_number=None,
    chamber_of_commerce=None,
    email=None,
    city=None,
    country=None,
    payment_condition=None,
)
HOUSE = "NL344240113B01"
OTHER = "NL004495445B01"
BELGIAN = "BE0403019261"


def one(name: str, vat: str | None = None, country: str | None = None, **more: object) -> Customer:
    changes: dict[str, object] = {"name": name, "vat_number": vat, "country": country, **more}
    return replace(SOME, **changes)  # type: ignore[arg-type]  # keyword by keyword, as replace takes them


def buyer(name: str, vat: str | None = None, country: str | None = None, **more: str) -> BillTo:
    return BillTo(name, vat=vat, country=country, **more)


@dataclass(frozen=True)
class Case:
    """A buyer, who is in Exact, and the id of the certain one. ``None`` is a question."""

    buyer: BillTo
    customers: tuple[Customer, ...]
    certain: str | None = None


# Add yours.
KINDS: dict[str, list[Case]] = {
    "a placeholder is no VAT number": [
        Case(buyer("Bakker", "N.V.T.", "Nederland"), (one("Slager B.V.", "N.V.T.", "NL"),)),
        Case(buyer("Bakker", "n/a"), (one("Slager", "n/a"),)),
        Case(buyer("Bakker", "onbekend"), (one("Slager", "onbekend"),)),
        Case(buyer("Bakker", "-"), (one("Slager", "-"),)),
        Case(buyer("Bakker", "0000", "NL"), (one("Slager", "0000", "NL"),)),
        Case(buyer("Bakker", "NL000000000B00"), (one("Slager", "NL000000000B00"),)),
        Case(buyer("Bakker", "geen"), (one("Slager", "geen"),)),
        Case(buyer("Bakker", "NVT"), (one("Slager", "NVT"),)),
        Case(buyer("Bakker", "NL999999999B99"), (one("Bakker Noord", "NL999999999B99"),)),
        Case(buyer("Bakker", "N.V.T."), (one("Bakker B.V.", "N.V.T."),), certain="a"),
        Case(buyer("Bakker", "onbekend", "NL"), (one("Bakker B.V.", HOUSE, "NL"),), certain="a"),
    ],
    "companies of one group share a VAT number": [
        Case(buyer("Vijverhof Catering", HOUSE, "NL"), (one("Hotel De Vijverhof", HOUSE, "NL"),)),
        Case(buyer("Jansen Bouw B.V.", HOUSE), (one("Jansen Beheer B.V.", HOUSE),)),
        Case(buyer("Jansen", HOUSE), (one("Jansen Holding B.V.", HOUSE),)),
        Case(buyer("De Lantaarn Vastgoed", HOUSE), (one("De Lantaarn", HOUSE),)),
        Case(buyer("Stichting Zwart", HOUSE), (one("Zwart B.V.", HOUSE),)),
        Case(buyer("Acme Deutschland GmbH", "DE136695976"), (one("Acme GmbH", "DE136695976"),)),
        Case(buyer("Filiaal 12", HOUSE), (one("Filiaal 13", HOUSE),)),
        Case(buyer("Albert Heijn", HOUSE), (one("Koninklijke Ahold N.V.", HOUSE),)),
        Case(buyer("Gemeente Gent", BELGIAN), (one("Stad Gent", BELGIAN),)),
        Case(buyer("Jansen", HOUSE), (one("Jansen", HOUSE), one("Jansen Bouw", HOUSE, id="b"))),
        Case(buyer("Jansen Bouw", HOUSE), (one("Jansen", HOUSE), one("Jansen Bouw", id="b"))),
    ],
    "a word more tells companies of one group apart": [
        Case(buyer("KPN B.V.", HOUSE), (one("KPN Mobile N.V.", HOUSE),)),
        Case(buyer("ABN AMRO Bank N.V.", HOUSE), (one("ABN AMRO Hypotheken Groep B.V.", HOUSE),)),
        Case(buyer("ABN AMRO", HOUSE), (one("ABN AMRO Bank", HOUSE),)),
        Case(buyer("Van Dijk Bouw", HOUSE), (one("Van Dijk", HOUSE),)),
        Case(buyer("Jansen Installatietechniek", HOUSE), (one("Jansen", HOUSE),)),
        Case(buyer("Siemens AG", "DE136695976"), (one("Siemens Healthineers AG", "DE136695976"),)),
        Case(buyer("Mediahuis", BELGIAN), (one("Mediahuis Limburg", BELGIAN),)),
        Case(buyer("Rabobank", HOUSE), (one("Rabobank Utrecht", HOUSE),)),
        Case(buyer("Acme Software", HOUSE), (one("Acme", HOUSE),)),
        Case(buyer("Jansen A", HOUSE), (one("Jansen B", HOUSE),)),
        Case(buyer("Acme A B.V.", HOUSE), (one("Acme B.V.", HOUSE),)),
        Case(buyer("Team Één", HOUSE), (one("Team Twee", HOUSE),)),
        Case(buyer("Vries, de", HOUSE), (one("De Vries", HOUSE),), certain="a"),
        Case(buyer("Peeters & Co", BELGIAN), (one("Peeters", BELGIAN),), certain="a"),
        Case(buyer("Autohaus Schmidt", "DE136695976"), (one("Schmidt GmbH", "DE136695976"),), certain="a"),
        Case(buyer("Jansen en Zn.", HOUSE), (one("Jansen & Zonen", HOUSE),), certain="a"),
    ],
    "the VAT number agrees and the name does not contradict": [
        Case(buyer("Jansen B.V.", HOUSE), (one("Jansen BV", HOUSE),), certain="a"),
        Case(buyer("Jansen Piet", HOUSE), (one("Piet Jansen", HOUSE),), certain="a"),
        Case(buyer("Müller GmbH", "DE136695976"), (one("Mueller", "DE 136 695 976"),), certain="a"),
        Case(buyer("De Lantaarn", HOUSE), (one("Brouwerij De Lantaarn B.V.", HOUSE),), certain="a"),
        Case(buyer("Gebr. Bakker", HOUSE), (one("Gebroeders Bakker", HOUSE),), certain="a"),
        Case(buyer("Fiets Fabriek", HOUSE), (one("Fietsfabriek", HOUSE),), certain="a"),
        Case(buyer("Fietsfabreik", HOUSE), (one("Fietsfabriek", HOUSE),), certain="a"),
        Case(buyer("KLM", HOUSE), (one("Koninklijke Luchtvaart Maatschappij N.V.", HOUSE),), certain="a"),
        Case(buyer("Jansen", HOUSE), (one("Jansen", HOUSE), one("Jansen", id="b")), certain="a"),
        Case(buyer("Jansen", HOUSE, "Belgium"), (one("Jansen", HOUSE, "NL"),), certain="a"),
        Case(buyer("Jansen", "XI980780684"), (one("Jansen Ltd", "GB 980 7806 84"),), certain="a"),
        Case(buyer("Hellas", "GR123456783"), (one("Hellas", "EL123456783"),), certain="a"),
    ],
    "country or VAT number contradict a name": [
        Case(
            buyer("Energiek Advies", "ATU12345678", city="Wien"),
            (one("Energiek Advies B.V.", None, "NL", city="Utrecht"),),
        ),
        Case(buyer("Energiek Advies", None, "Austria"), (one("Energiek Advies B.V.", None, "NL"),)),
        Case(buyer("Energiek Advies", "ATU12345675"), (one("Energiek Advies", HOUSE),)),
        Case(buyer("Energiek Advies", OTHER), (one("Energiek Advies", HOUSE),)),
        Case(buyer("Energiek Advies", BELGIAN), (one("Energiek Advies", None, "NL"),)),
        Case(buyer("Energiek Advies", "CHE-116.281.710 MWST"), (one("Energiek Advies", None, "DE"),)),
        Case(buyer("Energiek Advies", "BTW-nummer NL123456789B01"), (one("Energiek Advies", HOUSE),)),
        Case(buyer("Energiek Advies GmbH"), (one("Energiek Advies B.V."),)),
        Case(buyer("Energiek Advies", None, "NL"), (one("Energiek Advies", None, "KE"),)),
        Case(buyer("Energiek Advies", None, "Bolivia"), (one("Energiek Advies", None, "NL"),)),
        Case(buyer("Energiek Advies", None, "Dominicaanse Republiek"), (one("Energiek Advies", None, "NL"),)),
        Case(buyer("Energiek Advies", None, "Elfenbeinküste"), (one("Energiek Advies", None, "DE"),)),
        Case(buyer("Energiek Advies", None, "Wonderland"), (one("Energiek Advies", None, "NL"),)),
        Case(buyer("Energiek Advies", None, "Nederlnad"), (one("Energiek Advies", None, "NL"),)),
        Case(buyer("Peeters", BELGIAN), (one("Peeters", None, "BE", chamber_of_commerce="0403.170.701"),)),
        Case(buyer("Bakker", "KvK 12345678"), (one("Bakker", None, "NL", chamber_of_commerce="87654321"),)),
    ],
    "the name agrees and nothing contradicts": [
        Case(buyer("Jansen B.V."), (one("Jansen BV"),), certain="a"),
        Case(buyer("Zèbre & Fils SPRL"), (one("Zebre et Fils SRL"),), certain="a"),
        Case(buyer("Jansen", HOUSE, "NL"), (one("Jansen B.V.", None, "NL"),), certain="a"),
        Case(buyer("Jansen", None, "Monaco"), (one("Jansen", "FR53000004605"),), certain="a"),
        Case(buyer("Jansen", "CHE-123.456.789 MWST"), (one("Jansen AG", "CHE123456789"),), certain="a"),
        Case(
            buyer("Dupont", "FR83404833048", "FR"),
            (one("Dupont", None, "FR", chamber_of_commerce="40483304800022"),),
            certain="a",
        ),
        Case(
            buyer("Jansen", "123/456/78901", "DE"),
            (one("Jansen", None, "DE", chamber_of_commerce="HRB 123456"),),
            certain="a",
        ),
        Case(
            buyer("Jansen AG", "CHE-116.281.710", "CH"),
            (one("Jansen AG", None, "CH", chamber_of_commerce="CH-020.3.012.345-6"),),
            certain="a",
        ),
        Case(buyer("Jansen", None, "-"), (one("Jansen", None, "NL"),), certain="a"),
        Case(
            buyer("Jansen", BELGIAN),
            (one("Jansen", None, "BE", chamber_of_commerce="403.019.261"),),
            certain="a",
        ),
        Case(buyer("Jansen"), (one("Jansen Bouw"),)),
        Case(buyer("Jansen"), (one("Jansen"), one("Jansen B.V.", id="b"))),
        Case(buyer("Piet Jansen"), (one("Jansen Piet"),)),
        Case(buyer("Fietsfabreik"), (one("Fietsfabriek"),)),
    ],
    "a wrong check digit proves nothing by itself": [
        Case(buyer("De Lantaarn", "NL123456789B01"), (one("Brouwerij De Lantaarn", "NL123456789B01"),)),
        Case(buyer("Jansen", "NL123456789B01"), (one("Jansen B.V.", "NL 1234.56.789.B01"),), certain="a"),
        Case(buyer("Jansen", "NL123456789B01"), (one("Bakker", "NL123456789B01"),)),
        Case(buyer("Jansen Piet", "NL123456789B01"), (one("Piet Jansen", "NL123456789B01"),)),
        Case(buyer("Jansen", "ATU12345678"), (one("Jansens", "ATU12345678"),)),
    ],
    "a group shares an e-mail address or a number of the trade register": [
        Case(buyer("Jansen Bouw", email="info@jansen.nl"), (one("Jansen", email="info@jansen.nl"),)),
        Case(buyer("Jansen", "KvK 12345678"), (one("Bakker", chamber_of_commerce="12345678"),)),
        Case(buyer("Jansen", BELGIAN), (one("Bakker", chamber_of_commerce="0403.019.261"),)),
        Case(buyer("Jansen", email="a@jansen.nl"), (one("Bouw", email="b@jansen.nl"),)),
        Case(buyer("Jansen", email="x@gmail.com"), (one("Bakker", email="x@gmail.com"),)),
    ],
    "the account cannot be used": [
        Case(buyer("Jansen", HOUSE), (one("Jansen", HOUSE, blocked=True),)),
        Case(buyer("Jansen", HOUSE), (one("Jansen", HOUSE, status="P"),)),
        Case(buyer("Jansen"), (one("Jansen", status="S"),)),
        Case(buyer("Jansen"), (one("Jansen", ended_on=date(2026, 1, 1)),)),
        Case(buyer("Jansen", HOUSE), (one("Jansen", HOUSE, blocked=True), one("Jansen", HOUSE, id="b"))),
        Case(buyer("Jansen"), (one("Jansen", ended_on=date(2027, 1, 1)),), certain="a"),
    ],
    "two numbers or the number of somebody else": [
        Case(buyer("Jansen", f"{HOUSE} / {BELGIAN}"), (one("Bakker", HOUSE),)),
        Case(buyer("Jansen", f"{HOUSE} / {BELGIAN}"), (one("Jansen Bouw", HOUSE),)),
        Case(buyer("Jansen", f"{HOUSE} / {BELGIAN}"), (one("Jansen", OTHER),), certain="a"),
        Case(buyer("Jansen", HOUSE), (one("Bakker", HOUSE), one("Jansen", id="b"))),
        Case(buyer("Jansen", HOUSE), (one("Jansen Advocaten", HOUSE), one("Jansen", id="b"))),
    ],
}


@pytest.mark.parametrize("case", [each for kind in KINDS.values() for each in kind])
def test_a_customer_is_certain_only_where_the_evidence_leaves_no_doubt(case: Case) -> None:
    found = certain_match(case.buyer, case.customers, read_vat=read_vat, today=TODAY)
    assert (found.customer.id if found else None) == case.certain


@pytest.mark.parametrize("case", [each for kind in KINDS.values() for each in kind])
def test_the_order_in_exact_decides_nothing(case: Case) -> None:
    found = certain_match(case.buyer, case.customers[::-1], read_vat=read_vat, today=TODAY)
    assert (found.customer.id if found else None) == case.certain


@pytest.mark.parametrize(
    ("first", "second", "fit"),
    [
        ("Hotel De Vijverhof", "Vijverhof Catering", NameFit.OTHER),
        ("Jansen B.V.", "Jansen BV", NameFit.SAME),
        ("Gemeente Gent", "Stad Gent", NameFit.OTHER),
        ("Gemeente Gent", "Gemeente Genk", NameFit.OTHER),
        ("Hotel", "Hotel De Vijverhof", NameFit.OTHER),
        ("Van den Berg Beheer", "Van den Berg", NameFit.OTHER),
        ("", "Jansen", NameFit.OTHER),
        ("Jansen, Piet", "Piet Jansen", NameFit.CLOSE),
        ("Brouwerij Lantaarn", "Brouwerij Lantaren", NameFit.CLOSE),
        ("Café Belga NV", "Cafe Belga SA", NameFit.SAME),
        ("Musuem Boijmans", "Museum Boijmans", NameFit.CLOSE),
        ("Studio 3", "Studio", NameFit.OTHER),
    ],
)
def test_names_fit_alike_in_both_directions(first: str, second: str, fit: NameFit) -> None:
    assert fit_names(first, second) is fit
    assert fit_names(second, first) is fit


def test_a_question_tells_what_speaks_for_and_against_each() -> None:
    guest = buyer("Vijverhof Catering", HOUSE, "NL", city="Ede", email="info@vijverhof.nl")
    hotel = one("Hotel De Vijverhof", HOUSE, "NL", city="Arnhem", email="boek@vijverhof.nl")
    [found] = suggest_customers(guest, [hotel], read_vat=read_vat, today=TODAY)
    assert found.agrees == (Sign.SAME_VAT, Sign.SAME_DOMAIN, Sign.SAME_COUNTRY)
    assert found.contradicts == (Sign.OTHER_NAME, Sign.OTHER_CITY)


def test_what_several_share_is_said_against_each_of_them() -> None:
    twins = [one("Jansen", HOUSE), one("Jansen", HOUSE, id="b")]
    found = suggest_customers(buyer("Jansen", HOUSE), twins, read_vat=read_vat, today=TODAY)
    assert [each.contradicts for each in found] == [(Sign.SHARED_VAT, Sign.SHARED_NAME)] * 2
