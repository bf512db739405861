"""What a rule copies by itself."""

from dataclasses import replace
from datetime import date

import pytest

from portal.domain.copies.rules import Candidate, Terms

TERMS = Terms(date(2026, 3, 1), 50_000, "EUR", ("7", "8"))
INVOICE = Candidate("105", "7", date(2026, 3, 1), 50_000, "EUR")

KINDS: dict[str, tuple[Terms, Candidate, bool]] = {
    "the first day and the whole amount": (TERMS, INVOICE, True),
    "a day before": (TERMS, replace(INVOICE, invoiced_on=date(2026, 2, 28)), False),
    "a cent more": (TERMS, replace(INVOICE, amount=50_001), False),
    "another customer": (TERMS, replace(INVOICE, company_id="9"), False),
    "all customers": (replace(TERMS, companies=None), replace(INVOICE, company_id="9"), True),
    "no customer": (replace(TERMS, companies=()), INVOICE, False),
    "any amount": (replace(TERMS, most=None), replace(INVOICE, amount=10**12), True),
    "another currency under an amount": (TERMS, replace(INVOICE, currency="USD", amount=1), False),
    "another currency of any amount": (replace(TERMS, most=None), replace(INVOICE, currency="USD"), True),
    "a credit note within the amount": (TERMS, replace(INVOICE, amount=-50_000), True),
    "a credit note beyond it": (TERMS, replace(INVOICE, amount=-50_001), False),
    "nothing to pay": (TERMS, replace(INVOICE, amount=0), True),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_rule_covers_what_it_says(kind: str) -> None:
    terms, invoice, expected = KINDS[kind]
    assert terms.cover(invoice) is expected
