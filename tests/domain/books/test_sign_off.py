"""What counts as a change of a month that was signed off, by a table of kinds."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.books.sign_off import (
    ChangeKind,
    Line,
    LineKind,
    Place,
    count_changes,
    find_changes,
    fingerprint,
)
from portal.domain.payments.states import PaymentState


def an_invoice(key: str = "105", state: Place = Place.OUTSIDE, **given: object) -> Line:
    usual = Line(LineKind.INVOICE, key, f"2026-{key}", "Acme", "EUR", 12100, state, "as read")
    return replace(usual, **given)  # type: ignore[arg-type]  # the fields of a line, by name


def a_payment(state: PaymentState = PaymentState.MADE, amount: int = 12100) -> Line:
    return Line(LineKind.PAYMENT, "p", "2026-105", "Acme", "EUR", amount, state, "", "105")


def a_difference(codes: str = "amount", amount: int = -100) -> Line:
    return Line(LineKind.DIFFERENCE, "i-105", "2026-105", "Acme", "EUR", amount, codes, "e1", "105")


COPIED = an_invoice(state=Place.INSIDE, behind="c1")
Kinds = tuple[str, Sequence[Line], Sequence[Line], Sequence[ChangeKind]]

KINDS: tuple[Kinds, ...] = (
    ("nothing", [COPIED], [COPIED], []),
    ("an empty month", [], [], []),
    ("an invoice came", [], [an_invoice()], [ChangeKind.INVOICE_NEW]),
    ("an invoice came and was copied at once", [], [COPIED], [ChangeKind.INVOICE_NEW]),
    ("an invoice was deleted, or dated in another month", [COPIED], [], [ChangeKind.INVOICE_GONE]),
    (
        "other lines for the same total",
        [an_invoice()],
        [an_invoice(content="other lines")],
        [ChangeKind.INVOICE_CHANGED],
    ),
    (
        "another total",
        [COPIED],
        [replace(COPIED, amount=12000, content="cheaper")],
        [ChangeKind.INVOICE_CHANGED],
    ),
    ("another currency", [COPIED], [replace(COPIED, currency="USD")], [ChangeKind.INVOICE_CHANGED]),
    ("copied", [an_invoice()], [COPIED], [ChangeKind.COPIED]),
    ("copied after it was left out", [an_invoice(state=Place.LEFT_OUT)], [COPIED], [ChangeKind.COPIED]),
    ("only asked for", [an_invoice()], [an_invoice(state=Place.UNDER_WAY)], []),
    ("under way when signed, and refused", [an_invoice(state=Place.UNDER_WAY)], [an_invoice()], []),
    ("under way when signed, and copied", [an_invoice(state=Place.UNDER_WAY)], [COPIED], [ChangeKind.COPIED]),
    ("an update under way", [COPIED], [an_invoice(state=Place.UNDER_WAY)], []),
    ("updated, or copied anew", [COPIED], [replace(COPIED, behind="c2")], [ChangeKind.COPIED_ANEW]),
    (
        "updated after it changed",
        [COPIED],
        [replace(COPIED, behind="c2", content="new")],
        [ChangeKind.INVOICE_CHANGED],
    ),
    ("undone", [COPIED], [an_invoice()], [ChangeKind.UNDONE]),
    ("not to be copied", [an_invoice()], [an_invoice(state=Place.LEFT_OUT)], [ChangeKind.LEFT_OUT]),
    ("may be copied again", [an_invoice(state=Place.LEFT_OUT)], [an_invoice()], [ChangeKind.MAY_BE_COPIED]),
    ("only its customer was renamed", [COPIED], [replace(COPIED, customer="Acme BV")], []),
    ("a payment came", [], [a_payment()], [ChangeKind.PAYMENT_NEW]),
    ("a payment went", [a_payment()], [], [ChangeKind.PAYMENT_GONE]),
    ("a payment of another amount", [a_payment()], [a_payment(amount=1)], [ChangeKind.PAYMENT_CHANGED]),
    (
        "a payment was decided",
        [a_payment(PaymentState.ASKED)],
        [a_payment()],
        [ChangeKind.PAYMENT_CHANGED],
    ),
    ("a difference came", [COPIED], [COPIED, a_difference()], [ChangeKind.DIFFERENCE_NEW]),
    ("a difference went", [COPIED, a_difference()], [COPIED], [ChangeKind.DIFFERENCE_GONE]),
    (
        "another difference of the same invoice",
        [a_difference()],
        [a_difference("amount,vat")],
        [ChangeKind.DIFFERENCE_CHANGED],
    ),
    (
        "a difference went with the update that mended it",
        [COPIED, a_difference()],
        [replace(COPIED, behind="c2")],
        [ChangeKind.COPIED_ANEW],
    ),
    (
        "an invoice was changed and a difference came of it",
        [COPIED],
        [replace(COPIED, content="new"), a_difference()],
        [ChangeKind.DIFFERENCE_NEW, ChangeKind.INVOICE_CHANGED],
    ),
)


@pytest.mark.parametrize(
    ("before", "after", "found"), [kind[1:] for kind in KINDS], ids=[k[0] for k in KINDS]
)
def test_each_kind_of_change_is_found(
    before: Sequence[Line], after: Sequence[Line], found: Sequence[ChangeKind]
) -> None:
    assert [change.kind for change in find_changes(before, after)] == list(found)


def test_every_kind_of_change_has_a_case() -> None:
    assert {found for kind in KINDS for found in kind[3]} == set(ChangeKind)


lines = st.builds(
    Line,
    kind=st.sampled_from(LineKind),
    key=st.sampled_from("abc"),
    number=st.just("1"),
    customer=st.text(max_size=2),
    currency=st.sampled_from(["EUR", "USD"]),
    amount=st.integers(-3, 3),
    state=st.sampled_from([*Place]),
    content=st.sampled_from(["", "x"]),
    behind=st.sampled_from(["", "a", "c1"]),
)
months = st.lists(lines, max_size=6, unique_by=lambda line: line.name)


@given(months, st.randoms())
def test_the_order_of_lines_says_nothing(month: list[Line], dice: object) -> None:
    shuffled = sorted(month, key=lambda line: (hash(line), id(dice)))
    assert fingerprint(shuffled) == fingerprint(month)
    assert find_changes(month, shuffled) == []


@given(months, months)
def test_what_changed_has_another_fingerprint(before: list[Line], after: list[Line]) -> None:
    changes = find_changes(before, after)
    if changes:
        assert fingerprint(before) != fingerprint(after)
    assert sum(count_changes(changes).values()) == len(changes)


@given(months)
def test_what_came_is_told_the_other_way_round_as_what_went(month: list[Line]) -> None:
    assert len(find_changes([], month)) == len(month)
    assert all(change.before for change in find_changes(month, []))
