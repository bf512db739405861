"""What is sent to Exact."""

import re
from datetime import date
from decimal import Decimal
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.exact import payload
from portal.exact.odata import spell_body
from tests.exact.wire import (
    CUSTOMER_ID,
    ENTRY_ID,
    LEDGER_ID,
    MARKER,
    a_new_customer,
    a_sales_entry,
    a_sales_line,
)

LINE = {
    "GLAccount": LEDGER_ID,
    "AmountFC": Decimal("1000.00"),
    "VATCode": "2  ",
    "VATAmountFC": Decimal("210.00"),
    "Description": "Design",
    "Quantity": Decimal("8.5"),
    "Notes": "[ABCDEFGH]",
}


def test_an_entry_is_spelt_with_its_marker_on_every_line() -> None:
    entry = a_sales_entry(lines=(a_sales_line(), a_sales_line(amount=-5, vat_amount=-1, cost_center="ADM")))
    body = payload.spell_entry(entry, MARKER)
    minus = {"AmountFC": Decimal("-0.05"), "VATAmountFC": Decimal("-0.01"), "CostCenter": "ADM"}
    assert body == {
        "Customer": CUSTOMER_ID,
        "Journal": "70",
        "EntryDate": "2026-01-31",
        "DueDate": "2026-02-14",
        "YourRef": "INV-2026-0042",
        "PaymentReference": "INV-2026-0042",
        "Description": "INV-2026-0042 Project X",
        "Currency": "EUR",
        "SalesEntryLines": [LINE, LINE | minus],
    }
    assert b'"AmountFC":-0.05' in spell_body(body)


def test_rate_and_type_are_sent_only_where_they_are_given() -> None:
    body = payload.spell_entry(a_sales_entry(rate=Decimal("1.0845"), type=21, due_date=None), MARKER)
    assert (body["Rate"], body["Type"]) == (Decimal("1.0845"), 21)
    assert "DueDate" not in body


def test_a_line_without_vat_says_that_there_is_none() -> None:
    body = payload.spell_new_line(ENTRY_ID, a_sales_line(vat_code=None, vat_amount=0), MARKER)
    assert "VATCode" not in body
    assert body["VATAmountFC"] == Decimal("0.00")
    assert body["EntryID"] == ENTRY_ID


def test_a_changed_line_clears_what_went() -> None:
    assert payload.spell_line_change(a_sales_line(), MARKER) == LINE | {"CostCenter": None}


def test_only_changes_are_put() -> None:
    assert payload.spell_entry_change({"due_date": date(2026, 3, 1), "rate": Decimal("1.1")}) == {
        "DueDate": "2026-03-01",
        "Rate": Decimal("1.1"),
    }
    with pytest.raises(KeyError):
        payload.spell_entry_change({"journal": "71"})


def test_a_text_that_the_domain_did_not_cut_is_a_bug() -> None:
    with pytest.raises(ValueError, match="51"):
        payload.spell_entry(a_sales_entry(description="x" * 51), MARKER)
    with pytest.raises(ValueError, match="31"):
        payload.spell_entry(a_sales_entry(your_ref="x" * 31), MARKER)
    with pytest.raises(ValueError, match="61"):
        payload.spell_line_change(a_sales_line(description="x" * 61), MARKER)
    with pytest.raises(ValueError, match="51"):
        payload.spell_entry_change({"description": "x" * 51})


def test_a_customer_is_spelt_without_empty_fields() -> None:
    assert payload.spell_customer(a_new_customer(zipcode="2611 AA")) == {
        "Name": "O'Brien & Zn.",
        "Status": "C",
        "Country": "NL",
        "Postcode": "2611 AA",
        "Remarks": "[ABCDEFGH]",
    }


def test_filters_are_spelt_with_what_is_known() -> None:
    assert payload.filter_entries("A'1", None, None) == "YourRef eq 'A''1'"
    assert payload.filter_entries("A", CUSTOMER_ID, "70") == (
        f"YourRef eq 'A' and Customer eq guid'{CUSTOMER_ID}' and Journal eq '70'"
    )
    assert payload.filter_since(0) == "Timestamp gt 1L"
    assert payload.filter_since(7) == "Timestamp gt 7L"


def terms_of(numbers: list[str]) -> list[list[str]]:
    """Return the references that each search asks for."""
    return [
        [term.replace("''", "'") for term in re.findall(r"YourRef eq '((?:[^']|'')*)'", each)]
        for each in payload.each_reference_filter(numbers)
    ]


def test_many_references_are_asked_for_at_once_and_quoted() -> None:
    (one,) = payload.each_reference_filter(["INV-1", "O'Brien 2", "INV-1"])
    assert one.startswith("YourRef eq 'INV-1' or YourRef eq 'O''Brien 2' or ")


def test_a_reference_is_asked_for_in_both_cases() -> None:
    assert terms_of(["INV-1"]) == [["INV-1", "inv-1"]]
    assert terms_of(["inv-1"]) == [["inv-1", "INV-1"]]
    assert terms_of(["Fac 2"]) == [["Fac 2", "fac 2", "FAC 2"]]
    assert terms_of(["2026-1", "2026-1"]) == [["2026-1"]]
    assert terms_of(["INV-1", "inv-1"]) == [["INV-1", "inv-1"]]


def test_twenty_usual_references_with_letters_fit_into_one_address_in_both_cases() -> None:
    (one,) = terms_of([f"INV2026{at:03}" for at in range(20)])
    assert len(one) == 40


@pytest.mark.parametrize("letter", ["7", "a", "-", "/", "'", " "])
def test_twenty_of_the_longest_references_fit_into_one_address(letter: str) -> None:
    usual = [f"{at:02}{letter * 3}{'0' * 25}" for at in range(20)]
    assert len(list(payload.each_reference_filter(usual))) == 1


@given(st.lists(st.text(min_size=1, max_size=30, alphabet=st.characters(codec="utf-8")), max_size=120))
def test_no_reference_is_left_out_and_no_address_is_too_long(numbers: list[str]) -> None:
    found = [term for each in terms_of(numbers) for term in each]
    assert set(found) >= set(numbers)
    assert {term.casefold() for term in found} == {number.casefold() for number in numbers}
    assert all(len(quote(each)) <= payload.MOST_OF_ADDRESS for each in payload.each_reference_filter(numbers))


def test_no_reference_is_no_question() -> None:
    assert list(payload.each_reference_filter([])) == []
