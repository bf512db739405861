"""Reads ``$filter`` into a tree that can judge rows.

Known: eq ne gt ge lt le, and or not, parentheses, substringof, startswith, endswith, trim, tolower, toupper.
Comparing two fields and reaching through a navigation are refused, as Exact does.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from portal.sandbox.exact.errors import bad_request
from portal.sandbox.exact.fields import Field
from portal.sandbox.exact.odata.lexer import Token, each_token, syntax_error
from portal.sandbox.exact.store import Value

Reader = Callable[[str], Value]

_COMPARISONS = ("eq", "ne", "gt", "ge", "lt", "le")
_TESTS = ("substringof", "startswith", "endswith")
_CHANGES = ("trim", "tolower", "toupper")
_NUMERIC = frozenset("hildy")
# [L] How deep the real service reads is not known.
_DEEPEST = 100


class Condition(Protocol):
    """Something that holds for a row or not."""

    def holds(self, read: Reader) -> bool:
        """Whether it holds for the row behind this reader."""

    def each_field(self) -> Iterator[str]:
        """The fields that it looks at."""


@dataclass(frozen=True, slots=True)
class Operand:
    """A literal, or a field with the functions around it."""

    kind: str
    value: Value = None
    field: str | None = None
    changes: tuple[str, ...] = ()

    def read(self, read: Reader) -> Value:
        """The operand's value for a row."""
        value = read(self.field) if self.field else self.value
        for change in reversed(self.changes):
            if isinstance(value, str):
                value = _change(change, value)
        # The database does not count trailing blanks when it compares.
        return value.rstrip(" ") if isinstance(value, str) else value


@dataclass(frozen=True, slots=True)
class Comparison:
    """A field against a literal."""

    left: Operand
    operator: str
    right: Operand

    def holds(self, read: Reader) -> bool:
        """Whether it holds for the row behind this reader."""
        return _compare(self.operator, self.left.read(read), self.right.read(read))

    def each_field(self) -> Iterator[str]:
        """The fields that it looks at."""
        return (side.field for side in (self.left, self.right) if side.field)


@dataclass(frozen=True, slots=True)
class TextTest:
    """substringof, startswith or endswith."""

    name: str
    where: Operand
    part: Operand

    def holds(self, read: Reader) -> bool:
        """Whether it holds for the row behind this reader."""
        whole = self.where.read(read)
        part = self.part.value
        if not isinstance(whole, str) or not isinstance(part, str):
            return False
        if self.name == "substringof":
            return part in whole

        return whole.startswith(part) if self.name == "startswith" else whole.endswith(part)

    def each_field(self) -> Iterator[str]:
        """The fields that it looks at."""
        return (side.field for side in (self.where, self.part) if side.field)


@dataclass(frozen=True, slots=True)
class Junction:
    """Conditions joined by ``and`` or ``or``."""

    word: str
    parts: tuple[Condition, ...]

    def holds(self, read: Reader) -> bool:
        """Whether it holds for the row behind this reader."""
        judge = all if self.word == "and" else any
        return judge(part.holds(read) for part in self.parts)

    def each_field(self) -> Iterator[str]:
        """The fields that it looks at."""
        return (name for part in self.parts for name in part.each_field())


@dataclass(frozen=True, slots=True)
class Negation:
    """The opposite of a condition."""

    part: Condition

    def holds(self, read: Reader) -> bool:
        """Whether it holds for the row behind this reader."""
        return not self.part.holds(read)

    def each_field(self) -> Iterator[str]:
        """The fields that it looks at."""
        return self.part.each_field()


def read_filter(text: str, fields: Mapping[str, Field]) -> Condition:
    """The condition that a ``$filter`` states over these fields."""
    parser = _Parser(list(each_token(text)), fields)
    condition = parser.read_or()
    parser.expect_end()
    return condition


def each_demand(condition: Condition | None) -> Iterator[Comparison]:
    """The comparisons of field and literal that every wanted row must meet."""
    if isinstance(condition, Junction) and condition.word == "and":
        for part in condition.parts:
            yield from each_demand(part)
    if isinstance(condition, Comparison) and condition.left.field and not condition.left.changes:
        yield condition


