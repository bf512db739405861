"""Where a customer is for VAT: a table of countries, numbers and divisions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.booking.catalogue import NewCustomer
from portal.domain.booking.invoice import BillTo
from portal.domain.booking.place import Place, Unplaced
from portal.domain.countries import iso_country
from portal.domain.customers.place import MEMBERS, place_of, territory_of
from portal.domain.customers.whereabouts import find_whereabouts
from portal.vat_numbers import read_vat
from tests.domain.builders import a_customer

# country, VAT number, country of the division, place or why it is a question
PLACED: dict[str, tuple[str | None, str | None, str, Place | Unplaced]] = {
    "a Dutch company for a Dutch division": ("Netherlands", "NL001234567B01", "NL", Place.DOMESTIC),
    "without a number at home": ("Nederland", None, "NL", Place.DOMESTIC),
    "a Belgian one for a Belgian division": ("Belgique", "BE0702689972", "BE", Place.DOMESTIC),
    "a German one for a German division": ("Deutschland", "DE136695976", "DE", Place.DOMESTIC),
    "a German company with a number": ("Germany", "DE136695976", "NL", Place.EU_VAT),
    "a bare number of its country": ("Germany", "136695976", "NL", Place.EU_VAT),
    "a German without a number": ("Germany", None, "NL", Place.EU),
    "words instead of a number": ("Germany", "n/a", "NL", Place.EU),
    "a dash instead of a number": ("Germany", "-", "BE", Place.EU),
    "a Greek number begins with EL": ("Greece", "EL094014201", "NL", Place.EU_VAT),
    "Greece by its code in VAT": ("EL", "EL094014201", "NL", Place.EU_VAT),
    "Monaco has French numbers": ("Monaco", "FR40303265045", "NL", Place.EU_VAT),
    "Monaco without a number": ("Monaco", None, "BE", Place.EU),
    "a company in France with a Belgian number": ("France", "BE0702689972", "NL", Place.EU_VAT),
    "the United Kingdom": ("United Kingdom", "GB980780684", "NL", Place.OUTSIDE),
    "Northern Ireland is in the EU for goods only": ("Northern Ireland", "XI980780684", "NL", Place.OUTSIDE),
    "the Isle of Man": ("Isle of Man", None, "NL", Place.OUTSIDE),
    "Jersey": ("Jersey", None, "NL", Place.OUTSIDE),
    "Switzerland with its number": ("Schweiz", "CHE-123.456.788 MWST", "NL", Place.OUTSIDE),
    "Liechtenstein with a Swiss number": ("Liechtenstein", "CHE-123.456.788", "DE", Place.OUTSIDE),
    "Norway": ("Norge", "NO 974760673 MVA", "NL", Place.OUTSIDE),
    "Japan": ("Japan", None, "NL", Place.OUTSIDE),
    "the United States": ("USA", None, "BE", Place.OUTSIDE),
    "San Marino": ("San Marino", None, "NL", Place.OUTSIDE),
    "the Canary Islands with a Spanish number": ("Canary Islands", "ESB12345674", "NL", Place.OUTSIDE),
    "Ceuta": ("Ceuta", None, "NL", Place.OUTSIDE),
    "Åland": ("Åland Islands", None, "NL", Place.OUTSIDE),
    "Réunion with a French number": ("La Réunion", "FR40303265045", "NL", Place.OUTSIDE),
    "Curaçao": ("Curaçao", None, "NL", Place.OUTSIDE),
    "no country": (None, None, "NL", Unplaced.NO_COUNTRY),
    "a number alone does not say where": (None, "DE136695976", "NL", Unplaced.NO_COUNTRY),
    "a country that nobody knows": ("Atlantis", None, "NL", Unplaced.NO_COUNTRY),
    "a division without a country": ("Germany", "DE136695976", "", Unplaced.NO_DIVISION),
    "at home with a foreign number": ("Netherlands", "DE136695976", "NL", Unplaced.OTHER_COUNTRY),
    "abroad with a number of the division's": ("Germany", "NL001234567B01", "NL", Unplaced.OTHER_COUNTRY),
    "outside with a number of the EU": ("Switzerland", "DE136695976", "NL", Unplaced.OTHER_COUNTRY),
    "in the EU with a Swiss number": ("Germany", "CHE-123.456.788", "NL", Unplaced.OTHER_COUNTRY),
    "a number that cannot be read": ("Germany", "DE12", "NL", Unplaced.UNREADABLE),
    "two numbers in one field": ("Germany", "DE136695976, FR40303265045", "NL", Unplaced.UNREADABLE),
}


@pytest.mark.parametrize("kind", PLACED)
def test_a_customer_is_where_country_and_number_say(kind: str) -> None:
    name, number, division, expected = PLACED[kind]
    country = iso_country(name)
    found = place_of(country, read_vat(number, country), division)
    assert (found.place or found.unplaced) == expected
    assert (found.place is None) != (found.unplaced is None)


# country, postcode, territory
TERRITORIES = {
    "Las Palmas": ("ES", "35001", "IC"),
    "Tenerife with a prefix": ("ES", "ES-38002", "IC"),
    "Melilla": ("ES", "52001", "EA"),
    "Madrid": ("ES", "28013", "ES"),
    "Mariehamn": ("FI", "22100", "AX"),
    "Helsinki": ("FI", "00100", "FI"),
    "Réunion": ("FR", "97400", "RE"),
    "Saint-Barthélemy lies in Guadeloupe's numbers": ("FR", "97133", "BL"),
    "Paris": ("FR", "75 001", "FR"),
    "Heligoland": ("DE", "27498", "XH"),
    "Berlin": ("DE", "10115", "DE"),
    "Livigno": ("IT", "23041", "XL"),
    "no postcode": ("ES", None, "ES"),
    "half a postcode": ("ES", "35", "ES"),
    "a Dutch postcode": ("NL", "3511 HA", "NL"),
    "no country": (None, "35001", None),
}


@pytest.mark.parametrize("kind", TERRITORIES)
def test_a_postcode_tells_the_parts_that_are_outside(kind: str) -> None:
    country, postcode, expected = TERRITORIES[kind]
    assert territory_of(country, postcode) == expected


@given(st.sampled_from(MEMBERS.split()), st.sampled_from(["NL", "BE", "DE"]))
def test_a_company_of_the_union_without_a_number_is_at_home_or_in_the_union(
    country: str, division: str
) -> None:
    found = place_of(country, read_vat(None, country), division)
    assert found.place is (Place.DOMESTIC if country == division else Place.EU)


GERMAN = BillTo("Acme", vat="DE136695976", country="Germany")


def test_exacts_record_of_the_customer_counts_before_the_invoice() -> None:
    dutch = a_customer(country="NL", vat_number="NL001234567B01")
    assert find_whereabouts(dutch, GERMAN, "NL", read_vat).place is Place.DOMESTIC
    assert find_whereabouts(None, GERMAN, "NL", read_vat).place is Place.EU_VAT


def test_the_list_is_made_of_exacts_number_so_that_the_invoices_does_not_help() -> None:
    without = a_customer(country="DE", vat_number=None)
    found = find_whereabouts(without, GERMAN, "NL", read_vat)
    assert found.place is Place.EU
    assert not found.has_foreign_number


def test_a_customer_without_a_country_is_where_its_invoice_says() -> None:
    assert find_whereabouts(a_customer(country=None), GERMAN, "NL", read_vat).place is Place.EU


def test_an_invoice_names_the_part_of_a_member_that_exact_does_not_know() -> None:
    spanish = a_customer(country="ES", vat_number="ESB12345674")
    islands = BillTo("Acme", country="Spain", zipcode="35001")
    assert find_whereabouts(spanish, islands, "NL", read_vat).place is Place.OUTSIDE


def test_a_new_customer_is_where_its_form_says() -> None:
    new = NewCustomer("Acme", None, None, None, None, None, None, "10115", "Berlin", "DE")
    assert find_whereabouts(new, None, "NL", read_vat).place is Place.EU
