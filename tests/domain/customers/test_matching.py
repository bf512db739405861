"""Who the buyer is: evidence in words, certainty only without doubt."""

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import partial

import pytest

from portal.domain.booking.catalogue import Customer
from portal.domain.booking.invoice import BillTo
from portal.domain.countries import iso_country
from portal.domain.customers.matching import certain_match as match
from portal.domain.customers.matching import suggest_customers as suggest
from portal.domain.customers.names import legal_form, normalise_name
from portal.domain.customers.new_customer import find_too_long
from portal.domain.customers.new_customer import new_customer_from as prefill
from portal.domain.customers.search import search_customers as search
from portal.domain.customers.signs import Sign
from portal.vat_numbers import read_vat

suggest_customers = partial(suggest, read_vat=read_vat)
search_customers = partial(search, read_vat=read_vat)
new_customer_from = partial(prefill, read_vat=read_vat)


def certain_match(
    bill_to: BillTo, customers: Sequence[Customer], today: date | None = None
) -> Customer | None:
    found = match(bill_to, customers, read_vat=read_vat, today=today)
    return found.customer if found else None


ACME = Customer(
    id="a",
    code="             10010",
    name="Acme Productions B.V.",
    status="C",
    blocked=False,
    ended_on=None,
    vat_number="NL004495445B01",
    chamber_of_commerce=None,
    email="billing@acme.test",
    city="Utrecht",
    country="NL",
    payment_condition="30",
)
ZEBRA = replace(
    ACME,
    id="z",
    code="             20020",
    name="Zèbre & Fils SRL",
    vat_number="BE0403019261",
    email=None,
    city="Liège",
    country="BE",
)
BUYER = BillTo(
    "ACME Productions BV", vat="NL 0044.95.445.B01", city="utrecht", email="x@y.test; billing@ACME.test"
)


def a_customer(**changes: object) -> Customer:
    return replace(ACME, **changes)  # type: ignore[arg-type]  # keyword by keyword, as replace takes them


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Netherlands", "NL"),
        ("the netherlands", "NL"),
        ("NEDERLAND", "NL"),
        ("Pays-Bas", "NL"),
        ("Les Pays Bas", "NL"),
        ("Niederlande", "NL"),
        ("nl", "NL"),
        ("België", "BE"),
        ("Belgie", "BE"),
        ("Belgique", "BE"),
        ("Duitsland", "DE"),
        ("Deutschland", "DE"),
        ("La France", "FR"),
        ("U.K.", "GB"),
        ("United Kingdom", "GB"),
        ("Großbritannien", "GB"),
        ("Grossbritannien", "GB"),
        ("Österreich", "AT"),
        ("Oesterreich", "AT"),
        ("Osterreich", "AT"),
        ("U.S.A.", "US"),
        ("États-Unis d'Amérique", "US"),
        ("Croatia", "HR"),
        ("Česká republika", "CZ"),
        ("IJsland", "IS"),
        (" Luxemburg ", "LU"),
        ("Türkiye", "TR"),
        ("de", "DE"),
        ("", None),
        (None, None),
        ("Utrecht", None),
        ("The", None),
        ("Netherlands Antilles", None),
        ("Korea", None),
        ("Net", None),
        ("ZZ", None),
    ],
)
def test_a_country_is_known_by_its_names_and_never_guessed(name: str | None, code: str | None) -> None:
    assert iso_country(name) == code


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Acme B.V.", "ACME BV"),
        ("Acme B. V.", "acme b v"),
        ("N.V. Bakker", "Bakker NV"),
        ("Müller GmbH & Co. KG", "Muller GmbH Co KG"),
        ("Jansen & Zonen", "Jansen en Zonen"),
        ("Zèbre et Fils SPRL", "Zebre+Fils srl"),
        ("L’Atelier", "L'atelier"),
        ("Straße 7", "Strasse 7"),
    ],
)
def test_names_that_mean_the_same_are_equal(one: str, other: str) -> None:
    assert normalise_name(one) == normalise_name(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Jansen & Co BV", "Jansen BV"), ("Stichting Zwart", "Zwart"), ("AB", "SE"), ("AS Watson", "Watson")],
)
def test_names_that_mean_something_else_differ(one: str, other: str) -> None:
    assert normalise_name(one) != normalise_name(other)


