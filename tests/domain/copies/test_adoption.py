"""What an entry found after a restore belongs to: certain, doubtful, or none of ours."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from portal.domain.booking.sales_entry import BookedEntry, BookedLine
from portal.domain.copies.adoption import (
    Claimant,
    CreditMatch,
    Doubt,
    FoundEntry,
    Match,
    find_twins,
    judge_entry,
)
from tests.furnishing.said import english

LINE = BookedLine("l1", "g1", 10000, "2  ", 2100, "Design", None, "[ABCDEFGH]")
ENTRY = BookedEntry(
    "e1", 26700001, 26700001, "c1", "70", date(2026, 3, 2), None, "2026-0042", "Acme", "EUR",
    12100, 2100, 20, 20, (LINE,),
)  # fmt: skip
OURS = FoundEntry(ENTRY)
TURNED = FoundEntry(replace(ENTRY, gross=-12100, description="Credit 26700001 Acme"))
UNNAMED = FoundEntry(replace(ENTRY, gross=-12100))
INVOICE = Claimant("105", "2026-0042", "EUR", 12100, is_settled=False)
OTHER = Claimant("106", "2026-0043", "EUR", 12100, is_settled=False)


def with_notes(*notes: str) -> FoundEntry:
    return FoundEntry(replace(ENTRY, lines=tuple(replace(LINE, notes=note) for note in notes)))


CASES: list[tuple[str, FoundEntry, list[Claimant], dict[str, Any], object]] = [
    ("marker and reference", OURS, [INVOICE], {}, Match("105", "ABCDEFGH")),
    ("known marker", OURS, [INVOICE], {"taken": {"ABCDEFGH": "e1"}}, Match("105", "ABCDEFGH")),
    ("a second copy", OURS, [replace(INVOICE, is_settled=True)], {}, Match("105", "ABCDEFGH")),
    ("a credit entry", TURNED, [INVOICE], {}, CreditMatch("105", "ABCDEFGH", "26700001")),
    ("a credit entry of nothing", UNNAMED, [INVOICE], {}, "it names no entry that it takes back"),
    ("a credit note", TURNED, [replace(INVOICE, gross=-12100)], {}, Match("105", "ABCDEFGH")),
    ("another total", OURS, [replace(INVOICE, gross=99)], {}, Match("105", "ABCDEFGH")),
    ("a stranger's", with_notes("", "by hand"), [], {}, None),
    ("a stranger's for a copied invoice", with_notes(""), [replace(INVOICE, is_settled=True)], {}, None),
    ("a stranger's for our invoice", with_notes(""), [INVOICE], {}, "no marker"),
    ("two markers", with_notes("[ABCDEFGH]", "[ABCDEFGI]"), [INVOICE], {}, "ABCDEFGH, ABCDEFGI"),
    ("twins", OURS, [INVOICE], {"twins": {"ABCDEFGH"}}, "the same marker ABCDEFGH"),
    ("taken", OURS, [INVOICE], {"taken": {"ABCDEFGH": "e0"}}, "the same marker ABCDEFGH"),
    ("no invoice", OURS, [], {}, "No invoice of this number"),
    ("two invoices", OURS, [INVOICE, OTHER], {}, "2026-0042, 2026-0043"),
    ("another currency", OURS, [replace(INVOICE, currency="USD")], {}, "in EUR, invoice 2026-0042 in USD"),
]  # fmt: skip


@pytest.mark.parametrize(("found", "claimants", "given", "expected"), [case[1:] for case in CASES],
                         ids=[case[0] for case in CASES])  # fmt: skip
def test_an_entry_is_matched_only_where_it_is_certain(
    found: FoundEntry, claimants: list[Claimant], given: dict[str, Any], expected: object
) -> None:
    verdict = judge_entry(found, claimants, **({"taken": {}, "twins": set()} | given))
    if isinstance(expected, str):
        assert isinstance(verdict, Doubt)
        assert expected in str(english(verdict.why))
    else:
        assert verdict == expected


def test_twins_are_entries_with_one_marker() -> None:
    other = FoundEntry(replace(ENTRY, id="e2"))
    assert find_twins([OURS, other, with_notes("")]) == {"ABCDEFGH"}
    assert find_twins([OURS, with_notes("[ABCDEFGI]")]) == set()


def test_exacts_clock_is_dutch() -> None:
    summer = replace(ENTRY, created=datetime(2026, 7, 1, 10))  # noqa: DTZ001 - as Exact gives it
    assert FoundEntry(summer).created == datetime(2026, 7, 1, 8, tzinfo=UTC)
    assert OURS.created == datetime(2026, 3, 1, 23, tzinfo=UTC)
