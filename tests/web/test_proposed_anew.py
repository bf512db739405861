"""What the dialog only proposed is proposed anew with each answer, and what a person chose stays."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

import pytest
from bs4 import BeautifulSoup, Tag
from werkzeug.datastructures import MultiDict

from portal.domain.booking.invoice import BillTo
from portal.domain.booking.mapping import MappingKind
from portal.domain.booking.place import Place
from portal.domain.booking.proposed import reopen
from portal.store.catalogue import keep_customers
from portal.store.customer_links import CustomerLinkRow
from portal.store.mappings import MappingRow
from portal.web.copies.forms import read_answers
from tests.conftest import SignedIn
from tests.fakes import OTHER_REVENUE, REVENUE, a_customer
from tests.pages import CheckingClient, read_page, seen
from tests.web.invoices import House, form_of, only

COPY = "/invoices/105/copy"

# what the form sends, the VAT codes that count as chosen
FORMS: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "another customer, shown only": ({"pick": "c2", "vat-39": "7", "shown-vat-39": "7"}, {}),
    "another customer, nothing mapped for the first": ({"pick": "c2", "vat-39": "", "shown-vat-39": ""}, {}),
    "another customer, chosen": ({"pick": "c2", "vat-39": "6", "shown-vat-39": "7"}, {"39": "6"}),
    "another customer, chosen before": ({"pick": "c2", "vat-39": "6"}, {"39": "6"}),
    "a new customer": ({"mode": "new", "vat-39": "7", "shown-vat-39": "7"}, {}),
    "the same customer": ({"vat-39": "7", "shown-vat-39": "7"}, {}),
    "another country": ({"new-country": "DE", "vat-39": "7", "shown-vat-39": "7"}, {}),
    "another country, chosen": ({"new-country": "DE", "vat-39": "6", "shown-vat-39": "7"}, {"39": "6"}),
    "one of two rates chosen": (
        {"vat-39": "7", "shown-vat-39": "7", "vat-40": "6", "shown-vat-40": "7"},
        {"40": "6"},
    ),
    "cleared for the same customer": ({"vat-39": "", "shown-vat-39": "7"}, {"39": ""}),
}


@pytest.mark.parametrize("kind", FORMS)
def test_only_what_a_person_chose_goes_along(kind: str) -> None:
    form, chosen = FORMS[kind]
    answers = read_answers(MultiDict(form))
    assert answers.choices is not None
    assert reopen(answers.choices, answers.proposed).vat_codes == chosen


@pytest.fixture
def client(house: House, signed_in: SignedIn, nudges: list[tuple[str, str]]) -> CheckingClient:
    return signed_in("finance")


BUYER = BillTo("Neue Firma", vat=None, country="Netherlands", city="Utrecht")


def split(house: House) -> None:
    """Let the rate have a code at home, one in the EU, and none elsewhere."""
    house.connection.division_country = "NL"
    for place, target in ((Place.DOMESTIC, "2  "), (Place.EU, "1  "), (Place.EU_VAT, "1  ")):
        house.session.add(
            MappingRow(
                connection_id=house.connection_id,
                kind=MappingKind.TAX,
                source_id="high",
                target=target,
                set_by="Ada",
                set_at=house.connection.created_at,
                place=place,
            )
        )
    house.session.commit()


def a_new_customer(client: CheckingClient, house: House, buyer: BillTo = BUYER) -> dict[str, str]:
    """Open the dialog and turn to a new customer. Return its form."""
    house.session.query(CustomerLinkRow).delete()
    house.session.commit()
    house.add(bill_to=buyer)
    form = form_of(seen(client.htmx(COPY))) | {"mode": "new"}
    return form_of(seen(client.htmx(f"{COPY}/customer", "POST", data=form)))


def inside(box: Tag) -> dict[str, str]:
    """Return what a browser would submit of a part that takes its place in the dialog."""
    return form_of(read_page(f'<form id="copy-form">{box}</form>'))


def preview(client: CheckingClient, form: dict[str, str]) -> BeautifulSoup:
    return read_page(client.htmx(f"{COPY}/preview", "POST", data=form).text)


def test_a_corrected_country_proposes_its_vat_code(client: CheckingClient, house: House) -> None:
    split(house)
    form = a_new_customer(client, house)
    assert form["vat-high"] == "2  "

    answer = preview(client, form | {"new-country": "DE"})

    [box] = answer.select("#copy-vat-1-box[hx-swap-oob]")
    assert inside(box)["vat-high"] == "1  "
    assert inside(box)["shown-vat-high"] == "1  "


def test_a_chosen_code_stays_when_the_country_is_corrected_and_is_checked(
    client: CheckingClient, house: House
) -> None:
    split(house)
    form = a_new_customer(client, house) | {"vat-high": "0  "}
    before = preview(client, form)
    answer = preview(client, form | {"new-country": "DE"})
    for page in (before, answer):
        assert not page.select("#copy-vat-1-box")
        assert only(page, "#copy-vat-1-error").text


def test_what_a_person_did_not_see_is_not_booked_without_script_either(
    client: CheckingClient, house: House
) -> None:
    split(house)
    form = a_new_customer(client, house) | {"new-country": "DE"}

    refused = client.htmx(COPY, "POST", data=form)

    page = read_page(refused.text)
    assert refused.status_code == 422
    assert "1 is proposed here now instead of 2" in only(page, "#copy-vat-1-error").text
    assert form_of(page)["vat-high"] == "1  "
    assert not house.row().latest_copy_id


@dataclass(frozen=True)
class Kind:
    """Something that changes while a dialog is open: what it changes, and what is proposed then."""

    change: Callable[[House], None]
    name: str
    becomes: str


def _remap(house: House) -> None:
    house.session.query(MappingRow).filter_by(source_id="high").one().target = "1  "


def _default_ledger(house: House) -> None:
    house.connection.default_ledger = OTHER_REVENUE


def _journal(house: House) -> None:
    house.connection.default_journal = "71"


def _date(house: House) -> None:
    house.row().invoiced_on = date(2026, 3, 3)


def _link(house: House) -> None:
    other = house.ledger.add_customer(a_customer("Other BV"))
    link = house.session.query(CustomerLinkRow).one()
    keep_customers(house.session, house.connection_id, [replace(other, id="other")])
    link.customer_id = "other"


KINDS = {
    "the mapping of the rate": Kind(_remap, "vat-high", "1  "),
    "the default ledger": Kind(_default_ledger, "ledger", OTHER_REVENUE),
    "the default journal": Kind(_journal, "journal", "71"),
    "the date of the invoice": Kind(_date, "booking_date", "2026-03-03"),
    "the customer of the company": Kind(_link, "customer", "other"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_each_proposal_is_made_anew_when_what_it_follows_from_changes(
    client: CheckingClient, house: House, kind: str
) -> None:
    changed = KINDS[kind]
    house.connection.default_ledger = REVENUE
    house.session.commit()
    house.add()
    form = form_of(seen(client.htmx(COPY)))
    chosen = form | {changed.name: "9"}

    house.session.expire_all()
    changed.change(house)
    house.session.commit()
    answer = preview(client, form)
    stays = preview(client, chosen)
    refused = client.htmx(COPY, "POST", data=form)

    [box] = [
        each for each in answer.select("[hx-swap-oob]") if each.select(f"input[name='shown-{changed.name}']")
    ]
    assert inside(box)[changed.name] == inside(box)[f"shown-{changed.name}"] == changed.becomes
    assert not stays.select(f"input[name='shown-{changed.name}']")
    assert refused.status_code == 422
    assert "what it follows from has changed" in refused.text
    assert form_of(read_page(refused.text))[changed.name] == changed.becomes


def test_a_vat_number_without_its_letters_is_read_by_the_corrected_country(
    client: CheckingClient, house: House
) -> None:
    form = a_new_customer(client, house, BillTo("Brouwerij", vat="0403.170.701", country="Netherlands"))
    assert form["new-vat_number"] == ""

    answer = preview(client, form | {"new-country": "BE"})

    [box] = answer.select("#copy-new-vat_number-box[hx-swap-oob]")
    assert inside(box)["new-vat_number"] == "BE0403170701"
    by_hand = preview(client, form | {"new-country": "BE", "new-vat_number": "BE0202239951"})
    assert not by_hand.select("#copy-new-vat_number-box")
