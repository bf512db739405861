"""Entries of somebody else's under an invoice's number: found, told apart, and named."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.copies.failures import Cause, Remedy, class_of, may_retry
from portal.domain.copies.strangers import (
    HeldEntry,
    find_strangers,
    is_stranger,
    judge_stranger,
    name_stranger,
    reference_key,
    share_out,
)
from tests.telling import told

ENTRY = HeldEntry(
    id="entry-1",
    entry_number=26700009,
    your_ref="2026-105",
    journal="70",
    entry_date=date(2026, 3, 2),
    customer_id="acme",
    currency="EUR",
    gross=12100,
)

# A number in Productive, and the reference under which a bookkeeper wrote the same one in Exact.
SAME = [
    ("2026-105", "2026-105"),
    ("2026-105", "2026-105   "),
    ("2026-105", " 2026-105"),
    ("INV-2026/7", "inv-2026/7"),
    ("inv-7", "INV-7"),
    ("Rechnung 7", "RECHNUNG 7"),
    ("FAC 2026 7", "FAC 20267"),
    ("Numéro 7", "NUMERO 7"),
    ("O'Brien-7", "o'brien-7"),
]
OTHER = [
    ("2026-105", "2026-1050"),
    ("2026-105", "2026-10"),
    ("2026-105", "2026105"),
    ("2026-105", ""),
    ("INV-7", "INV-07"),
    ("INV-7", "INV_7"),
]


@pytest.mark.parametrize(("number", "reference"), SAME)
def test_a_reference_that_a_database_takes_for_the_number_is_it(number: str, reference: str) -> None:
    found = replace(ENTRY, your_ref=reference)
    assert share_out([number, "another"], [found]) == {number: [found], "another": []}


@pytest.mark.parametrize(("number", "reference"), OTHER)
def test_a_reference_that_only_looks_alike_is_another(number: str, reference: str) -> None:
    assert reference_key(number) != reference_key(reference)


def test_what_answers_to_no_number_counts_under_all_that_were_asked_for() -> None:
    odd = replace(ENTRY, your_ref="?")
    assert share_out(["1", "2"], [odd]) == {"1": [odd], "2": [odd]}


@given(
    numbers=st.lists(st.text(min_size=1, max_size=30), min_size=1, max_size=20, unique=True),
    references=st.lists(st.text(max_size=30), max_size=20),
)
def test_nothing_that_was_found_is_lost(numbers: list[str], references: list[str]) -> None:
    found = [replace(ENTRY, id=str(at), your_ref=text) for at, text in enumerate(references)]
    shared = share_out(numbers, found)
    assert set(shared) == set(numbers)
    assert {entry.id for entries in shared.values() for entry in entries} == {one.id for one in found}


def test_only_what_is_neither_linked_nor_set_aside_is_a_stranger() -> None:
    held = [replace(ENTRY, id=each, entry_number=at) for at, each in enumerate("dcba")]
    left = find_strangers(held, linked={"b"}, set_aside={"d"})
    assert [entry.id for entry in left] == ["c", "a"]


@pytest.mark.parametrize(
    ("changes", "code", "said"),
    [
        ({}, Cause.STRANGER, "Customer and total are this invoice's. Link it"),
        ({"gross": 12101}, "entry_stranger_total", "The customer is this invoice's, the total is not."),
        ({"gross": -12100}, "entry_stranger_total", "the total is not"),
        ({"currency": "USD"}, "entry_stranger_total", "121.00 USD"),
        ({"customer_id": "bolt"}, "entry_stranger_customer", "the customer is not"),
        ({"customer_id": None}, "entry_stranger_customer", "the customer is not"),
        ({"customer_id": "bolt", "gross": 1}, "entry_stranger_both", "Neither customer nor total"),
        ({"gross": None}, "entry_stranger_total", "Acme BV, ?, journal 70"),
        ({"entry_date": None}, Cause.STRANGER, "121.00 EUR, journal 70, ?."),
        ({"journal": " 75"}, Cause.STRANGER, "journal 75, 2026-03-02."),
    ],
)
def test_a_stranger_is_named_with_what_agrees(changes: dict[str, object], code: str, said: str) -> None:
    entry = replace(ENTRY, **changes)  # type: ignore[arg-type] # the table's values are of many types
    judged = judge_stranger(entry, customer_id="acme", customer="Acme BV", gross=12100, currency="EUR")
    problem = name_stranger(judged)
    assert problem.code == code
    assert told(problem.said).startswith("Entry 26700009 in Exact already carries 2026-105")
    assert said in told(problem.said)
    assert is_stranger(problem)


def test_without_a_customer_chosen_none_agrees() -> None:
    judged = judge_stranger(
        replace(ENTRY, customer_id=None), customer_id=None, customer="", gross=12100, currency="EUR"
    )
    assert not judged.same_customer


def test_a_copy_that_was_refused_for_one_may_be_retried_once_a_person_chose() -> None:
    assert (class_of(Cause.STRANGER), may_retry(Cause.STRANGER)) == (Remedy.CHOICE, True)