class _Parser:
    def __init__(self, tokens: list[Token], fields: Mapping[str, Field]) -> None:
        self._tokens = tokens
        self._place = 0
        self._depth = 0
        self._fields = fields

    def expect_end(self) -> None:
        if self._place < len(self._tokens):
            raise syntax_error(f"unexpected '{self._tokens[self._place].text}'")

    def read_or(self) -> Condition:
        return self._read_joined("or", lambda: self._read_joined("and", self._read_not))

    def _read_joined(self, word: str, read: Callable[[], Condition]) -> Condition:
        parts = [read()]
        while self._take(word):
            parts.append(read())
        return parts[0] if len(parts) == 1 else Junction(word, tuple(parts))

    @contextmanager
    def _deeper(self) -> Iterator[None]:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise bad_request(f"The $filter is nested more than {_DEEPEST} levels deep.")
        yield
        self._depth -= 1

    def _read_not(self) -> Condition:
        if self._take("not"):
            with self._deeper():
                return Negation(self._read_not())

        if self._take("("):
            with self._deeper():
                inside = self.read_or()
            self._demand(")")
            return self._read_truth(inside)

        if self._peek() in _TESTS:
            return self._read_truth(self._read_test())

        return self._read_comparison()

    def _read_test(self) -> Condition:
        name = self._next().text
        self._demand("(")
        first = self._read_operand()
        self._demand(",")
        second = self._read_operand()
        self._demand(")")
        where, part = (second, first) if name == "substringof" else (first, second)
        if part.field or part.kind != "s" or where.kind != "s":
            raise bad_request(f"The function '{name}' wants a field of type Edm.String and a text.")

        return TextTest(name, where, part)

    def _read_truth(self, condition: Condition) -> Condition:
        operator = self._peek()
        if operator not in ("eq", "ne"):
            return condition

        self._next()
        token = self._next()
        if token.kind != "b":
            raise syntax_error(f"'{token.text}' stands where true or false must")

        return condition if (operator == "eq") == bool(token.value) else Negation(condition)

    def _read_comparison(self) -> Condition:
        left = self._read_operand()
        operator = self._peek()

        if operator not in _COMPARISONS:
            if left.kind == "b" and left.field:
                return Comparison(left, "eq", Operand("b", True))
            raise syntax_error(f"'{operator}' is no operator")

        self._next()
        right = self._read_operand()
        if left.field is None:
            left, right = right, left
            operator = _MIRRORED[operator]

        _check_kinds(left, right)
        return Comparison(left, operator, right)

    def _read_operand(self) -> Operand:
        token = self._next()
        if token.kind == "mark":
            raise syntax_error(f"unexpected '{token.text}'")
        if token.kind != "name":
            return Operand(token.kind, token.value)

        if token.text in _CHANGES:
            self._demand("(")
            with self._deeper():
                inside = self._read_operand()
            self._demand(")")
            return Operand(inside.kind, inside.value, inside.field, (token.text, *inside.changes))

        return self._read_field(token.text)

    def _read_field(self, name: str) -> Operand:
        field = self._fields.get(name)
        if field is None or field.kind in ("c", "x"):
            raise bad_request(f"Could not find a property named '{name}' that can be filtered on.")
        return Operand(field.kind, field=name)

    def _peek(self) -> str | None:
        return self._tokens[self._place].text if self._place < len(self._tokens) else None

    def _next(self) -> Token:
        if self._place >= len(self._tokens):
            raise syntax_error("unexpected end")
        self._place += 1
        return self._tokens[self._place - 1]

    def _take(self, text: str) -> bool:
        if self._peek() != text:
            return False
        self._place += 1
        return True

    def _demand(self, text: str) -> None:
        if not self._take(text):
            raise syntax_error(f"'{text}' is missing")


_MIRRORED = {"eq": "eq", "ne": "ne", "gt": "lt", "ge": "le", "lt": "gt", "le": "ge"}


def _check_kinds(left: Operand, right: Operand) -> None:
    if left.field is None or right.field is not None:
        raise bad_request("A filter compares a field with a value, not two fields.")
    alike = left.kind == right.kind or (left.kind in _NUMERIC and right.kind in _NUMERIC)
    if not alike and right.kind != "null":
        raise bad_request(f"Operator incompatible with the types of '{left.field}' and its value.")


def _change(name: str, value: str) -> str:
    if name == "trim":
        return value.strip()
    return value.lower() if name == "tolower" else value.upper()


def _compare(operator: str, left: Value, right: Value) -> bool:
    if operator == "eq":
        return left == right
    if operator == "ne":
        return left != right
    if left is None or right is None:
        return False

    smaller = left < right  # type: ignore[operator] # the kinds were compared when the filter was read
    if operator == "lt" or operator == "ge":
        return smaller == (operator == "lt")

    return (smaller or left == right) == (operator == "le")
