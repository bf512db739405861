"""A rate's VAT is its percentage of its net, and a cent stays with the rate that it is of."""

from collections import Counter
from decimal import Decimal

import pytest

from portal.domain.booking.amounts import share_amounts
from portal.domain.booking.invoice import Invoice
from tests.domain.builders import a_draft, a_line, a_mirror, an_invoice, codes_of
from tests.kinds.vat import OFF, ROUNDED, VatCase
from tests.telling import told


def the_invoice(case: VatCase) -> Invoice:
    """Write the invoice of a case."""
    lines = tuple(
        a_line(
            id=str(at),
            position=at,
            amount=net,
            amount_tax=vat,
            tax_rate_id=percentage and f"rate-{percentage}",
            tax_rate=percentage and f"VAT {percentage}%",
            tax_percentage=percentage and Decimal(percentage),
        )
        for at, (net, percentage, vat) in enumerate(case.lines, start=1)
    )
    totals = {"amount": case.net, "amount_tax": case.vat}
    given = {name: total for name, total in totals.items() if total is not None}
    return an_invoice(lines=lines, discount=case.discount and Decimal(case.discount), **given)


def vat_per_percentage(invoice: Invoice) -> dict[str, int]:
    """Return what is booked per percentage, once it was seen that nothing is in the way."""
    shares = share_amounts(invoice)
    assert not shares.problems
    assert sum(shares.vats) == invoice.amount_tax
    assert sum(shares.nets) == invoice.amount
    assert all(abs(move) <= 1 for move in shares.moves)

    found: Counter[str] = Counter()
    for line, vat in zip(invoice.lines, shares.vats, strict=True):
        found[f"{(line.tax_percentage or Decimal(0)).normalize():f}"] += vat
    return dict(found)


@pytest.mark.parametrize("case", ROUNDED, ids=lambda case: case.name)
def test_a_cent_stays_with_its_rate(case: VatCase) -> None:
    invoice = the_invoice(case)
    assert vat_per_percentage(invoice) == case.expected

    turned = vat_per_percentage(a_mirror(invoice))
    assert {rate: -vat for rate, vat in turned.items()} == case.expected


@pytest.mark.parametrize("case", OFF, ids=lambda case: case.name)
def test_vat_that_is_not_its_rates_is_a_problem(case: VatCase) -> None:
    invoice = the_invoice(case)
    codes = {problem.code for problem in share_amounts(invoice).problems}
    assert codes == {case.expected}
    assert {problem.code for problem in share_amounts(a_mirror(invoice)).problems} == codes


def test_the_problem_names_the_line_the_rate_and_both_amounts() -> None:
    draft = a_draft(an_invoice(lines=(a_line(amount_tax=1900),)))
    assert codes_of(draft) == ["vat_off_line"]
    assert draft.entry is None
    (problem,) = draft.problems
    assert problem.fix == "productive"
    for words in ("“Design”", "VAT 21%", "21%", "100.00 EUR", "21.00 EUR", "19.00 EUR"):
        assert words in told(problem.said)


def test_each_rate_that_is_off_is_named_once() -> None:
    lines = tuple(
        a_line(id=str(at), amount_tax=1900, tax_rate_id=f"r{at % 2}", tax_rate=f"Rate {at % 2}")
        for at in range(6)
    )
    problems = share_amounts(an_invoice(lines=lines)).problems
    assert [problem.code for problem in problems] == ["vat_off_rate", "vat_off_rate"]
    assert [
        ("57.00 EUR" in told(problem.said), "63.00 EUR" in told(problem.said)) for problem in problems
    ] == [
        (True, True),
        (True, True),
    ]


def test_the_sentence_about_a_total_tells_what_a_discount_leaves_of_the_lines() -> None:
    draft = a_draft(an_invoice(discount=Decimal(100), amount=0, amount_tax=2100))
    [found] = draft.problems
    assert "The VAT of the lines adds up to 0.00 EUR, but the invoice says 21.00 EUR." in told(found.said)
