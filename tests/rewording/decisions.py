"""Finds decisions that are read from sentences: comparisons in code, in SQL and in templates."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from jinja2 import Environment, nodes

from tests.rewording.sentences import is_sentence, reads_as_sentence, sentences_of

ASKS = {"startswith", "endswith", "like", "ilike", "contains", "in_", "not_in", "index", "find", "count"}
ASKS |= {"is_", "is_not", "regexp_match", "removeprefix", "removesuffix", "partition", "match", "search"}
SKIPPED = ("portal/sandbox/", "portal/cli/", "portal/store/migrations/")


def modules() -> list[Path]:
    """Return the files whose sentences are the portal's own."""
    found = sorted([*Path("portal").rglob("*.py"), *Path("jobs").rglob("*.py")])
    return [path for path in found if not str(path).startswith(SKIPPED)]


@cache
def constants() -> frozenset[tuple[str, str]]:
    """Return the module and the name of every constant that stands for a sentence."""
    return frozenset(
        (".".join(path.with_suffix("").parts), name)
        for path in modules()
        for name in _constants_of(ast.parse(path.read_text()))
    )


def _constants_of(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.Assign) and _tells(node.value):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))


def _tells(value: ast.expr) -> bool:
    """Say whether a constant is a sentence or a group of them. The keys of a table are codes."""
    return is_sentence(value) or (not isinstance(value, ast.Dict) and any(sentences_of(value)))


def decisions_in(path: Path) -> Iterator[str]:
    """Tell where a module decides by a sentence."""
    tree = ast.parse(path.read_text())
    known = _known_in(tree)
    for node in ast.walk(tree):
        if any(_is_told(part, known) for part in _compared(node)):
            yield f"{path}:{getattr(node, 'lineno', 0)}"


def _known_in(tree: ast.Module) -> set[str]:
    """Return the names under which a module knows sentences."""
    known = set(_constants_of(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            known |= {
                each.asname or each.name for each in node.names if (node.module, each.name) in constants()
            }
    return known


def _compared(node: ast.AST) -> list[ast.expr]:
    """Return what a node compares."""
    if isinstance(node, ast.Compare):
        return [node.left, *node.comparators]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ASKS:
        return list(node.args)
    return [node.value] if isinstance(node, ast.MatchValue) else []


def _is_told(node: ast.expr, known: set[str]) -> bool:
    """Say whether what is compared is a sentence, its name, or a group with one."""
    if isinstance(node, ast.Tuple | ast.List | ast.Set):
        return any(_is_told(one, known) for one in node.elts)
    return is_sentence(node) or (isinstance(node, ast.Name) and node.id in known)


def decisions_of_template(path: Path) -> Iterator[str]:
    """Tell where a template decides by a sentence."""
    tree = Environment(extensions=["jinja2.ext.i18n"], autoescape=True).parse(path.read_text())
    for compared in tree.find_all(nodes.Compare):
        for constant in compared.find_all(nodes.Const):
            if isinstance(constant.value, str) and reads_as_sentence(constant.value):
                yield f"{path}:{compared.lineno}"
