"""Reads ``filter[...]`` of a query: simple, with operators, lists, and groups with ``$op``.

filter[company_id]=24            filter[invoice_id]=1,2          filter[invoice_id][]=1
filter[invoiced_on][gt_eq]=…     filter[number][contains]=…
filter[$op]=or                   filter[0][number][eq]=A         filter[1][0][pay_on][lt]=…
"""

import operator
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from portal.sandbox.common.reading import parse_whole
from portal.sandbox.productive.asks import as_decimal
from portal.sandbox.productive.errors import unsupported, unsupported_value
from portal.sandbox.productive.state import ZONE, Sandbox, day_of

Kind = Literal[
    "id", "choice", "text", "word", "number", "date", "moment", "flag", "search", "after", "before"
]
Test = Callable[[Any], bool]
Node = dict[str, Any]

_KEY = re.compile(r"filter((?:\[[^\]]*\])+)")
_SPLIT: frozenset[str] = frozenset({"id", "choice", "word", "number", "date"})
_DEEPEST = 12
_FLAGS = {"true": True, "1": True, "false": False, "0": False}
_EQUALITY = frozenset({"eq", "not_eq"})
_RANGES: Mapping[str, Callable[[Any, Any], bool]] = {
    "gt": operator.gt,
    "gt_eq": operator.ge,
    "lt": operator.lt,
    "lt_eq": operator.le,
}
_NAMED: Mapping[str, Callable[[Any, Any], bool]] = {"after": operator.gt, "before": operator.lt}
_TEXTUAL = _EQUALITY | {"contains", "not_contain"}
_OPERATORS: Mapping[str, frozenset[str]] = {
    "id": _TEXTUAL,
    "choice": _EQUALITY,
    "flag": _EQUALITY,
    "text": _TEXTUAL,
    "word": _TEXTUAL,
    "search": _TEXTUAL,
    "number": _EQUALITY | set(_RANGES),
    "date": _EQUALITY | set(_RANGES),
    "moment": _EQUALITY | set(_RANGES),
    "after": frozenset({"eq"}),
    "before": frozenset({"eq"}),
}


@dataclass(frozen=True)
class Field:
    """What a filter looks at. ``read`` may give several values (a set of choices, a list of tags)."""

    kind: Kind
    read: Callable[[Any, Sandbox], Any]


def read_filters(query: Iterable[tuple[str, str]]) -> Node:
    """The tree of all ``filter[...]`` parameters. A leaf is a list of values."""
    tree: Node = {}
    for key, value in query:
        if not (match := _KEY.fullmatch(key)):
            continue

        path = match[1][1:-1].split("][")
        if len(path) > _DEEPEST:
            raise unsupported("Filter", key)

        if path[-1] == "" or (len(path) > 1 and path[-1].isdecimal()):
            path.pop()

        if not path:
            raise unsupported("Filter", key)

        node = tree
        for part in path[:-1]:
            node = _descend(node, part)

        _put(node, path[-1], value)

    return tree


def _descend(node: Node, part: str) -> Node:
    deeper: Node | list[Any] = node.setdefault(part, {})
    if isinstance(deeper, list):
        deeper = {"eq": deeper}
        node[part] = deeper
    return deeper


def _put(node: Node, name: str, value: str) -> None:
    present = node.setdefault(name, [])
    if isinstance(present, dict):
        _put(present, "eq", value)
    else:
        present.append(value)


def plain_conditions(tree: Node) -> dict[str, dict[str, list[str]]]:
    """The conditions that every row must meet, for indexes: none if they are joined with "or"."""
    if tree.get("$op", ["and"]) != ["and"]:
        return {}

    found: dict[str, dict[str, list[str]]] = {}
    for name, node in tree.items():
        if name.isdecimal():
            found |= plain_conditions(node) if isinstance(node, dict) else {}
        elif name != "$op":
            found[name] = {"eq": node} if isinstance(node, list) else node

    return found


def split_values(values: Sequence[str]) -> list[str]:
    """Comma lists taken apart."""
    return [part.strip() for value in values for part in value.split(",")]


