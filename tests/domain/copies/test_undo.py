"""When an entry may be deleted, and what its credit entry is."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from portal.domain.booking.draft import Policy
from portal.domain.booking.mapping import Choices
from portal.domain.booking.sales_entry import BookedEntry
from portal.domain.copies.credit import Credit, draft_credit
from portal.domain.copies.undo import fingerprint_of, may_delete, paid_of
from tests.domain.builders import a_booking, a_term
from tests.domain.copies.test_change import NOVEMBER
from tests.fakes import OLD_REVENUE, REVENUE, a_catalogue, a_division

PAID_ON = date(2026, 11, 9)
CHOSEN = Choices(booking_date="2026-11-10")


def ours(**changes: Any) -> BookedEntry:
    """Return an entry that carries our marker."""
    entry = a_booking()
    lines = tuple(replace(line, notes="[ABCDEFGH]", ledger_id=REVENUE) for line in entry.lines)
    return replace(entry, **{"lines": lines, "journal": "70", **changes})


@pytest.mark.parametrize(
    ("change", "terms", "given", "expected"),
    [
        ({}, [], {}, None),
        ({}, [a_term(12100)], {}, None),
        ({"lines": ()}, [], {}, "entry_not_ours"),
        ({"status": 50}, [a_term(12100, on=PAID_ON)], {}, "entry_processed"),
        ({}, [a_term(5000, on=PAID_ON), a_term(7100)], {"paid_before": True}, "entry_paid"),
        ({}, [a_term(12100, status=30)], {}, "entry_in_collection"),
        ({}, [a_term(12100, status=40)], {}, "entry_in_collection"),
        ({}, [a_term(12100)], {"paid_before": True}, "entry_paid_before"),
        ({}, [a_term(12100)], {"payments_kept": True}, "payment_kept"),
        ({}, [], {"books_closed_until": date(2026, 11, 2)}, "entry_closed"),
        ({"entry_date": date(2026, 10, 31)}, [], {}, "period_missing"),
    ],
)
def test_an_entry_is_deleted_only_while_nothing_stands_on_it(
    change: dict[str, Any], terms: list[Any], given: dict[str, Any], expected: str | None
) -> None:
    usual: dict[str, Any] = {"paid_before": False, "payments_kept": False, "books_closed_until": None}
    found = may_delete(ours(**change), terms, periods=NOVEMBER, **(usual | given))
    assert (found.code if found else None) == expected


def test_what_is_paid_adds_up_the_settled_terms() -> None:
    assert paid_of([a_term(5000, on=PAID_ON), a_term(7100)]) == 5000


def test_a_fingerprint_sees_every_field_but_the_state_and_the_order_of_lines() -> None:
    entry = ours()
    same = replace(entry, status=50, lines=tuple(reversed(entry.lines)))
    assert fingerprint_of(same) == fingerprint_of(entry)
    for change in ({"gross": 1}, {"entry_date": PAID_ON}, {"lines": entry.lines[:-1]}, {"customer_id": "x"}):
        assert fingerprint_of(replace(entry, **change)) != fingerprint_of(entry)


def drafted(entry: BookedEntry, choices: Choices = CHOSEN, **given: Any) -> Credit:
    usual: dict[str, Any] = {"catalogue": a_catalogue(), "division": a_division(), "policy": Policy()}
    return draft_credit(entry, choices, number="2026-0042", **(usual | given))


def test_the_credit_turns_each_amount_and_keeps_the_rest() -> None:
    entry = ours()
    credit = drafted(entry).entry
    assert credit
    assert (credit.gross, credit.vat, credit.net) == (-entry.gross, -entry.vat, entry.vat - entry.gross)
    assert [(line.ledger_id, line.vat_code, line.amount) for line in credit.lines] == [
        (line.ledger_id, line.vat_code, -line.amount) for line in entry.lines
    ]
    assert (credit.your_ref, credit.customer_id) == (entry.your_ref, entry.customer_id)
    assert (credit.entry_date, credit.rate, credit.type) == (date(2026, 11, 10), None, None)


@pytest.mark.parametrize(
    ("gross", "chosen", "expected"), [(12100, None, "71"), (-12100, None, "70"), (12100, "70", "70")]
)
def test_the_journal_is_the_chosen_one_else_that_of_credit_notes_for_what_becomes_one(
    gross: int, chosen: str | None, expected: str
) -> None:
    choices = replace(CHOSEN, journal=chosen)
    assert drafted(ours(gross=gross), choices, policy=Policy(credit_journal="71")).journal == expected


def test_type_21_is_sent_only_where_that_is_set_and_a_credit_note_results() -> None:
    policy = Policy(send_credit_type=True)
    types = [drafted(ours(gross=gross), policy=policy).entry for gross in (12100, -12100)]
    assert [entry.type for entry in types if entry] == [21, None]


def test_an_entry_without_a_reference_gets_the_invoices_number_and_texts_are_cut() -> None:
    entry = ours(your_ref=" ", description="x" * 60)
    entry = replace(entry, lines=tuple(replace(line, description="y" * 80) for line in entry.lines))
    credit = drafted(entry).entry
    assert credit
    assert (credit.your_ref, len(credit.description)) == ("2026-0042", 50)
    assert {len(line.description) for line in credit.lines} == {60}


def test_foreign_currency_takes_the_entrys_rate_where_the_journal_lets_it() -> None:
    entry = ours(currency="USD", rate=Decimal("0.91"))
    catalogue = a_catalogue()
    fixed = tuple(replace(journal, any_rate=False) for journal in catalogue.journals)
    sent = drafted(entry)
    own = drafted(entry, catalogue=a_catalogue(journals=fixed))
    assert sent.entry
    assert own.entry
    assert (sent.entry.rate, sent.notes) == (Decimal("0.91"), ())
    assert own.entry.rate is None
    assert "an exchange difference may stay" in own.notes[0]


def blocked() -> BookedEntry:
    entry = ours()
    return replace(entry, lines=tuple(replace(line, ledger_id=OLD_REVENUE) for line in entry.lines))


@pytest.mark.parametrize(
    ("entry", "choices", "given", "expected"),
    [
        (ours(), Choices(booking_date="soon"), {}, "booking_date_invalid"),
        (ours(), Choices(), {}, "booking_date_invalid"),
        (ours(), Choices(booking_date="2019-01-01"), {}, "period_missing"),
        (ours(), CHOSEN, {"policy": Policy(books_closed_until=date(2026, 11, 10))}, "books_closed"),
        (ours(), replace(CHOSEN, journal="99"), {}, "journal_unknown"),
        (ours(), replace(CHOSEN, journal="72"), {}, "journal_blocked"),
        (blocked(), CHOSEN, {}, "credit_blocked"),
    ],
)
def test_what_is_in_the_way_is_a_problem(
    entry: BookedEntry, choices: Choices, given: dict[str, Any], expected: str
) -> None:
    credit = drafted(entry, choices, **given)
    assert (credit.entry, [problem.code for problem in credit.problems]) == (None, [expected])


def test_a_journal_of_one_currency_and_a_blocked_vat_code_are_problems() -> None:
    catalogue = a_catalogue()
    codes = tuple(replace(code, blocked=True) for code in catalogue.vat_codes)
    journals = tuple(replace(journal, any_currency=False) for journal in catalogue.journals)
    found = drafted(ours(currency="USD"), catalogue=a_catalogue(journals=journals, vat_codes=codes))
    assert {problem.code for problem in found.problems} == {"journal_currency", "credit_blocked"}
