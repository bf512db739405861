"""What a trial books and how it judges: amounts that tell every reading apart, and rules as values."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.assumptions import ASSUMPTIONS, BY_CODE, Feature, failed_under, features_off
from portal.domain.booking.catalogue import Catalogue
from portal.domain.booking.problems import FIXES
from portal.domain.booking.sales_entry import BookedEntry, BookedLine, SalesEntry
from portal.domain.money import vat_of
from portal.domain.payments.terms import SALES, TERM_MATCHED, TERM_OPEN, Term
from portal.domain.trial import judge as j
from portal.domain.trial.samples import (
    NETS,
    Material,
    Taste,
    choose_material,
    pinned_vats,
    reference_of,
    sample_credit,
    sample_invoice,
)
from portal.domain.trial.verdicts import SEEN, Observation, Verdict, failed_codes, say_seen
from tests.fakes import a_catalogue

DAY = date(2026, 3, 2)
TASTE = Taste(None, None, None, "EUR", False, None)


def material(catalogue: Catalogue | None = None) -> Material:
    """What a small Dutch division lets a trial book with."""
    chosen = choose_material(catalogue or a_catalogue(), TASTE, DAY)
    assert isinstance(chosen, Material)
    return chosen


def booked(sent: SalesEntry) -> BookedEntry:
    """An entry exactly as it was sent."""
    lines = tuple(
        BookedLine(
            str(place),
            line.ledger_id,
            line.amount,
            line.vat_code,
            line.vat_amount,
            line.description,
            None,
            "[ABCDEFGH]",
        )
        for place, line in enumerate(sent.lines)
    )
    return BookedEntry(
        "e", 1, 1, sent.customer_id, sent.journal, sent.entry_date, sent.due_date, sent.your_ref,
        sent.description, sent.currency, sent.gross, sent.vat, 20, 20 if sent.gross > 0 else 21, lines,
    )  # fmt: skip


def term(key: str, amount: int, status: int = TERM_OPEN) -> Term:
    """A receivable term of the entry ``e``."""
    return Term(
        key, 1, "e", "t", SALES, 20, status, "a", amount, amount, 0, "EUR", 0, DAY, DAY, DAY, "", 1, 1,
        "70", False,
    )  # fmt: skip


def verdicts(observations: Sequence[Observation]) -> dict[str, Verdict]:
    """Each observation's verdict."""
    return {each.code: each.verdict for each in observations}


@given(st.integers(1, 4000))
def test_pinned_vat_is_neither_what_lines_nor_what_their_sum_would_have(hundredths: int) -> None:
    percentage = Decimal(hundredths) / 100
    vats = pinned_vats(percentage)
    own = [vat_of(net, percentage) for net in NETS]
    assert list(vats) != own
    assert sum(vats) != vat_of(sum(NETS), percentage)
    assert max(abs(ours - theirs) for ours, theirs in zip(vats, own, strict=True)) == 1


@given(st.integers(-(10**12), 10**12), st.integers(0, 10000))
def test_vat_is_within_half_a_cent_and_mirrors(net: int, hundredths: int) -> None:
    percentage = Decimal(hundredths) / 100
    assert abs(vat_of(net, percentage) - net * percentage / 100) <= Decimal("0.5")
    assert vat_of(-net, percentage) == -vat_of(net, percentage)


def test_texts_of_a_trial_are_as_long_as_the_portal_ever_sends() -> None:
    sent = sample_invoice(material(), "ABCDEFGH", "c")
    assert (len(sent.your_ref), len(sent.description)) == (30, 50)
    assert {len(line.description) for line in sent.lines} == {60}
    assert len({reference_of("ABCDEFGH", place) for place in (1, 2, 3, 4)}) == 4


def test_an_entry_as_it_was_sent_holds_in_everything() -> None:
    sent = sample_invoice(material(), "ABCDEFGH", "c")
    found = booked(sent)
    seen = [*j.judge_entry(sent, found), j.judge_notes(found, "ABCDEFGH"), j.judge_codes(sent, found)]
    assert set(verdicts(seen).values()) == {Verdict.HOLDS}


