"""The page about security says what is so: its tests exist, and nothing is left out."""

import ast
import re
from collections import Counter
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import portal.store
from portal.settings import ROOT
from portal.store.base import Base

PAGE = (ROOT / "docs/security.md").read_text()
ROW = re.compile(r"^\| (\d+\.\d+\.\d+) \| (.+?) \| (.+?) \| (.*?) \|(.*)\|$", re.M)
NAMED = re.compile(r"`([\w/]+\.py)::(\w+)`")
STATUSES = ("met", "in part", "operator", "not met")
# The requirements of levels 1 and 2 of ASVS 5.0, by section.
REQUIREMENTS = {
    "1.1": "1 2",
    "1.2": "1 2 3 4 5 6 7 8 9",
    "1.3": "1 2 3 4 5 6 7 8 9 10 11",
    "1.4": "1 2 3",
    "1.5": "1 2",
    "2.1": "1 2 3",
    "2.2": "1 2 3",
    "2.3": "1 2 3 4",
    "2.4": "1",
    "3.2": "1 2",
    "3.3": "1 2 3 4",
    "3.4": "1 2 3 4 5 6",
    "3.5": "1 2 3 4 5",
    "3.7": "1 2",
    "4.1": "1 2 3",
    "4.2": "1",
    "4.3": "1 2",
    "4.4": "1 2 3 4",
    "5.1": "1",
    "5.2": "1 2 3",
    "5.3": "1 2",
    "5.4": "1 2 3",
    "6.1": "1 2 3",
    "6.2": "1 2 3 4 5 6 7 8 9 10 11 12",
    "6.3": "1 2 3 4",
    "6.4": "1 2 3 4",
    "6.5": "1 2 3 4 5",
    "6.6": "1 2 3",
    "6.8": "1 2 3 4",
    "7.1": "1 2 3",
    "7.2": "1 2 3 4",
    "7.3": "1 2",
    "7.4": "1 2 3 4 5",
    "7.5": "1 2",
    "7.6": "1 2",
    "8.1": "1 2",
    "8.2": "1 2 3",
    "8.3": "1",
    "8.4": "1",
    "9.1": "1 2 3",
    "9.2": "1 2 3 4",
    "10.1": "1 2",
    "10.2": "1 2",
    "10.3": "1 2 3 4",
    "10.4": "1 2 3 4 5 6 7 8 9 10 11",
    "10.5": "1 2 3 4 5",
    "10.6": "1 2",
    "10.7": "1 2 3",
    "11.1": "1 2",
    "11.2": "1 2 3",
    "11.3": "1 2 3",
    "11.4": "1 2 3 4",
    "11.5": "1",
    "11.6": "1",
    "12.1": "1 2 3",
    "12.2": "1 2",
    "12.3": "1 2 3 4",
    "13.1": "1",
    "13.2": "1 2 3 4 5",
    "13.3": "1 2",
    "13.4": "1 2 3 4 5",
    "14.1": "1 2",
    "14.2": "1 2 3 4",
    "14.3": "1 2 3",
    "15.1": "1 2 3",
    "15.2": "1 2 3",
    "15.3": "1 2 3 4 5 6 7",
    "16.1": "1",
    "16.2": "1 2 3 4 5",
    "16.3": "1 2 3 4",
    "16.4": "1 2 3",
    "16.5": "1 2 3",
    "17.1": "1",
    "17.2": "1 2 3 4",
    "17.3": "1 2",
}
ALL = [f"{section}.{number}" for section, numbers in REQUIREMENTS.items() for number in numbers.split()]


def part(title: str) -> str:
    """Return what stands under a title of the page."""
    return PAGE.split(f"\n## {title}\n")[1].split("\n## ")[0]


@cache
def names_in(path: Path) -> set[str]:
    """Return the names of the functions in a file."""
    return {node.name for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef)}


def test_every_requirement_is_told_once() -> None:
    left_out = re.findall(r"\d+\.\d+\.\d+", part("What does not apply"))
    told = [row[0] for row in ROW.findall(PAGE)]
    assert sorted([*told, *left_out]) == sorted(ALL)


def test_every_test_that_is_named_exists() -> None:
    named = NAMED.findall(PAGE)
    missing = [f"{path}::{name}" for path, name in named if name not in names_in(ROOT / "tests" / path)]
    assert named
    assert missing == []


def test_every_status_is_one_of_four_and_the_summary_counts_them() -> None:
    counts = Counter(row[2] for row in ROW.findall(PAGE))
    said = ", ".join(f"{counts[status]} {status}" for status in STATUSES)
    assert set(counts) <= set(STATUSES)
    assert f"Of {len(ALL)} requirements {counts.total()} apply: {said}." in PAGE


def test_what_lacks_is_said_and_what_is_met_shows_how() -> None:
    silent = [number for number, _, _, how, test in ROW.findall(PAGE) if not how.strip() and not test.strip()]
    lacking = [
        number for number, _, status, how, _ in ROW.findall(PAGE) if status != "met" and not how.strip()
    ]
    assert silent == []
    assert lacking == []


def test_every_table_is_told_once() -> None:
    for module in iter_modules(portal.store.__path__):
        if not module.ispkg:
            import_module(f"portal.store.{module.name}")

    told = [name for line in part("Data").splitlines() if line.startswith("| `") for name in cells(line)]
    assert sorted(told) == sorted(Base.metadata.tables)


def cells(line: str) -> list[str]:
    """Return the tables that a line names."""
    return re.findall(r"`(\w+)`", line.split("|")[1])
