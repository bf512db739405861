"""Imports the portal with its sentences reworded, anew each time that one is said."""

import ast
import builtins
import sys
from collections import Counter
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import CodeType, ModuleType
from typing import cast

from tests.rewording.sentences import is_mute, is_sentence, reword

REWORDED = ("portal", "jobs")
# These speak to nobody but a machine.
AS_THEY_ARE = (
    "portal.sandbox",
    "portal.cli",
    "portal.store.migrations",
    "portal.store.tallies",
    "portal.store.tally_triggers",
    "portal.domain.imprint",
)
TESTS = "tests"

_said: Counter[str] = Counter()


class Said(str):
    """A sentence of the portal that remembers how the code says it."""

    origin: str

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        """Travel as plain text."""
        return str, (str(self),)


def say(origin: str) -> Said:
    """Say a sentence in words that were not used for it before."""
    _said[origin] += 1
    said = Said(reword(origin, _said[origin]))
    said.origin = origin
    return said


def again(value: object) -> object:
    """Say a constant's sentence in other words. Whatever else it holds stays."""
    return say(value.origin) if type(value) is Said else value


def check(_holds: object) -> None:
    """Let a test go on whatever it expected: what is compared is the state in the end."""


class Rewording(ast.NodeTransformer):
    """Has each sentence, and each name or table of one, said anew where it is used."""

    def visit(self, node: ast.AST) -> ast.AST:
        """Leave out what holds no sentence."""
        return node if is_mute(node) else cast(ast.AST, super().visit(node))

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        """Reword a sentence."""
        return _call("__say__", node) if is_sentence(node) else node

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
        """Reword what stands between the parts that are filled in."""
        tells = is_sentence(node)
        node.values = [self._part(part, tells) for part in node.values]
        return node

    def _part(self, part: ast.expr, tells: bool) -> ast.expr:
        if isinstance(part, ast.FormattedValue):
            part.value = cast(ast.expr, self.visit(part.value))
            return part
        if tells:
            return ast.FormattedValue(_call("__say__", part), -1, None)
        return part

    def visit_Name(self, node: ast.Name) -> ast.AST:
        """Reword the sentence that a constant's name stands for."""
        is_constant = node.id.isupper() and isinstance(node.ctx, ast.Load)
        return _call("__again__", node) if is_constant else node

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        """Reword the sentence that a table of them holds."""
        self.generic_visit(node)
        is_table = isinstance(node.ctx, ast.Load) and isinstance(node.value, ast.Call)
        return _call("__again__", node) if is_table else node


class Asking(ast.NodeTransformer):
    """Lets a test go on after an expectation of certain words."""

    def visit_Assert(self, node: ast.Assert) -> ast.AST:
        """Evaluate what a test expects, and go on."""
        return ast.Expr(_call("__check__", node.test))

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Expect an error whatever it says."""
        self.generic_visit(node)
        node.keywords = [one for one in node.keywords if one.arg != "match"]
        return node


def _call(name: str, argument: ast.expr) -> ast.Call:
    return ast.Call(ast.Name(name, ast.Load()), [argument], [])


def compile_changed(source: str, path: str, change: ast.NodeTransformer) -> CodeType:
    """Compile a module after changing it."""
    tree = cast(ast.Module, change.visit(ast.parse(source)))
    return compile(ast.fix_missing_locations(tree), path, "exec", dont_inherit=True)


class Loader(SourceFileLoader):
    """Compiles a module after rewording it. Nothing of it is kept on the disk."""

    def source_to_code(self, data: object, path: object, *, _optimize: int = -1) -> object:  # type: ignore[override]
        """Reword a module of the portal, and let a test's go on."""
        change = Asking() if self.name.split(".")[0] == TESTS else Rewording()
        return compile_changed(cast(bytes, data).decode(), str(path), change)

    def path_stats(self, path: object) -> object:  # type: ignore[override]
        """Let no compiled file be read or written."""
        raise OSError(path)


class Finder(MetaPathFinder):
    """Finds the modules that are reworded, and the tests that tell the stories."""

    def __init__(self, *, reworded: bool) -> None:
        self.roots = (*REWORDED, TESTS) if reworded else (TESTS,)

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return how to load a module."""
        if name.split(".")[0] not in self.roots or name.startswith(AS_THEY_ARE):
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None and isinstance(spec.loader, SourceFileLoader):
            spec.loader = Loader(spec.loader.name, spec.loader.path)
        return spec


def install(*, reworded: bool) -> None:
    """Reword what is imported from now on."""
    for name, function in (("__say__", say), ("__again__", again), ("__check__", check)):
        setattr(builtins, name, function)
    sys.meta_path.insert(0, Finder(reworded=reworded))
