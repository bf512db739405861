"""An exchange rate that is a default, or far from Exact's, is left out, and that is said."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from portal.domain.booking.catalogue import ExchangeRate
from portal.domain.booking.exchange import check_booked_rate, find_rate
from portal.domain.booking.mapping import Choices
from tests.domain.builders import CATALOGUE, DAY, DIVISION, a_booking, a_draft, an_entry, an_invoice
from tests.kinds.rates import RATES, RateCase


@pytest.mark.parametrize("case", RATES, ids=lambda case: case.name)
def test_a_rate_is_sent_only_if_it_can_be_real(case: RateCase) -> None:
    rates = (ExchangeRate(case.currency, case.division, Decimal(case.own), DAY),) if case.own else ()
    draft = a_draft(
        an_invoice(
            currency=case.currency,
            currency_default=case.organization,
            exchange_rate=None if case.rate is None else Decimal(case.rate),
        ),
        choices=Choices(journal=case.journal),
        division=replace(DIVISION, currency=case.division),
        catalogue=replace(CATALOGUE, rates=rates, currencies=(case.currency,)),
    )
    assert draft.entry is not None, draft.problems
    assert draft.entry.rate == (None if case.sent is None else Decimal(case.sent))
    said = [note for note in draft.notes if "exchange rate" in note]
    assert len(said) == (case.said is not None)
    if case.said:
        assert case.said in said[0]
        assert said[0].endswith(f"Exact's own exchange rate for {case.currency} is used, not Productive's.")


def test_what_is_far_is_said_with_both_rates() -> None:
    rates = (ExchangeRate("USD", "EUR", Decimal("0.9216589861751152"), DAY),)
    invoice = an_invoice(currency="USD", exchange_rate=Decimal("1.0850"))
    draft = a_draft(invoice, choices=Choices(journal="72"), catalogue=replace(CATALOGUE, rates=rates))
    assert "USD is 1.0850, far from Exact's 0.9217." in draft.notes[0]


@pytest.mark.parametrize(
    ("day", "rate"),
    [(1, "0.90"), (2, "0.90"), (3, "0.90"), (4, "0.95"), (30, "0.95")],
)
def test_the_rate_of_the_day_counts_and_before_the_first_the_oldest(day: int, rate: str) -> None:
    rates = (
        ExchangeRate("USD", "EUR", Decimal("0.95"), date(2026, 11, 4)),
        ExchangeRate("USD", "EUR", Decimal("0.90"), date(2026, 11, 2)),
        ExchangeRate("GBP", "EUR", Decimal("1.17"), date(2026, 11, 1)),
        ExchangeRate("USD", "GBP", Decimal("0.79"), date(2026, 11, 1)),
    )
    assert find_rate(rates, "USD", "EUR", date(2026, 11, day)) == Decimal(rate)
    assert find_rate(rates, "SEK", "EUR", date(2026, 11, day)) is None


@pytest.mark.parametrize(
    ("currency", "division", "booked", "own", "refused"),
    [
        ("USD", "EUR", "1", "0.92", True),
        ("USD", "EUR", "1.0", None, True),
        ("USD", "EUR", "0.92", "0.92", False),
        ("USD", "EUR", None, "0.92", False),
        ("USD", "EUR", "1", "1", False),
        ("EUR", "EUR", "1", None, False),
        ("PAB", "USD", "1", None, False),
    ],
)
def test_an_entry_that_was_booked_at_a_default_is_not_updated(
    currency: str, division: str, booked: str | None, own: str | None, refused: bool
) -> None:
    entry = a_booking(an_entry(currency=currency), rate=None if booked is None else Decimal(booked))
    rates = (ExchangeRate(currency, division, Decimal(own), DAY),) if own else ()
    found = check_booked_rate(entry, replace(DIVISION, currency=division), rates)
    assert (found.code if found else None) == ("rate_is_default" if refused else None)