def test_vat_by_the_sum_is_told_from_vat_by_the_line() -> None:
    sent = sample_invoice(material(), "ABCDEFGH", "c")
    whole = booked(sent)
    by_sum = replace(whole, gross=sum(NETS) + vat_of(sum(NETS), Decimal(21)))
    assert failed_codes(j.judge_entry(sent, by_sum)) == {"vat-rounding"}

    own = [vat_of(net, Decimal(21)) for net in NETS]
    lines = tuple(replace(line, vat_amount=vat) for line, vat in zip(whole.lines, own, strict=True))
    by_line = replace(whole, lines=lines, gross=sum(NETS) + sum(own))
    assert failed_codes(j.judge_entry(sent, by_line)) == {"vat-kept"}


def test_a_credit_note_that_charges_fails() -> None:
    sent = sample_credit(material(), "ABCDEFGH", "c")
    assert failed_codes(j.judge_credit(sent, booked(sent))) == set()
    charged = replace(booked(sent), gross=-sent.gross)
    assert failed_codes(j.judge_credit(sent, charged)) == {"credit-amounts"}
    assert failed_codes(j.judge_credit(sent, replace(booked(sent), type=20))) == {"credit-type"}


GROSS = 7272
SPLITS = {
    "split same row": ([term("a", -1000, TERM_MATCHED), term("b", -6272)], set()),
    "split deleted": ([term("b", -1000, TERM_MATCHED), term("c", -6272)], {"a"}),
    "split new part": ([term("a", -6272), term("b", -1000, TERM_MATCHED)], set()),
    "split whole": ([term("a", -GROSS, TERM_MATCHED)], set()),
}


@pytest.mark.parametrize("way", SPLITS)
def test_each_way_of_splitting_a_term_is_named(way: str) -> None:
    entry = replace(booked(sample_invoice(material(), "ABCDEFGH", "c")), gross=GROSS)
    came, gone = SPLITS[way]
    before = [term("a", -GROSS)]
    seen = j.judge_receipt(entry, before, j.merge_terms(before, came, gone))
    assert (seen.verdict, seen.seen) == (Verdict.HOLDS, way)


def test_a_part_that_vanishes_fails() -> None:
    entry = replace(booked(sample_invoice(material(), "ABCDEFGH", "c")), gross=GROSS)
    before = [term("a", -GROSS)]
    seen = j.judge_receipt(entry, before, j.merge_terms(before, [term("a", -6272)], set()))
    assert seen.verdict == Verdict.FAILS


MISSING = {
    "trial_no_journal": {"journals": ()},
    "trial_no_ledger": {"accounts": ()},
    "trial_no_vat_code": {"vat_codes": ()},
    "trial_no_period": {"periods": ()},
}


@pytest.mark.parametrize("code", MISSING)
def test_what_a_division_lacks_is_said_before_anything_is_booked(code: str) -> None:
    lacking = choose_material(a_catalogue(**MISSING[code]), TASTE, DAY)
    assert isinstance(lacking, tuple)
    assert [problem.code for problem in lacking] == [code]
    closed = choose_material(a_catalogue(), replace(TASTE, books_closed_until=DAY), DAY)
    assert isinstance(closed, tuple)
    assert [problem.code for problem in closed] == ["trial_books_closed"]
    assert code in FIXES


def test_every_feature_rests_on_an_assumption_and_names_it() -> None:
    assert set(features_off(BY_CODE)) == set(Feature)
    assert features_off(()) == ()
    assert len(BY_CODE) == len(ASSUMPTIONS)
    for each in ASSUMPTIONS:
        assert all(each in failed_under(feature, {each.code}) for feature in each.features)
        assert not (each.untried and each.features), "what nobody can try must keep nothing off"


def test_everything_seen_has_its_sentence() -> None:
    sent = sample_invoice(material(), "ABCDEFGH", "c")
    found = booked(sent)
    for seen in (*j.judge_entry(sent, found), *j.judge_credit(sent, found), j.judge_found([found, found])):
        assert say_seen(seen)
    assert all(SEEN.values())