def test_translations_of_a_legal_form_are_one_form() -> None:
    assert legal_form("Zèbre SRL") == legal_form("Zèbre BVBA") == legal_form("BV Zèbre")
    assert legal_form("Zèbre") == frozenset()


def test_all_that_agrees_is_said_in_words() -> None:
    [suggestion] = suggest_customers(BUYER, [ZEBRA, ACME])
    assert suggestion.customer is ACME
    assert suggestion.agrees == (
        Sign.SAME_VAT,
        Sign.SAME_NAME,
        Sign.SAME_EMAIL,
        Sign.SAME_CITY,
        Sign.SAME_COUNTRY,
    )
    assert suggestion.contradicts == ()


@pytest.mark.parametrize(
    ("changes", "doubt"),
    [
        ({"vat_number": "NL344240113B01"}, Sign.OTHER_VAT),
        ({"name": "Acme Productions GmbH", "vat_number": None}, Sign.OTHER_FORM),
        ({"blocked": True}, Sign.BLOCKED),
        ({"status": "P"}, Sign.NOT_A_CUSTOMER),
        ({"ended_on": date(2026, 1, 1)}, Sign.ENDED),
    ],
)
def test_what_contradicts_is_said_and_makes_uncertain(changes: dict[str, object], doubt: str) -> None:
    customer = a_customer(**changes)
    [suggestion] = suggest_customers(BUYER, [customer], today=date(2026, 11, 23))
    assert suggestion.contradicts == (doubt,)
    assert certain_match(BUYER, [customer], today=date(2026, 11, 23)) is None


def test_another_legal_form_is_no_contradiction_only_where_the_vat_number_agrees() -> None:
    other_form = a_customer(name="Acme Productions GmbH")
    assert certain_match(BUYER, [other_form]) is other_form
    assert certain_match(replace(BUYER, vat=None), [replace(other_form, vat_number=None)]) is None


def test_an_end_in_the_future_is_no_contradiction_but_an_unknown_day_is() -> None:
    customer = a_customer(ended_on=date(2027, 1, 1))
    assert certain_match(BUYER, [customer], today=date(2026, 11, 23)) is customer
    assert certain_match(BUYER, [customer]) is None


def test_the_same_vat_number_outweighs_a_better_name() -> None:
    same_vat = a_customer(id="v", name="Something Else", email=None, city=None)
    same_name = a_customer(id="n", vat_number=None)
    order = [each.customer.id for each in suggest_customers(BUYER, [same_name, same_vat])]
    assert order == ["v", "n"]


@pytest.mark.parametrize(
    ("name", "similar"),
    [
        ("Acme Production BV", True),
        ("Acme", True),
        ("Acme Productions Nederland", True),
        ("Zebra", False),
        ("BV", False),
        ("", False),
    ],
)
def test_a_similar_name_is_suggested(name: str, similar: bool) -> None:
    customer = a_customer(name=name, vat_number=None, email=None)
    found = suggest_customers(BUYER, [customer])
    signs = (Sign.SIMILAR_NAME, Sign.SAME_CITY, Sign.SAME_COUNTRY)
    assert [each.agrees for each in found] == ([signs] if similar else [])


def test_another_measure_of_likeness_can_be_given() -> None:
    customer = a_customer(name="Quite different", vat_number=None, email=None, city=None)
    [suggestion] = suggest_customers(BUYER, [customer], score=lambda _one, _other: 0.9)
    assert suggestion.agrees == (Sign.SIMILAR_NAME, Sign.SAME_COUNTRY)


def test_a_city_alone_suggests_nobody() -> None:
    assert suggest_customers(BUYER, [a_customer(name="Zebra", vat_number=None, email=None)]) == []


def test_a_buyer_without_a_usable_name_matches_no_name() -> None:
    nameless = replace(BUYER, name="", vat=None, email=None, city=None)
    assert suggest_customers(nameless, [ACME, a_customer(name="")]) == []


