"""A buyer is found among those who may be it, exactly as among all customers."""

from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from portal.actions.customers.finder import names_near, score_names
from portal.domain.booking.catalogue import Customer
from portal.domain.booking.invoice import BillTo
from portal.domain.customers.directory import Directory
from portal.domain.customers.matching import certain_match, suggest_customers
from portal.vat_numbers import read_vat

TODAY = date(2026, 11, 23)
WORDS = (
    "Brouwerij brouwerij Studio studios Gent Ghent De de Müller Mueller en & A 4 IT X9 été BV NV GmbH B.V."
)
VATS = (
    None,
    "",
    "BE0776091951",
    "BE 0776.091.951",
    "0776091951",
    "NL820646660B01",
    "DE136695976",
    "x 1",
    "12345",
)
REGISTERS = (None, "", "0776.091.951", "12345678", "012345678", "000")
EMAILS = (
    None,
    "",
    "a@gent.be",
    "A@Gent.be; b@gent.be",
    "info@gmail.com",
    "x@gmail.com",
    "b@studio.nl",
    "nobody",
)
CITIES = (None, "Gent", "gent", "Breda")
COUNTRIES = (None, "", "BE", "NL", "België", "Atlantis")


def names() -> st.SearchStrategy[str]:
    words = st.lists(st.sampled_from(WORDS.split()), max_size=4).map(" ".join)
    return words | st.text("abé 1-.&", max_size=8) | st.text(max_size=5)


def shared() -> dict[str, Any]:
    return {
        "name": names(),
        "email": st.sampled_from(EMAILS),
        "city": st.sampled_from(CITIES),
        "country": st.sampled_from(COUNTRIES),
    }


def customers() -> st.SearchStrategy[list[Customer]]:
    one = st.fixed_dictionaries(
        {
            **shared(),
            "vat_number": st.sampled_from(VATS),
            "chamber_of_commerce": st.sampled_from(REGISTERS),
            "status": st.sampled_from(("C", "S")),
            "blocked": st.booleans(),
        }
    )
    many = st.lists(one, max_size=12)
    return many.map(lambda rows: [a_customer(at, row) for at, row in enumerate(rows)])


def a_customer(at: int, row: dict[str, Any]) -> Customer:
    return Customer(id=f"c{at}", code=str(at), ended_on=None, payment_condition=None, **row)


def buyers() -> st.SearchStrategy[BillTo]:
    given = st.fixed_dictionaries({**shared(), "vat": st.sampled_from(VATS)})
    nothing: dict[str, Any] = dict.fromkeys(("phone", "website", "address", "state", "zipcode"))
    return given.map(lambda row: BillTo(**nothing, **row))


@settings(max_examples=300)
@given(customers(), buyers())
def test_what_is_suggested_is_the_same_among_the_likely_and_among_all(
    every: list[Customer], buyer: BillTo
) -> None:
    some = Directory(every, near=names_near, read_vat=read_vat).likely(buyer)

    assert certain_match(buyer, some, read_vat=read_vat, today=TODAY) == certain_match(
        buyer, every, read_vat=read_vat, today=TODAY
    )
    assert suggest_customers(
        buyer, some, 100, score_names, read_vat=read_vat, today=TODAY
    ) == suggest_customers(buyer, every, 100, score_names, read_vat=read_vat, today=TODAY)


def test_who_has_only_the_city_in_common_is_not_weighed() -> None:
    rows = [{"name": f"Bakkerij {at}", "city": "Gent", "email": None, "country": "BE"} for at in range(50)]
    rows.append({"name": "Studio Zes", "city": "Breda", "email": "b@studio.nl", "country": "NL"})
    plain = {"vat_number": None, "chamber_of_commerce": None, "status": "C", "blocked": False}
    every = [a_customer(at, {**plain, **row}) for at, row in enumerate(rows)]
    nothing: dict[str, Any] = dict.fromkeys(("vat", "phone", "website", "address", "state", "zipcode"))
    buyer = BillTo(name="Studio Zes NV", city="Gent", email=None, country="BE", **nothing)

    directory = Directory(every, near=names_near, read_vat=read_vat)
    assert [each.name for each in directory.likely(buyer)] == ["Studio Zes"]
