"""What holds for every invoice, share, plan and payment."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from portal.domain.change import DELETE, POST, PUT, plan_change
from portal.domain.differences import content_of
from portal.domain.invoice import Invoice
from portal.domain.money import spread
from portal.domain.payments import (
    MadePayment,
    PaymentPlan,
    PaymentPolicy,
    Wanted,
    WantedPayment,
    diff_payments,
    wanted_payments,
)
from portal.domain.sales_entry import SalesEntryLine

from .builders import (
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

RATES = ((Decimal(21), "high", "VAT 21%"), (Decimal(9), "low", "VAT 9%"), (None, None, None))
CENTS = st.integers(-5_000_000, 5_000_000)


def half_up(amount: Decimal) -> int:
    return int(amount.quantize(Decimal(1), rounding=ROUND_HALF_UP))


@st.composite
def invoices(draw: st.DrawFn) -> Invoice:
    """Draw an invoice: taxed per line or per rate, with a discount, sometimes off by some cents."""
    drawn = draw(st.lists(st.tuples(CENTS, st.integers(0, 2)), min_size=1, max_size=6))
    all_positive = draw(st.booleans())
    nets = [abs(net) if all_positive else net for net, _ in drawn]
    discount = draw(st.sampled_from((None, None, Decimal(10), Decimal("33.3"))))
    per_rate, off = draw(st.booleans()), draw(st.sampled_from((0, 0, 0, 1, -1, 2, 25)))
    lines, bases = [], Counter[Decimal]()
    for at, (net, (_, rate)) in enumerate(zip(nets, drawn, strict=True)):
        percentage, rate_id, name = RATES[rate]
        bases[percentage or Decimal(0)] += net
        tax = half_up(net * (percentage or Decimal(0)) / 100)
        lines.append(
            a_line(
                id=str(at),
                amount=net,
                amount_tax=tax,
                tax_rate_id=rate_id,
                tax_rate=name,
                tax_percentage=percentage,
            )
        )
    left = 1 - (discount or 0) / Decimal(100)
    per_line = sum(line.amount_tax for line in lines)
    tax = sum(half_up(base * share / 100) for share, base in bases.items()) if per_rate else per_line
    return an_invoice(
        lines=tuple(lines),
        discount=discount,
        amount=half_up(sum(nets) * left),
        amount_tax=half_up(tax * left) + off,
    )


@settings(max_examples=10_000, deadline=None)
@given(invoices())
def test_an_entry_is_the_invoice_to_the_cent_or_a_problem(invoice: Invoice) -> None:
    draft = a_draft(invoice)
    assert (draft.entry is None) == bool(draft.problems)
    if draft.entry:
        assert draft.entry.gross == invoice.amount_with_tax
        assert (draft.entry.net, draft.entry.vat) == (invoice.amount, invoice.amount_tax)
        assert all(abs(line.moved_by) <= 1 for line in draft.lines)
        assert not any(line.vat_amount for line in draft.lines if line.line.tax_rate_id is None)
    credit = a_draft(a_mirror(invoice))
    assert [problem.code for problem in credit.problems] == [problem.code for problem in draft.problems]
    assert [(line.amount, line.vat_amount, line.moved_by) for line in credit.lines] == [
        (-line.amount, -line.vat_amount, -line.moved_by) for line in draft.lines
    ]


@settings(max_examples=1_000, deadline=None)
@given(st.lists(st.integers(1, 5_000_000), min_size=1, max_size=8), st.integers(1, 9999))
def test_a_discount_is_spread_exactly(amounts: list[int], discount: int) -> None:
    lines = tuple(a_line(id=str(at), amount=amount, amount_tax=0) for at, amount in enumerate(amounts))
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
    booked, wanted = a_booking(an_entry(lines=lines_of(old))), an_entry(lines=lines_of(new))
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