def test_no_more_are_suggested_than_asked_for() -> None:
    many = [a_customer(id=str(number)) for number in range(20)]
    assert len(suggest_customers(BUYER, many)) == 8
    assert len(suggest_customers(BUYER, many, limit=3)) == 3


def test_one_customer_with_the_vat_number_is_certain() -> None:
    assert certain_match(BUYER, [ZEBRA, ACME, a_customer(id="n", vat_number=None)]) is ACME


def test_two_customers_with_the_vat_number_are_never_certain() -> None:
    assert certain_match(BUYER, [ACME, a_customer(id="b", name="Acme Utrecht")]) is None


def test_without_a_vat_number_one_exact_name_is_certain() -> None:
    nameless = a_customer(vat_number=None)
    assert certain_match(replace(BUYER, vat=None), [ZEBRA, nameless]) is nameless


def test_two_exact_names_or_a_similar_one_are_never_certain() -> None:
    without = replace(BUYER, vat=None)
    assert certain_match(without, [ACME, a_customer(id="b")]) is None
    assert certain_match(without, [a_customer(name="Acme Production")]) is None
    assert certain_match(without, []) is None


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("10010", ["a"]),
        ("100", ["a"]),
        ("acme", ["a"]),
        ("prod acme", ["a"]),
        ("roductions", ["a"]),
        ("zebre liege", ["z"]),
        ("utr", ["a"]),
        ("0403.019.26", ["z"]),
        ("BE 0403.019.261", ["z"]),
        ("be0403019261", ["z"]),
        ("be 0403019261", ["z"]),
        ("acme liege", []),
        ("b01", ["a"]),
        ("nl", ["a"]),
        ("  ", []),
    ],
)
def test_customers_are_found_by_parts_of_code_name_vat_and_city(query: str, found: list[str]) -> None:
    assert [each.id for each in search_customers(query, [ZEBRA, ACME], 10)] == found


def test_a_letter_in_the_middle_of_a_vat_number_finds_nobody() -> None:
    assert search_customers("b", [a_customer(name="Acme")]) == []


def test_the_best_hit_comes_first_and_a_blocked_one_after_its_like() -> None:
    by_city = a_customer(id="city", name="Other", city="Acmeville", code="3")
    blocked = a_customer(id="blocked", blocked=True, code="1")
    inside = a_customer(id="word", name="The Acme", code="4")
    by_code = a_customer(id="code", name="Zed", code="acme")
    hits = search_customers("acme", [by_city, blocked, inside, ACME, by_code], 10)
    assert [each.id for each in hits] == ["code", "a", "blocked", "word", "city"]
    assert len(search_customers("acme", hits, 2)) == 2


def test_a_new_customer_is_prefilled_from_the_buyer() -> None:
    buyer = BillTo(
        "Acme  Productions B.V.",
        vat="0044.95.445.B01",
        email=" billing@acme.test ",
        address="Dorpsstraat 1,\r\n\nbis ",
        city="Utrecht",
        zipcode="3511 AA",
        country="The Netherlands",
        phone="",
    )
    customer = new_customer_from(buyer)
    assert customer.name == "Acme Productions B.V."
    assert customer.vat_number == "NL004495445B01"
    assert (customer.country, customer.email) == ("NL", "billing@acme.test")
    assert (customer.address, customer.phone) == ("Dorpsstraat 1, bis", None)
    assert find_too_long(customer) == {}


def test_a_name_too_long_for_exact_is_reported_and_not_cut() -> None:
    customer = new_customer_from(BillTo("X" * 51, country="Atlantis"))
    assert customer.name == "X" * 51
    assert find_too_long(customer) == {"name": 50}
    assert (customer.country, customer.vat_number, customer.address) == (None, None, None)


def test_twenty_thousand_customers_are_weighed_while_a_person_waits() -> None:
    many = [
        a_customer(
            id=str(number), name=f"Customer {number} Group", vat_number=f"NL{number:09}B01", email=None
        )
        for number in range(20_000)
    ]
    begun = time.process_time()
    assert certain_match(BUYER, [*many, ACME]) is not None
    suggest_customers(BUYER, many)
    search_customers("group 1999", many)
    assert time.process_time() - begun < 8
