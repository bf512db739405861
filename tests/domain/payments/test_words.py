"""The sentences about payments: each code has one, and figures are told to the cent."""

import pytest

from portal.domain.payments.states import FindingKind, PaymentCause, PaymentReason, TermDoubt
from portal.domain.payments.words import Figures, say_cause, say_finding, say_reason
from tests.telling import told


def spell_reason(reason: PaymentReason) -> str:
    return told(say_reason(reason))


def spell_cause(cause: PaymentCause, figures: Figures) -> str:
    return told(say_cause(cause, figures))


def spell_finding(kind: FindingKind, figures: Figures) -> str:
    return told(say_finding(kind, figures))


OVERPAID: dict[str, int | str] = {
    "strangers": 0,
    "credited": 0,
    "ours": 0,
    "amount": 12100,
    "excess": 100,
    "currency": "EUR",
}
CHANGED: Figures = {"amount": 5, "currency": "EUR", "on": "2026-03-12"}
FIGURES: dict[PaymentCause, Figures] = {
    PaymentCause.OVERPAID: OVERPAID,
    PaymentCause.CHANGED_BY_HAND: CHANGED,
    PaymentCause.CALL_FAILED: {"said": "No {connection}."},
}


@pytest.mark.parametrize("reason", PaymentReason)
def test_each_reason_has_its_sentence(reason: PaymentReason) -> None:
    assert spell_reason(reason)


@pytest.mark.parametrize("cause", PaymentCause)
def test_each_cause_has_its_sentence(cause: PaymentCause) -> None:
    assert spell_cause(cause, FIGURES.get(cause, {}))


@pytest.mark.parametrize("kind", FindingKind)
def test_each_finding_has_its_sentence(kind: FindingKind) -> None:
    assert spell_finding(kind, OVERPAID | {"doubt": TermDoubt.SUM, "said": "The term cannot be read."})


@pytest.mark.parametrize("doubt", TermDoubt)
def test_each_doubt_has_its_sentence(doubt: TermDoubt) -> None:
    assert spell_finding(FindingKind.DOUBTFUL, {"doubt": doubt})


def test_what_was_said_is_repeated_as_it_was() -> None:
    assert spell_cause(PaymentCause.CALL_FAILED, {"said": "Odd {braces} %s."}) == "Odd {braces} %s."


def test_a_change_by_hand_tells_what_is_there() -> None:
    text = spell_cause(PaymentCause.CHANGED_BY_HAND, CHANGED)
    assert text == "This payment was changed in Productive by hand: there it is 0.05 EUR on 2026-03-12."


@pytest.mark.parametrize(
    ("figures", "held"),
    [
        ({}, "less than Exact"),
        ({"strangers": 100}, "1.00 EUR that this portal did not record"),
        ({"credited": 5}, "0.05 EUR as credited"),
        ({"ours": 12100}, "121.00 EUR that this portal recorded"),
        (
            {"strangers": 1, "credited": 2, "ours": 3},
            "0.01 EUR that this portal did not record, 0.02 EUR as credited, "
            "0.03 EUR that this portal recorded",
        ),
        ({"credited": -5}, "less than Exact"),
    ],
)
def test_an_over_payment_tells_who_holds_the_money(figures: dict[str, int | str], held: str) -> None:
    text = (
        f"Productive already holds {held}. Recording 121.00 EUR from Exact as well would over-pay the "
        "invoice by 1.00 EUR. Say whether it is the same money."
    )
    assert spell_cause(PaymentCause.OVERPAID, OVERPAID | figures) == text
    assert spell_finding(FindingKind.OVERPAID, OVERPAID | figures) == text


def test_a_term_of_another_entry_is_told_apart_from_the_own() -> None:
    own = spell_finding(FindingKind.UNREADABLE, {"said": "The term 1 cannot be read."})
    other = spell_finding(FindingKind.UNREADABLE, {})
    assert own.endswith("It is read again each time payments are fetched. The term 1 cannot be read.")
    assert other.endswith("Activity says which it is.")
