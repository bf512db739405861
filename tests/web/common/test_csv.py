"""No cell of a download is a formula, however a spreadsheet cuts its lines into cells."""

import csv
import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from portal.web.common.csv import _line, harmless

SIGNS = st.text(alphabet=";|,\"' \t\n=+-@＝aß1", max_size=12)
BEGIN = tuple("=+-@＝＋－＠")


@pytest.mark.parametrize("separator", [",", ";", "|", "\t"])
@given(cells=st.lists(SIGNS, min_size=1, max_size=4))
@example(cells=["x", 'a;"=1+1;b'])
@example(cells=["x;", "=1"])
@example(cells=['"', ';"=1'])
def test_no_cell_is_a_formula_whatever_ends_a_cell(separator: str, cells: list[str]) -> None:
    for row in csv.reader(io.StringIO(_line([harmless(cell) for cell in cells])), delimiter=separator):
        assert not [cell for cell in row if cell.strip().startswith(BEGIN)]
