"""Finds sentences that are glued together from parts, which no other language can put in its own order."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

SAYS = {"_", "_l", "gettext", "ngettext", "say", "say_many"}
# `{{ _('a') }} {{ _('b') }}`, with nothing but a sign between.
SIDE_BY_SIDE = re.compile(
    r"\b(?:_|ngettext)\((?P<first>[^{}%]*?)\)\s*-?\}\}\s*[,;:.(]?\s*\{\{-?\s*(?:_|ngettext)\("
)
JOINED = re.compile(
    r"\b_\((?P<first>\"[^\"]*\"|'[^']*')\)\s*(?:~|\+)|(?:~|\+)\s*\b_\((?P<second>\"[^\"]*\"|'[^']*')"
)
LITERAL = re.compile(r"[\"'](.*?)[\"']", re.DOTALL)
# Where one ends and the next begins. They may stand side by side.
WHOLE = re.compile(r"[A-Z“‘\d%].*[.:?!]$", re.DOTALL)


def glued_in_python(text: str) -> Iterator[tuple[int, str]]:
    """Return line and text of each part that is put together with others by code."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            parts = [node.left, node.right]
        elif isinstance(node, ast.JoinedStr):
            parts = [part.value for part in node.values if isinstance(part, ast.FormattedValue)]
        else:
            continue

        for part in parts:
            said = said_by(part)
            if said is not None and not WHOLE.match(said):
                yield node.lineno, said


def said_by(node: ast.expr) -> str | None:
    """Return the text that an expression says, None for any other expression."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or not node.args:
        return None
    if node.func.id == "str":
        return said_by(node.args[0])

    first = node.args[0]
    is_text = node.func.id in SAYS and isinstance(first, ast.Constant) and isinstance(first.value, str)
    return str(first.value) if is_text and isinstance(first, ast.Constant) else None


def glued_in_template(text: str) -> Iterator[tuple[int, str]]:
    """Return line and text of each part that a template puts beside another one."""
    for pattern in (SIDE_BY_SIDE, JOINED):
        for found in pattern.finditer(text):
            told = next(group for group in found.groups() if group is not None)
            literal = LITERAL.search(told)
            said = literal[1] if literal else told
            if not WHOLE.match(said):
                yield text.count("\n", 0, found.start()) + 1, said


def glued_in(path: Path) -> list[tuple[int, str]]:
    """Return the parts in one file."""
    text = path.read_text(encoding="utf-8")
    return list(glued_in_python(text) if path.suffix == ".py" else glued_in_template(text))
