"""The measure: files have air, docstrings are sentences, and a template has one tag a line."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.test_architecture import SOURCES, TEMPLATES, name_of

WRITTEN = [path for path in SOURCES if "versions" not in path.parts]
LONGEST_LINE = 160
AIR = 0.07
Documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def each_node(path: Path) -> Iterator[ast.AST]:
    yield from ast.walk(tree_of(path))


def is_packed(node: ast.AST) -> bool:
    """Say whether one statement assigns several things. To swap two is one thing."""
    if not isinstance(node, ast.Assign):
        return False
    if len(node.targets) > 1:
        return True
    target = node.targets[0]
    value = node.value
    if not isinstance(target, ast.Tuple) or not isinstance(value, ast.Tuple):
        return False
    return sorted(map(ast.unparse, target.elts)) != sorted(map(ast.unparse, value.elts))


def packed(path: Path) -> list[str]:
    """Where a file assigns several things by one statement."""
    return [f"{name_of(path)}:{ast.unparse(node)}" for node in each_node(path) if is_packed(node)]


def with_semicolon(path: Path) -> list[str]:
    """The docstrings of a file that have a semicolon."""
    texts = [ast.get_docstring(node) for node in each_node(path) if isinstance(node, Documented)]
    return [f"{name_of(path)}: {text}" for text in texts if text and ";" in text]


def long_lines(path: Path) -> list[str]:
    """The lines of a template that nobody reads at once."""
    lines = enumerate(path.read_text().splitlines(), 1)
    return [f"{name_of(path)}:{number}" for number, line in lines if len(line) > LONGEST_LINE]


def test_docstrings_get_along_without_semicolons() -> None:
    found = [one for path in WRITTEN for one in with_semicolon(path)]
    assert found == []


def test_a_line_assigns_one_thing() -> None:
    found = [one for path in WRITTEN for one in packed(path)]
    assert found == []


def test_a_template_has_short_lines() -> None:
    found = [one for path in TEMPLATES for one in long_lines(path)]
    assert found == []


def test_functions_have_air() -> None:
    lines: list[str] = []
    for path in WRITTEN:
        text = path.read_text().splitlines()
        for node in each_node(path):
            if isinstance(node, ast.FunctionDef):
                lines += text[node.lineno - 1 : node.end_lineno]
    blank = sum(not line.strip() for line in lines)
    assert blank / len(lines) >= AIR


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("a = b = 1", True),
        ("a, b = 1, 2", True),
        ("self.a, self.b = None, now", True),
        ("a, b = b, a", False),
        ("a, b = pair", False),
        ("a = 1, 2", False),
        ("a: int = 1", False),
    ],
)
def test_what_counts_as_packed(line: str, found: bool) -> None:
    assert is_packed(ast.parse(line).body[0]) is found
