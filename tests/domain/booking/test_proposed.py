"""What a person chose is never proposed anew, and what is proposed always is."""

from dataclasses import fields, replace

from hypothesis import given
from hypothesis import strategies as st

from portal.domain.booking.catalogue import NewCustomer
from portal.domain.booking.invoice import BillTo
from portal.domain.booking.mapping import Choices
from portal.domain.booking.proposed import BOOKING_DATE, CUSTOMER, JOURNAL, LEDGER, VAT, find_renewed, reopen
from portal.domain.customers.new_customer import (
    NEW_CUSTOMER,
    new_customer_from,
    prefill_again,
    stands_as_proposed,
)
from portal.vat_numbers import read_vat

RATES = ("39", "40", "41")
PLACES = (CUSTOMER, JOURNAL, LEDGER, BOOKING_DATE, *(f"{VAT}{rate}" for rate in RATES))
WHOLE = Choices(
    customer_id="c1",
    journal="70",
    ledger="8000",
    booking_date="2026-03-01",
    vat_codes=dict.fromkeys(RATES, "2"),
    line_ledgers={"1": "8001"},
    cost_centers={"1": "A"},
    confirmed=("journal_for_sales",),
)


@given(st.sets(st.sampled_from(PLACES)))
def test_exactly_what_was_proposed_is_left_open(proposed: set[str]) -> None:
    left = reopen(WHOLE, proposed)
    open_rates = {place.removeprefix(VAT) for place in proposed if place.startswith(VAT)}
    names = {"customer_id": CUSTOMER, "journal": JOURNAL, "ledger": LEDGER, "booking_date": BOOKING_DATE}

    for name, place in names.items():
        assert getattr(left, name) == (None if place in proposed else getattr(WHOLE, name))

    assert set(left.vat_codes) == set(RATES) - open_rates
    others = {each.name for each in fields(Choices)} - {*names, "vat_codes"}
    assert all(getattr(left, name) == getattr(WHOLE, name) for name in others)


BUYER = BillTo("Acme", vat="0403.170.701", country="Netherlands", city="Gent", zipcode="9000")
TEXTS = st.dictionaries(st.sampled_from(NEW_CUSTOMER), st.text("abc", min_size=1, max_size=4))


@given(TEXTS)
def test_a_field_of_a_new_customer_that_a_person_changed_stays(by_hand: dict[str, str]) -> None:
    made = new_customer_from(BUYER, read_vat)
    filled = replace(made, **by_hand)
    proposed = stands_as_proposed(filled, BUYER, read_vat)

    again = prefill_again(filled, replace(BUYER, city="Brugge"), proposed, read_vat)

    for name, text in by_hand.items():
        if getattr(made, name) != text:
            assert getattr(again, name) == text
    if "city" not in by_hand:
        assert again.city == "Brugge"


# the country that a person writes, the VAT number that is proposed with it
COUNTRIES = {
    "BE": "BE0403170701",
    "be": "BE0403170701",
    "Belgium": "BE0403170701",
    "België": "BE0403170701",
    "NL": None,
    "US": None,
    "": None,
}


def test_a_vat_number_follows_the_country_that_a_person_writes() -> None:
    made = new_customer_from(BUYER, read_vat)
    before = stands_as_proposed(made, BUYER, read_vat)
    for country, number in COUNTRIES.items():
        filled = replace(made, country=country)
        proposed = {name: text for name, text in before.items() if (getattr(filled, name) or "") == text}
        again = prefill_again(filled, BUYER, proposed, read_vat)
        assert (country, again.vat_number) == (country, number)
        assert again.country == country


def test_only_what_is_another_proposal_now_was_renewed() -> None:
    assert find_renewed({"ledger": "1", "journal": "2", "name": ""}, {"ledger": "1", "journal": "3"}) == {
        "journal": ("2", "3")
    }


def test_every_field_of_a_new_customer_is_proposed_but_the_marker() -> None:
    assert {*NEW_CUSTOMER, "remarks"} == set(NewCustomer.__slots__)
