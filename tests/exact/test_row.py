"""Rows are read strictly."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest

from portal.exact.row import Row
from portal.remote.errors import BadAnswerError

ROW = Row(
    {
        "Text": "2  ",
        "Empty": "",
        "Guid": "6F9619FF-8B86-D011-B42D-00CF4FC964FF",
        "Amount": Decimal("-12.345"),
        "Day": "/Date(0)/",
        "Byte": 1,
        "Yes": True,
        "Nothing": None,
    }
)


def test_what_is_there_is_read() -> None:
    assert ROW.text("Text") == "2  "
    assert ROW.guid("Guid") == "6f9619ff-8b86-d011-b42d-00cf4fc964ff"
    assert ROW.cents("Amount") == -1235
    assert ROW.integer("Byte") == 1
    assert ROW.date("Day") == date(1970, 1, 1)
    assert ROW.flag("Yes")
    assert ROW.flag("Byte")


@pytest.mark.parametrize("name", ["Empty", "Nothing", "Absent"])
def test_what_may_be_missing_is_nothing(name: str) -> None:
    assert ROW.find_text(name) is None
    assert ROW.find_guid(name) is None


def test_a_missing_number_is_nothing() -> None:
    assert ROW.find_integer("Nothing") is None
    assert ROW.find_decimal("Nothing") is None
    assert ROW.find_cents("Absent") == 0
    assert ROW.find_date("Absent") is None
    assert not ROW.flag("Nothing")


@pytest.mark.parametrize(
    "read",
    [
        lambda: ROW.text("Empty"),
        lambda: ROW.text("Byte"),
        lambda: ROW.guid("Absent"),
        lambda: ROW.guid("Text"),
        lambda: ROW.integer("Nothing"),
        lambda: ROW.integer("Yes"),
        lambda: ROW.decimal("Nothing"),
        lambda: ROW.decimal("Text"),
        lambda: ROW.decimal("Yes"),
        lambda: ROW.cents("Absent"),
        lambda: ROW.date("Absent"),
        lambda: ROW.date("Text"),
        lambda: ROW.flag("Guid"),
    ],
)
def test_what_is_needed_and_missing_is_a_bad_answer(read: Callable[[], object]) -> None:
    with pytest.raises(BadAnswerError):
        read()
