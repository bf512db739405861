"""Currencies without cents are refused by name and never rounded."""

from dataclasses import replace
from datetime import date

import pytest

from portal.domain.booking.draft import Policy
from portal.domain.booking.mapping import Choices
from portal.domain.currencies import decimals_of, has_cents
from portal.domain.payments.plan import diff_payments
from portal.domain.payments.wanted import PaymentPolicy, wanted_payments
from portal.domain.text import say_money
from tests.domain.builders import CATALOGUE, a_draft, a_term, an_invoice, codes_of
from tests.kinds.currencies import DECIMALS, ODD, PLAIN
from tests.telling import told


@pytest.mark.parametrize(("currency", "decimals"), DECIMALS.items())
def test_the_standard_says_how_many_decimals_there_are(currency: str, decimals: int | None) -> None:
    assert decimals_of(currency) == decimals
    assert decimals_of(f"{currency} ") == decimals
    assert has_cents(currency) == (decimals == 2)


@pytest.mark.parametrize("currency", DECIMALS)
def test_an_invoice_without_cents_is_refused_by_name(currency: str) -> None:
    draft = a_draft(
        an_invoice(currency=currency),
        choices=Choices(journal="72"),
        policy=Policy(),
        catalogue=replace(CATALOGUE, currencies=(currency,)),
    )
    assert codes_of(draft) == ["currency_decimals"] * (currency in ODD)
    assert all(f"Amounts in {currency} have" in told(problem.said) for problem in draft.problems)


@pytest.mark.parametrize("currency", DECIMALS)
def test_no_payment_is_guessed_where_there_are_no_cents(currency: str) -> None:
    terms = [a_term(12100, on=date(2026, 11, 3), currency=currency)]
    wanted = wanted_payments(
        terms, gross=12100, currency=currency, policy=PaymentPolicy(), productive_credited=False
    )
    assert [payment.amount for payment in wanted.payments] == [12100] * (currency in PLAIN)
    assert [finding.code for finding in wanted.findings] == ["decimals"] * (currency in ODD)
    assert not wanted.doubtful
    assert len(diff_payments(wanted, []).create) == len(wanted.payments)


def test_an_amount_without_cents_is_marked_and_not_rounded() -> None:
    assert say_money(123456, "JPY") == "JPY 1,234.56 (?)"
    assert say_money(123456, "USD") == "USD 1,234.56"
