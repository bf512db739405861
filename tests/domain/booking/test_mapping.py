"""Which ledger account and VAT code win, and where they come from."""

from dataclasses import replace

import pytest

from portal.domain.booking import catalogue
from portal.domain.booking.mapping import (
    CHOSEN,
    DEFAULT,
    MAPPED,
    Choices,
    Chosen,
    MappingRules,
    choose_ledger,
    choose_vat,
)
from tests.domain.builders import a_journal, a_line, a_vat_code, an_account, an_invoice

RULES = MappingRules(ledgers={"design": "gl-map"}, vat_codes={"high": "2"}, default_ledger="gl-default")


@pytest.mark.parametrize(
    ("rules", "choices", "service", "expected"),
    [
        (RULES, Choices(line_ledgers={"1": "gl-own"}, ledger="gl-all"), "design", Chosen("gl-own", CHOSEN)),
        (RULES, Choices(ledger="gl-all"), "design", Chosen("gl-map", MAPPED)),
        (RULES, Choices(ledger="gl-all"), "other", Chosen("gl-all", CHOSEN)),
        (RULES, Choices(ledger="gl-default"), None, Chosen("gl-default", DEFAULT)),
        (RULES, Choices(line_ledgers={"2": "gl-own"}), None, Chosen("gl-default", DEFAULT)),
        (RULES, Choices(ledger=""), "design", Chosen("gl-map", MAPPED)),
        (RULES, Choices(ledger=""), "other", None),
        (MappingRules(), Choices(), "design", None),
    ],
)
def test_a_ledger_is_chosen_then_mapped_then_the_default(
    rules: MappingRules, choices: Choices, service: str | None, expected: Chosen | None
) -> None:
    assert choose_ledger(rules, choices, "1", service) == expected


@pytest.mark.parametrize(
    ("choices", "rate", "expected"),
    [
        (Choices(vat_codes={"high": "9"}), "high", Chosen("9", CHOSEN)),
        (Choices(vat_codes={"high": "2"}), "high", Chosen("2", MAPPED)),
        (Choices(), "high", Chosen("2", MAPPED)),
        (Choices(vat_codes={"high": ""}), "high", None),
        (Choices(), "low", None),
        (Choices(vat_codes={"": "0"}), None, Chosen("0", CHOSEN)),
    ],
)
def test_a_vat_code_is_chosen_then_mapped(
    choices: Choices, rate: str | None, expected: Chosen | None
) -> None:
    assert choose_vat(RULES, choices, rate) == expected


def test_the_catalogue_offers_what_can_be_booked() -> None:
    assert catalogue.takes_sales(a_journal("71", type=21))
    assert not catalogue.takes_sales(a_journal("70", blocked=True))
    assert not catalogue.takes_sales(a_journal("90", type=90))
    assert catalogue.is_revenue(an_account("8000"))
    assert not catalogue.is_revenue(an_account("1600", balance_type="B"))
    assert not catalogue.takes_revenue(an_account("1500", type=24))
    assert catalogue.for_sales(a_vat_code("6", 21, used_for="B"))
    assert not catalogue.for_sales(a_vat_code("3", 21, kind="I"))


def test_a_fingerprint_follows_what_was_seen() -> None:
    invoice = an_invoice()
    assert invoice.fingerprint() == replace(invoice, number="other", amount_paid=5).fingerprint()
    assert invoice.fingerprint() != replace(invoice, lines=(a_line(description="Other"),)).fingerprint()
