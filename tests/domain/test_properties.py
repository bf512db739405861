"""What holds for every invoice, share, plan and payment."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from portal.domain.booking.amounts import share_amounts
from portal.domain.booking.invoice import Invoice, InvoiceLine
from portal.domain.booking.sales_entry import SalesEntryLine
from portal.domain.copies.change import plan_change
from portal.domain.copies.change_plan import DELETE, POST, PUT
from portal.domain.copies.differences import content_of
from portal.domain.money import spread
from portal.domain.payments.plan import MadePayment, PaymentPlan, Wanted, WantedPayment, diff_payments
from portal.domain.payments.wanted import PaymentPolicy, wanted_payments
from tests.domain.builders import (
    DAY,
    a_booking,
    a_draft,
    a_line,
    a_mirror,
    a_term,
    an_entry,
    an_entry_line,
    an_invoice,
    as_booked,
)

RATES = (
    (Decimal(21), "high", "VAT 21%"),
    (Decimal(9), "low", "VAT 9%"),
    (None, None, None),
    (Decimal("5.5"), "reduced", "VAT 5.5%"),
    (Decimal("7.7"), "swiss", "VAT 7.7%"),
)
CENTS = st.integers(-5_000_000, 5_000_000)


def half_up(amount: Decimal) -> int:
    return int(amount.quantize(Decimal(1), rounding=ROUND_HALF_UP))


LINE = "line"
SUBTOTAL = "subtotal"
SMALL = st.integers(-400, 400)
LEFT_OF_DISCOUNTS = (None, None, Decimal(10), Decimal("33.3"), Decimal("7.5"), Decimal(100))


@st.composite
def invoices(draw: st.DrawFn, rates: int = 3) -> tuple[Invoice, str]:
    """Draw an invoice as Productive makes it, rounded per line or per subtotal, and say which."""
    drawn = draw(st.lists(st.tuples(CENTS | SMALL, st.integers(0, rates - 1)), min_size=1, max_size=8))
    sign = draw(st.sampled_from((1, -1, None)))
    discount = draw(st.sampled_from(LEFT_OF_DISCOUNTS))
    rounding = draw(st.sampled_from((LINE, SUBTOTAL)))
    lines = tuple(
        a_line(
            id=str(at),
            amount=net if sign is None else sign * abs(net),
            amount_tax=half_up(
                (net if sign is None else sign * abs(net)) * (RATES[rate][0] or 0) / Decimal(100)
            ),
            tax_rate_id=RATES[rate][1],
            tax_rate=RATES[rate][2],
            tax_percentage=RATES[rate][0],
        )
        for at, (net, rate) in enumerate(drawn)
    )
    left = 1 - (discount or 0) / Decimal(100)
    per_line = half_up(sum(line.amount_tax for line in lines) * left)
    tax = sum(subtotals_of(lines, left).values()) if rounding == SUBTOTAL else per_line
    amount = half_up(sum(line.amount for line in lines) * left)
    return an_invoice(lines=lines, discount=discount, amount=amount, amount_tax=tax), rounding


def subtotals_of(lines: tuple[InvoiceLine, ...], left: Decimal) -> dict[str | None, int]:
    """Return the VAT per rate as Productive rounds it per subtotal."""
    bases = Counter[tuple[str | None, Decimal]]()
    for line in lines:
        bases[line.tax_rate_id, line.tax_percentage or Decimal(0)] += line.amount
    return {rate: half_up(base * left * percentage / 100) for (rate, percentage), base in bases.items()}


def per_rate(lines: tuple[InvoiceLine, ...], vats: list[int]) -> dict[str | None, int]:
    """Add up VAT per rate."""
    found: dict[str | None, int] = {}
    for line, vat in zip(lines, vats, strict=True):
        found[line.tax_rate_id] = found.get(line.tax_rate_id, 0) + vat
    return found


@settings(max_examples=3_000, deadline=None)
@given(invoices())
def test_an_entry_is_the_invoice_to_the_cent(drawn: tuple[Invoice, str]) -> None:
    invoice, _ = drawn
    draft = a_draft(invoice)
    booked = {(line.amount, line.vat_amount) for line in draft.lines}
    assert booked
    assert (draft.net, draft.vat, draft.gross) == (
        invoice.amount,
        invoice.amount_tax,
        invoice.amount_with_tax,
    )
    assert not any(line.vat_amount for line in draft.lines if line.line.tax_rate_id is None)
    credit = a_draft(a_mirror(invoice))
    assert [(line.amount, line.vat_amount, line.moved_by) for line in credit.lines] == [
        (-line.amount, -line.vat_amount, -line.moved_by) for line in draft.lines
    ]


@settings(max_examples=3_000, deadline=None)
@given(invoices(rates=5))
def test_each_rate_has_the_vat_that_productive_rounded(drawn: tuple[Invoice, str]) -> None:
    invoice, rounding = drawn
    shares = share_amounts(invoice)
    assert not shares.problems
    assert all(abs(move) <= 1 for move in shares.moves)

    left = 1 - (invoice.discount or 0) / Decimal(100)
    lines = invoice.lines
    found = per_rate(lines, shares.vats)
    own = per_rate(lines, [line.amount_tax for line in lines])
    if sum(own.values()) == invoice.amount_tax and invoice.discount is None:
        # Both roundings make this total, and the lines are what Productive shows.
        assert found == own
    elif rounding == SUBTOTAL:
        assert found == subtotals_of(lines, left)
    else:
        assert all(abs(vat - own[rate] * left) < len(lines) for rate, vat in found.items())


@settings(max_examples=3_000, deadline=None)
@given(invoices(rates=5), st.integers(0, 7), st.integers(-5_000, 5_000).filter(lambda cents: abs(cents) > 4))
def test_vat_that_no_rounding_explains_is_refused(drawn: tuple[Invoice, str], at: int, off: int) -> None:
    invoice, _ = drawn
    at %= len(invoice.lines)
    wrong = replace(invoice.lines[at], amount_tax=invoice.lines[at].amount_tax + off)
    lines = (*invoice.lines[:at], wrong, *invoice.lines[at + 1 :])
    tax = sum(line.amount_tax for line in lines)
    edited = replace(invoice, lines=lines, amount_tax=tax, amount_with_tax=invoice.amount + tax)
    assert share_amounts(edited).problems


@settings(max_examples=1_000, deadline=None)
@given(st.lists(st.integers(1, 5_000_000), min_size=1, max_size=8), st.integers(1, 9999))
def test_a_discount_is_spread_exactly(amounts: list[int], discount: int) -> None:
    untaxed = {"amount_tax": 0, "tax_rate_id": None, "tax_percentage": None}
    lines = tuple(a_line(id=str(at), amount=amount, **untaxed) for at, amount in enumerate(amounts))
    share = Decimal(discount) / 100
    total = half_up(sum(amounts) * (1 - share / 100))
    draft = a_draft(an_invoice(lines=lines, discount=share, amount=total))
    assert draft.entry is not None
    assert draft.net == total
    assert all(abs(line.amount - line.line.amount * (1 - share / 100)) < 1.5 for line in draft.lines)


@settings(max_examples=1_000, deadline=None)
@given(st.integers(-(10**9), 10**9), st.lists(CENTS, min_size=1, max_size=12))
def test_shares_lose_no_cent_and_mirror(total: int, weights: list[int]) -> None:
    if sum(weights) == 0:
        return
    shares = spread(total, weights)
    assert sum(shares) == total
    assert spread(-total, [-weight for weight in weights]) == [-share for share in shares]
    exact = [Decimal(total * weight) / sum(weights) for weight in weights]
    assert all(abs(share - ideal) < 1 for share, ideal in zip(shares, exact, strict=True))


DAYS = st.sampled_from([DAY, DAY + timedelta(1), DAY + timedelta(2)])
PARTS = st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(1, 4), DAYS, st.booleans()), max_size=6)


def apply_payments(plan: PaymentPlan) -> Counter[tuple[int, date, bool]]:
    """Return what Productive has once a plan is carried out."""
    after: list[MadePayment | WantedPayment] = [*plan.create, *(kept.made for kept in plan.keep)]
    after += [change.wanted for change in plan.change]
    return Counter((payment.amount, payment.on, payment.written_off) for payment in after)


@settings(max_examples=1_000, deadline=None)
@given(PARTS, PARTS)
def test_a_carried_out_plan_is_what_was_wanted(
    wanted: list[tuple[str, int, date, bool]], made: list[tuple[str, int, date, bool]]
) -> None:
    ours = [MadePayment(str(at), *part) for at, part in enumerate(made)]
    asked = Wanted(tuple(WantedPayment(*part) for part in wanted), 0, 0)
    plan = diff_payments(asked, ours)
    assert apply_payments(plan) == Counter((amount, on, off) for _, amount, on, off in wanted)
    used = [*plan.remove, *(kept.made for kept in plan.keep), *(change.made for change in plan.change)]
    assert Counter(used) == Counter(ours)


@settings(max_examples=1_000, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 9999), st.none() | DAYS), min_size=1, max_size=6))
def test_payments_and_the_rest_make_the_invoice(parts: list[tuple[int, date | None]]) -> None:
    terms = [a_term(owed, id=str(at), on=on) for at, (owed, on) in enumerate(parts)]
    gross = sum(owed for owed, _ in parts)
    wanted = wanted_payments(
        terms, gross=gross, currency="EUR", policy=PaymentPolicy(), productive_credited=False
    )
    assert sum(payment.amount for payment in wanted.payments) == wanted.paid == gross - wanted.outstanding
    fresh = [replace(term, id=f"new-{term.id}") for term in terms]
    again = wanted_payments(
        fresh, gross=gross, currency="EUR", policy=PaymentPolicy(), productive_credited=False
    )
    made = [MadePayment(p.term_id, p.term_id, p.amount, p.on) for p in wanted.payments]
    plan = diff_payments(again, made)
    assert (plan.create, plan.change, plan.remove) == ((), (), ())


LINES = st.lists(st.integers(1, 4), min_size=1, max_size=6)


def lines_of(amounts: list[int]) -> tuple[SalesEntryLine, ...]:
    return tuple(an_entry_line(amount=amount) for amount in amounts)


@settings(max_examples=1_000, deadline=None)
@given(LINES, LINES)
def test_a_plan_leads_to_the_wanted_lines_and_never_through_none(old: list[int], new: list[int]) -> None:
    booked = a_booking(an_entry(lines=lines_of(old)))
    wanted = an_entry(lines=lines_of(new))
    plan = plan_change(booked, wanted, "ABCDEFGH")
    lines = {line.id: line for line in booked.lines}
    for step in plan.steps:
        line_id = step.line_id or f"new-{step.index}"
        assert (line_id in lines) == (step.kind in (PUT, DELETE))
        if step.kind == DELETE:
            del lines[line_id]
        elif step.line:
            lines[line_id] = as_booked(step.line, line_id)
        assert lines
    assert Counter(map(content_of, lines.values())) == Counter(map(content_of, wanted.lines))
    assert sum(step.kind == POST for step in plan.steps) == max(0, len(new) - len(old))
