"""Base and VAT per code: by a table, and that nothing gets lost by adding up."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.books.vat import VatSum, explains, sum_vat
from tests.domain.builders import an_entry_line

LINE = an_entry_line()
AMOUNTS = st.integers(-(10**9), 10**9)
LINES = st.lists(st.tuples(st.sampled_from(["21", "6", "0 ", "", None]), AMOUNTS, AMOUNTS))


@pytest.mark.parametrize(
    ("lines", "sums"),
    [
        ([], []),
        ([("21", 10000, 2100)], [VatSum("21", 10000, 2100)]),
        ([("21", 10000, 2100), ("21", -500, -105)], [VatSum("21", 9500, 1995)]),
        ([("6", 100, 6), ("21", 100, 21)], [VatSum("21", 100, 21), VatSum("6", 100, 6)]),
        ([(" 21", 1, 0), ("21 ", 2, 0)], [VatSum("21", 3, 0)]),
        ([(None, 700, 0), ("", 1, 0)], [VatSum("", 701, 0)]),
    ],
)
def test_lines_add_up_per_code(lines: list[tuple[str | None, int, int]], sums: list[VatSum]) -> None:
    made = [replace(LINE, vat_code=code, amount=net, vat_amount=vat) for code, net, vat in lines]
    assert list(sum_vat(made)) == sums


@given(LINES)
def test_nothing_is_lost_by_adding_up(lines: list[tuple[str | None, int, int]]) -> None:
    made = [replace(LINE, vat_code=code, amount=net, vat_amount=vat) for code, net, vat in lines]
    sums = sum_vat(made)
    gross = sum(net + vat for _code, net, vat in lines)
    whole = sum(vat for _code, _net, vat in lines)
    assert explains(sums, gross=gross, vat=whole)
    assert explains(sums, gross=gross, vat=None)
    assert not explains(sums, gross=gross + 1, vat=None)
    assert not explains(sums, gross=gross, vat=whole + 1)
