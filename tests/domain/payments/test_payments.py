"""Every rule of payments, as cases."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from portal.domain.payments.plan import (
    Kept,
    MadePayment,
    PaymentChange,
    PaymentPlan,
    Wanted,
    WantedPayment,
    diff_payments,
)
from portal.domain.payments.states import TermDoubt
from portal.domain.payments.terms import (
    CASH,
    CREDIT,
    EXCHANGE_DIFFERENCE,
    PAYMENT_DIFFERENCE,
    SALES,
    Settled,
    Term,
    settled_parts,
)
from portal.domain.payments.wanted import PaymentPolicy, wanted_payments
from tests.domain.builders import a_posting, a_term

D1 = date(2026, 11, 10)
D2 = date(2026, 11, 20)


def want(
    terms: Sequence[Term],
    related: Sequence[Term] = (),
    *,
    gross: int = 12100,
    baseline: tuple[Settled, ...] = (),
    write_off: bool = True,
    credited: bool = False,
) -> Wanted:
    return wanted_payments(
        terms,
        gross=gross,
        currency="EUR",
        related=related,
        policy=PaymentPolicy(write_off, baseline),
        productive_credited=credited,
    )


def paid(wanted: Wanted) -> list[tuple[int, date, bool]]:
    return [(payment.amount, payment.on, payment.written_off) for payment in wanted.payments]


@pytest.mark.parametrize(
    ("terms", "payments", "outstanding"),
    [
        ([a_term(12100)], [], 12100),
        ([a_term(12100, on=D1)], [(12100, D1, False)], 0),
        ([a_term(12100, status=30)], [], 12100),
        ([a_term(12100, status=40)], [], 12100),
        ([a_term(5000, id="a", on=D1), a_term(7100, id="b")], [(5000, D1, False)], 7100),
        (
            [a_term(7100, id="b", on=D2), a_term(5000, id="a", on=D1)],
            [(5000, D1, False), (7100, D2, False)],
            0,
        ),
        ([a_term(12100, on=D1, last_payment_on=None)], [(12100, D1, False)], 0),
        ([a_term(12100, on=D2, last_payment_on=D1)], [(12100, D1, False)], 0),
        ([a_term(12100, on=D1, ended_on=None)], [(12100, D1, False)], 0),
        ([a_term(12100, on=D1), a_term(0, id="empty", on=D1)], [(12100, D1, False)], 0),
    ],
)
def test_each_settled_part_is_a_payment(terms: list[Term], payments: list[Any], outstanding: int) -> None:
    wanted = want(terms)
    assert wanted.doubtful is None
    assert paid(wanted) == payments
    assert (wanted.outstanding, wanted.paid) == (outstanding, 12100 - outstanding)


@pytest.mark.parametrize(
    ("terms", "doubt"),
    [
        ([], TermDoubt.NONE_SHOWN),
        ([a_term(12000)], TermDoubt.SUM),
        ([a_term(5000, on=D1)], TermDoubt.SUM),
        ([a_term(12100, currency="USD")], TermDoubt.CURRENCY),
        ([a_term(13000, id="a"), a_term(-900, id="b")], TermDoubt.SIGN),
        ([a_term(12100, transaction_type=CASH)], TermDoubt.KIND),
        ([a_term(12100, status=50)], TermDoubt.UNDATED),
    ],
)
def test_doubtful_terms_say_so_and_ask_for_nothing(terms: list[Term], doubt: TermDoubt) -> None:
    wanted = want(terms)
    assert wanted.doubtful == doubt
    assert wanted.payments == wanted.held == ()


def test_three_ways_of_splitting_come_out_equal() -> None:
    same_row = [a_term(5000, id="t1", on=D1), a_term(7100, id="t2")]
    both_new = [a_term(5000, id="t2", on=D1), a_term(7100, id="t3")]
    part_new = [a_term(7100, id="t1"), a_term(5000, id="t2", on=D1)]
    ways = [want(terms) for terms in (same_row, both_new, part_new)]
    assert [paid(way) for way in ways] == [[(5000, D1, False)]] * 3
    made = [MadePayment("p1", "t1", 5000, D1)]
    for way in ways:
        plan = diff_payments(way, made)
        assert (plan.create, plan.change, plan.remove) == ((), (), ())


@pytest.mark.parametrize("terms", [[a_term(-12100)], [a_term(-12100, on=D1)]])
def test_credit_notes_never_get_payments(terms: list[Term]) -> None:
    wanted = want(terms, gross=-12100)
    assert (wanted.payments, wanted.held, wanted.doubtful) == ((), (), None)


def test_an_entry_of_nothing_wants_nothing() -> None:
    assert want([], gross=0) == Wanted((), 0, 0)


WHOLE = [a_term(12100, on=D1)]
HALVES = [a_term(6000, id="a", on=D1), a_term(6100, id="b", on=D1)]


@pytest.mark.parametrize(
    ("terms", "related", "payments", "findings"),
    [
        (WHOLE, [a_posting(12100, CASH, D1)], [(12100, D1, False)], []),
        (WHOLE, [a_posting(12100, CREDIT, D1)], [], [("credit_match", 12100)]),
        (WHOLE, [a_posting(12100, SALES, D1)], [], [("credit_match", 12100)]),
        (WHOLE, [a_posting(12100, CREDIT, D2)], [(12100, D1, False)], []),
        (WHOLE, [a_posting(12100, CREDIT, D1, account_id="other")], [(12100, D1, False)], []),
        (WHOLE, [a_posting(12100, CREDIT, D1, status=20)], [(12100, D1, False)], []),
        (WHOLE, [a_posting(12100, CREDIT, D1, entry_id="entry-1")], [(12100, D1, False)], []),
        (WHOLE, [a_posting(-100, EXCHANGE_DIFFERENCE, D1)], [(12100, D1, False)], []),
        (WHOLE, [a_posting(12100, PAYMENT_DIFFERENCE, D1)], [(12100, D1, True)], []),
        (
            WHOLE,
            [a_posting(12000, CASH, D1), a_posting(100, PAYMENT_DIFFERENCE, D1)],
            [(12000, D1, False), (100, D1, True)],
            [],
        ),
        (
            WHOLE,
            [a_posting(50000, CASH, D1), a_posting(100, EXCHANGE_DIFFERENCE, D1, your_ref="2026-0042")],
            [(12000, D1, False), (100, D1, True)],
            [],
        ),
        (
            WHOLE,
            [a_posting(50000, CASH, D1), a_posting(100, PAYMENT_DIFFERENCE, D1, your_ref="2026-0043")],
            [(12100, D1, False)],
            [],
        ),
        (
            WHOLE,
            [a_posting(50000, CASH, D1), a_posting(100, PAYMENT_DIFFERENCE, D1)],
            [],
            [("unclear", 12100)],
        ),
        (WHOLE, [a_posting(20000, PAYMENT_DIFFERENCE, D1, your_ref="2026-0042")], [], [("unclear", 12100)]),
        (WHOLE, [a_posting(20000, CREDIT, D1)], [], [("unclear", 12100)]),
        (WHOLE, [a_posting(100, PAYMENT_DIFFERENCE, D1)], [(12000, D1, False), (100, D1, True)], []),
        (
            WHOLE,
            [a_posting(12100, CASH, D1, your_ref="2026-0042"), a_posting(12100, CREDIT, D1)],
            [(12100, D1, False)],
            [],
        ),
        (WHOLE, [a_posting(12100, CASH, D1), a_posting(12100, CREDIT, D1)], [], [("unclear", 12100)]),
        (
            WHOLE,
            [a_posting(12000, CASH, D1), a_posting(100, CREDIT, D1)],
            [(12000, D1, False)],
            [("credit_match", 100)],
        ),
        (
            HALVES,
            [a_posting(6000, CASH, D1), a_posting(6100, CREDIT, D1)],
            [(6000, D1, False)],
            [("credit_match", 6100)],
        ),
        (
            HALVES,
            [a_posting(12000, CASH, D1), a_posting(100, PAYMENT_DIFFERENCE, D1)],
            [(6000, D1, False), (6000, D1, False), (100, D1, True)],
            [],
        ),
        (
            WHOLE,
            [a_posting(12000, CASH, D1), *(a_posting(100, CREDIT, D1, id=str(at)) for at in range(11))],
            [],
            [("unclear", 12100)],
        ),
    ],
)
def test_money_is_what_credits_and_differences_do_not_cover(
    terms: list[Term], related: list[Term], payments: list[Any], findings: list[Any]
) -> None:
    wanted = want(terms, related)
    assert paid(wanted) == payments
    assert [(finding.code, finding.amount) for finding in wanted.findings] == findings
    assert sum(payment.amount for payment in (*wanted.payments, *wanted.held)) == wanted.paid


def test_a_credit_that_productive_knows_needs_nobody() -> None:
    wanted = want(WHOLE, [a_posting(12100, CREDIT, D1)], credited=True)
    assert (wanted.payments, wanted.findings, wanted.held) == ((), (), ())


def test_differences_are_only_shown_if_write_offs_are_off() -> None:
    related = [a_posting(12000, CASH, D1), a_posting(100, PAYMENT_DIFFERENCE, D1)]
    wanted = want(WHOLE, related, write_off=False)
    assert paid(wanted) == [(12000, D1, False)]
    assert [finding.code for finding in wanted.findings] == ["difference"]


@pytest.mark.parametrize(
    ("baseline", "payments"),
    [
        ([Settled("a", 5000, D1)], [(7100, D2, False)]),
        ([Settled("gone", 5000, D1)], [(7100, D2, False)]),
        ([Settled("a", 5000, D2)], [(7100, D2, False)]),
        ([Settled("a", 4000, D1)], [(5000, D1, False), (7100, D2, False)]),
        ([Settled("gone", 5000, D2)], [(5000, D1, False), (7100, D2, False)]),
        ([Settled("a", 5000, D1), Settled("b", 7100, D2)], []),
    ],
)
def test_what_was_settled_before_makes_no_payment(baseline: list[Settled], payments: list[Any]) -> None:
    terms = [a_term(5000, id="a", on=D1), a_term(7100, id="b", on=D2)]
    wanted = want(terms, baseline=tuple(baseline))
    assert paid(wanted) == payments
    assert wanted.findings == ()


def test_the_baseline_counts_how_often() -> None:
    terms = [a_term(5000, id="a", on=D1), a_term(5000, id="b", on=D1), a_term(2100, id="c")]
    wanted = want(terms, baseline=(Settled("gone", 5000, D1),))
    assert paid(wanted) == [(5000, D1, False)]
    assert settled_parts(terms) == (Settled("a", 5000, D1), Settled("b", 5000, D1))


T1 = WantedPayment("t1", 5000, D1)
M1 = MadePayment("p1", "t1", 5000, D1)


@pytest.mark.parametrize(
    ("wanted", "made", "plan"),
    [
        ([T1], [], PaymentPlan(create=(T1,))),
        ([T1], [M1], PaymentPlan(keep=(Kept(M1, "t1"),))),
        ([replace(T1, term_id="t9")], [M1], PaymentPlan(keep=(Kept(M1, "t9"),))),
        ([], [M1], PaymentPlan(remove=(M1,))),
        (
            [replace(T1, amount=4000)],
            [M1],
            PaymentPlan(change=(PaymentChange(M1, replace(T1, amount=4000)),)),
        ),
        ([replace(T1, on=D2)], [M1], PaymentPlan(change=(PaymentChange(M1, replace(T1, on=D2)),))),
        (
            [replace(T1, written_off=True)],
            [M1],
            PaymentPlan(change=(PaymentChange(M1, replace(T1, written_off=True)),)),
        ),
        (
            [replace(T1, term_id="t9", amount=1)],
            [M1],
            PaymentPlan(create=(replace(T1, term_id="t9", amount=1),), remove=(M1,)),
        ),
        (
            [replace(T1, amount=4900), WantedPayment("t1", 100, D1, written_off=True)],
            [M1, MadePayment("p2", "t1", 200, D1, written_off=True)],
            PaymentPlan(
                change=(
                    PaymentChange(M1, replace(T1, amount=4900)),
                    PaymentChange(
                        MadePayment("p2", "t1", 200, D1, written_off=True),
                        WantedPayment("t1", 100, D1, written_off=True),
                    ),
                )
            ),
        ),
        (
            [T1, replace(T1, term_id="t2")],
            [replace(M1, term_id="t2")],
            PaymentPlan(create=(T1,), keep=(Kept(replace(M1, term_id="t2"), "t2"),)),
        ),
    ],
)
def test_payments_pair_by_what_they_are_then_by_their_term(
    wanted: list[WantedPayment], made: list[MadePayment], plan: PaymentPlan
) -> None:
    assert diff_payments(Wanted(tuple(wanted), 0, 0), made) == plan


def test_a_new_id_is_told() -> None:
    assert Kept(M1, "t9").rekeyed
    assert not Kept(M1, "t1").rekeyed


def test_doubt_keeps_everything() -> None:
    assert diff_payments(Wanted((), 0, 0, TermDoubt.SUM), [M1]) == PaymentPlan(keep=(Kept(M1, "t1"),))


@pytest.mark.parametrize(
    ("held", "made"),
    [
        (replace(T1, held=True), [M1]),
        (replace(T1, held=True, term_id="t9"), [M1]),
        (replace(T1, held=True, amount=5100), [M1, MadePayment("p2", "t1", 100, D1, written_off=True)]),
        (replace(T1, held=True, amount=4000), [M1]),
        (replace(T1, held=True, credit=True), [M1]),
    ],
)
def test_what_a_person_must_judge_is_not_removed(held: WantedPayment, made: list[MadePayment]) -> None:
    plan = diff_payments(Wanted((), 0, 0, held=(held,)), made)
    assert {kept.made for kept in plan.keep} == set(made)
    assert (plan.create, plan.change, plan.remove) == ((), (), ())


def test_a_credit_keeps_no_payment_that_is_more_than_it_settled() -> None:
    credit = replace(T1, held=True, credit=True, amount=M1.amount - 1)
    new = WantedPayment("t2", 1, D1)
    plan = diff_payments(Wanted((new,), 0, 0, held=(credit,)), [M1])
    assert (plan.create, plan.remove, plan.keep) == ((new,), (M1,), ())


def test_a_payment_from_before_does_not_stand_for_a_new_one() -> None:
    new = replace(T1, term_id="t2")
    plan = diff_payments(Wanted((new,), 0, 0, held=(replace(T1, held=True),)), [M1])
    assert (plan.create, plan.keep) == ((new,), (Kept(M1, "t1"),))