def each_id(values: Sequence[str]) -> set[int]:
    """The ids in comma lists. What is none is left out, for it finds nothing."""
    return {id_ for part in split_values(values) if (id_ := parse_whole(part)) is not None}


class Compiler:
    """Makes one test of a tree of filters, or raises the 400 that Productive answers."""

    def __init__(self, fields: Mapping[str, Field], state: Sandbox, *, to_the_second: bool) -> None:
        self._fields = fields
        self._state = state
        self._to_the_second = to_the_second

    def compile(self, tree: Node) -> Test:
        """The test of a group."""
        join = tree.get("$op", ["and"])
        if join not in (["and"], ["or"]):
            raise unsupported_value("$op", str(join)[:50])

        tests = [test for name, node in tree.items() if name != "$op" for test in self._member(name, node)]
        if join == ["or"] and tests:
            return lambda row: any(test(row) for test in tests)

        return lambda row: all(test(row) for test in tests)

    def _member(self, name: str, node: Any) -> list[Test]:
        if name.isdecimal():
            if not isinstance(node, dict):
                raise unsupported("Filter", name)
            return [self.compile(node)]

        field = self._fields.get(name)
        if field is None:
            raise unsupported("Filter", name)

        conditions = {"eq": node} if isinstance(node, list) else node
        return [self._condition(name, field, op, values) for op, values in conditions.items()]

    def _condition(self, name: str, field: Field, op: str, values: Any) -> Test:
        if op not in _OPERATORS[field.kind] or not isinstance(values, list):
            raise unsupported("Filter", f"{name}[{op}]")

        parts = split_values(values) if field.kind in _SPLIT else values
        wanted = [self._value(name, field.kind, part) for part in parts]
        if compare := _NAMED.get(field.kind) or _RANGES.get(op):
            return self._range(field, compare, wanted[-1])
        if op in ("contains", "not_contain") or field.kind == "search":
            return self._part(field, wanted, negate=op.startswith("not_"))

        return self._equal(field, wanted, negate=op == "not_eq")

    def _value(self, name: str, kind: Kind, text: str) -> Any:
        try:
            return self._read(kind, text)
        except (ValueError, KeyError, InvalidOperation, OverflowError):
            raise unsupported_value(name, text) from None

    def _read(self, kind: Kind, text: str) -> Any:
        if kind == "number":
            return as_decimal(text)
        if kind == "flag":
            return _FLAGS[text]
        if kind in ("id", "choice"):
            return str(int(text))
        if kind in ("date", "after", "before"):
            return datetime.fromisoformat(text).date().isoformat()
        if kind == "moment":
            moment = _read_moment(text)
            return moment[:19] if self._to_the_second else day_of(moment)

        return text.casefold()

    def _normal(self, kind: Kind, value: Any) -> Any:
        if kind == "moment":
            return value and (value[:19] if self._to_the_second else day_of(value))
        if kind in ("id", "choice"):
            return str(value)
        if kind == "number" and isinstance(value, str):
            return Decimal(value)
        if kind in ("text", "word", "search"):
            return value.casefold() if value else ""

        return value

    def _values(self, field: Field, row: Any) -> list[Any]:
        found = field.read(row, self._state)
        several = found if isinstance(found, list | tuple | set) else (found,)
        return [self._normal(field.kind, value) for value in several]

    def _equal(self, field: Field, wanted: list[Any], *, negate: bool) -> Test:
        known = set(wanted)
        return lambda row: any(value in known for value in self._values(field, row)) is not negate

    def _part(self, field: Field, wanted: list[Any], *, negate: bool) -> Test:
        def test(row: Any) -> bool:
            values = self._values(field, row)
            return any(part in value for part in wanted for value in values) is not negate

        return test

    def _range(self, field: Field, compare: Callable[[Any, Any], bool], limit: Any) -> Test:
        def test(row: Any) -> bool:
            return any(value is not None and compare(value, limit) for value in self._values(field, row))

        return test


def _read_moment(text: str) -> str:
    moment = datetime.fromisoformat(text)
    local = moment.astimezone(ZONE) if moment.tzinfo else moment.replace(tzinfo=ZONE)
    return local.isoformat()
