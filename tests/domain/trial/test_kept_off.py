"""What a failed assumption keeps off, known with the draft: a table of kinds, and VAT to the cent."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.assumptions import ASSUMPTIONS, Feature
from portal.domain.booking.invoice import CREDIT_NOTE, Invoice
from portal.domain.booking.keep_off import KEPT_OFF, find_kept_off
from portal.domain.booking.mapping import Choices
from portal.domain.booking.problems import FIXES
from portal.domain.money import vat_of
from tests.domain.builders import POLICY, a_draft, a_mirror, an_invoice, codes_of, some_lines
from tests.telling import told


def drafted(invoice: Invoice, *failed: str, **given: Any) -> list[str]:
    """The problems of an invoice where some assumptions failed."""
    return codes_of(a_draft(invoice, policy=replace(POLICY, failed=frozenset(failed)), **given))


# What failed, the invoice, and the problem that it makes; the plain invoice has none otherwise.
PLAIN = an_invoice()
CREDIT = a_mirror(PLAIN)
MOVED = an_invoice(lines=some_lines((10000, 2101)))
BY_LINE = an_invoice(lines=some_lines((1003, 211), (2003, 421), (3003, 631)))
KINDS: list[tuple[str, Invoice, list[str]]] = [
    ("notes-kept", PLAIN, ["copying_kept_off"]),
    ("find-by-number", PLAIN, ["copying_kept_off"]),
    ("padded-codes", PLAIN, ["copying_kept_off"]),
    ("productive-rights", PLAIN, ["copying_kept_off"]),
    ("productive-fields", CREDIT, ["copying_kept_off"]),
    ("credit-amounts", CREDIT, ["credit_kept_off"]),
    ("credit-type", CREDIT, ["credit_kept_off"]),
    ("credit-type", PLAIN, []),
    ("vat-kept", PLAIN, []),
    ("vat-kept", BY_LINE, []),
    ("vat-rounding", PLAIN, []),
    ("vat-rounding", BY_LINE, ["totaled_vat_kept_off"]),
    ("vat-rounding", a_mirror(BY_LINE), ["totaled_vat_kept_off"]),
    ("foreign-rate", PLAIN, []),
    ("term-feed", PLAIN, []),
    ("limit-headers", PLAIN, []),
    ("line-modified", PLAIN, []),
]


@pytest.mark.parametrize(("failed", "invoice", "problems"), KINDS)
def test_what_rests_on_a_failed_assumption_is_a_problem_beforehand(
    failed: str, invoice: Invoice, problems: list[str]
) -> None:
    assert drafted(invoice) == []
    assert drafted(invoice, failed) == problems


def test_vat_that_exact_would_work_out_differently_is_a_problem() -> None:
    found = drafted(MOVED, "vat-kept")
    assert "other_vat_kept_off" in found
    assert "other_vat_kept_off" not in drafted(MOVED)


def test_a_foreign_invoice_without_a_rate_is_a_problem_only_where_exact_has_none_of_its_own() -> None:
    dollars = an_invoice(currency="USD", exchange_rate=None)
    choices = Choices(journal="73")
    assert drafted(dollars, choices=choices) == []
    assert drafted(dollars, "foreign-rate", choices=choices) == ["foreign_kept_off"]


def test_no_customer_is_created_where_it_would_not_be_found_again() -> None:
    choices = Choices(new_customer=True)
    assert "customer_kept_off" in drafted(PLAIN, "customer-made", choices=choices)
    assert "customer_kept_off" not in drafted(PLAIN, choices=choices)


@given(st.lists(st.integers(-100000, 100000).filter(bool), min_size=1, max_size=5))
def test_vat_as_exact_works_it_out_is_never_kept_off(nets: list[int]) -> None:
    sign = 1 if sum(nets) >= 0 else -1
    amounts = [abs(net) * sign for net in nets]
    lines = some_lines(*((net, vat_of(net, Decimal(21))) for net in amounts))
    invoice = an_invoice(lines=lines, kind=CREDIT_NOTE if sign < 0 else 1)
    assert "other_vat_kept_off" not in drafted(invoice, "vat-kept")


def test_each_kept_off_feature_says_what_does_not_hold_and_leads_to_the_trial() -> None:
    for feature, code in KEPT_OFF.items():
        under = next(each for each in ASSUMPTIONS if feature in each.features)
        found = find_kept_off(feature, {under.code})
        assert found is not None
        assert under.assumed in told(found.said)
        assert (found.fix, FIXES[code]) == ("trial", "trial")
        assert find_kept_off(feature, set()) is None
    assert find_kept_off(Feature.COPYING, {"limit-headers"}) is None
