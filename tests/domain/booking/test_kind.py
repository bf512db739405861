"""Kind, sign and journal agree, or a person is told or asked."""

from dataclasses import replace
from decimal import Decimal

import pytest

from portal.domain.booking.draft import Policy
from portal.domain.booking.invoice import Invoice
from portal.domain.booking.kind import check_turn, choose_credit_journal
from portal.domain.booking.mapping import Choices
from portal.domain.booking.problems import FIXES
from tests.domain.builders import (
    a_booking,
    a_draft,
    a_journal,
    an_entry,
    an_entry_line,
    an_invoice,
    codes_of,
    some_lines,
)
from tests.kinds.sign import SIGNS, SignCase


def the_invoice(case: SignCase) -> Invoice:
    lines = some_lines(*((net, round(net * Decimal("0.21"))) for net in case.nets))
    return an_invoice(kind=case.kind, lines=lines)


@pytest.mark.parametrize("case", SIGNS, ids=lambda case: case.name)
def test_kind_sign_and_journal_agree_or_a_person_is_asked(case: SignCase) -> None:
    policy = Policy(default_journal=case.default, credit_journal=case.credit)
    draft = a_draft(the_invoice(case), policy=policy, choices=Choices(journal=case.journal))
    assert codes_of(draft) == list(case.expected)
    assert (draft.entry is None) == bool(case.expected)


@pytest.mark.parametrize("case", SIGNS, ids=lambda case: case.name)
def test_a_question_is_answered_and_a_contradiction_is_not(case: SignCase) -> None:
    policy = Policy(default_journal=case.default, credit_journal=case.credit)
    choices = Choices(journal=case.journal, confirmed=tuple(FIXES))
    draft = a_draft(the_invoice(case), policy=policy, choices=choices)
    asked = [code for code in case.expected if FIXES[code] == "confirm"]
    assert [question.code for question in draft.confirmed] == asked
    assert codes_of(draft) == [code for code in case.expected if code not in asked]


def test_only_the_question_that_was_answered_is_gone() -> None:
    invoice = replace(an_invoice(), amount_with_tax=-12100)
    draft = a_draft(invoice, choices=Choices(confirmed=("journal_for_sales",)))
    assert "invoice_gives_back" in codes_of(draft)


@pytest.mark.parametrize(
    ("gross", "journal", "type_", "policy", "chosen"),
    [
        (12100, "70", 20, Policy(default_journal="70", credit_journal="71"), "71"),
        (12100, "70", 20, Policy(default_journal="70"), "70"),
        (-12100, "71", 21, Policy(default_journal="70", credit_journal="71"), "70"),
        (-12100, "71", 20, Policy(default_journal="70", credit_journal="71"), "70"),
        (-12100, "70", 20, Policy(default_journal="70", credit_journal="71"), "70"),
        (-12100, "71", 21, Policy(credit_journal="71"), "71"),
        (-12100, "71", 21, Policy(default_journal="70"), "70"),
    ],
)
def test_what_takes_an_entry_back_goes_to_the_journal_of_its_sign(
    gross: int, journal: str, type_: int, policy: Policy, chosen: str
) -> None:
    line = an_entry_line(amount=gross * 100 // 121, vat_amount=gross - gross * 100 // 121)
    booked = a_booking(an_entry(journal=journal, lines=(line,)))
    assert choose_credit_journal(booked, a_journal(journal, type=type_), policy) == chosen


@pytest.mark.parametrize(
    ("old", "new", "turns"),
    [(12100, -12100, True), (-1, 1, True), (12100, 1, False), (-5, -7, False), (0, 5, False), (5, 0, False)],
)
def test_an_update_never_turns_an_entry(old: int, new: int, turns: bool) -> None:
    assert [each.code for each in check_turn("26700001", old, new, "EUR")] == ["sign_cannot_change"] * turns
