"""Odd values in an otherwise good answer: each stops its own record, never the list that it stands in."""

import json
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from hashlib import sha256
from typing import TypeVar

from portal.domain.characters import clean_line
from portal.domain.text import cut
from portal.domain.unreadable import Fault, Kind, Reason, Unreadable
from portal.domain.unreadable_words import say_fault, say_record
from portal.remote.errors import BadAnswerError

T = TypeVar("T")
R = TypeVar("R")

SHOWN = 60
# What every database keeps, and what no real record has more of. Sums of such amounts fit 64 bits, too.
MOST_CENTS = 10**15
MOST_INTEGER = 2**31 - 1
MOST_LARGE = 2**63 - 1
MOST_TEXT = 500
MOST_LINES = 100_000
MOST_DIGITS = 18

_SENTENCES = {
    Reason.MISSING: "{field} is missing.",
    Reason.NO_TEXT: "{field} is not a text: {value}.",
    Reason.NO_DATE: "{field} is not a date: {value}.",
    Reason.NO_NUMBER: "{field} is not a number: {value}.",
    Reason.NO_WHOLE_NUMBER: "{field} is not a whole number: {value}.",
    Reason.NO_CENTS: "{field} is not an amount in whole cents: {value}.",
    Reason.NO_KEY: "{field} is not a GUID: {value}.",
    Reason.NO_CHOICE: "{field} is neither yes nor no: {value}.",
    Reason.TOO_LARGE: "{field} is larger than can be kept: {value}.",
    Reason.TOO_LONG: "{field} is longer than can be kept: {value}.",
    Reason.LEFT_OUT: "{field} was left out.",
    Reason.NO_RECORD: "It is no record.",
}


class OddValueError(BadAnswerError):
    """A value that its record needs and that cannot be read or kept."""

    def __init__(self, fault: Fault, *, of: str = "") -> None:
        said = _SENTENCES[fault.reason].format(field=fault.field, value=fault.value)
        super().__init__(f"{of}: {said}" if of else said)
        self.said = say_fault(fault)
        self.fault = fault


class UnreadableError(BadAnswerError):
    """The one record that was asked for, or one of a set that counts only as a whole, cannot be read."""

    def __init__(self, record: Unreadable) -> None:
        what = f"The {record.kind} {record.number or record.id} cannot be read"
        super().__init__(str(OddValueError(record.fault, of=what)))
        self.said = say_record(record)
        self.record = record


def odd(reason: Reason, field: str = "", value: object = None) -> OddValueError:
    """Make the error of one value."""
    return OddValueError(Fault(reason, field, show(value)))


def show(value: object) -> str:
    """Spell an odd value short and clean."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else _spell(value)
    short = clean_line(text[:1000])
    return short if len(short) <= SHOWN else f"{cut(short, SHOWN - 1)}…"


def _spell(value: object) -> str:
    try:
        return json.dumps(value, default=str, ensure_ascii=False, sort_keys=True)
    except RecursionError:
        # Nested so deep it says nothing to people.
        return "[…]"


@contextmanager
def part(kind: Kind, name: str = "") -> Iterator[None]:
    """Tell in which part of a record an odd value stands."""
    try:
        yield
    except OddValueError as error:
        inner = error.fault
        named = inner if inner.part else replace(inner, part=kind, part_name=name)
        raise OddValueError(named) from None


def read_each(
    rows: Iterable[R],
    parse: Callable[[R], T],
    tell: Callable[[R, Fault], Unreadable],
    key: Callable[[T], Hashable],
) -> list[T | Unreadable]:
    """Read rows one by one. A row that cannot be read is told, and of two alike the later counts."""
    found: dict[Hashable, T | Unreadable] = {}
    for row in rows:
        read = _read_one(row, parse, tell)
        name = ("unreadable", read.id) if isinstance(read, Unreadable) else key(read)
        found.pop(name, None)
        found[name] = read

    return list(found.values())


def _read_one(row: R, parse: Callable[[R], T], tell: Callable[[R, Fault], Unreadable]) -> T | Unreadable:
    try:
        return parse(row)
    except OddValueError as error:
        return tell(row, error.fault)
    except (BadAnswerError, ArithmeticError, ValueError) as error:
        # Whatever else a value brings about concerns its own record only.
        return tell(row, Fault(Reason.NO_RECORD, value=show(str(error))))


def all_read(rows: Iterable[T | Unreadable]) -> list[T]:
    """Return rows that count only together. Raise UnreadableError where one cannot be read."""
    found = []
    for row in rows:
        if isinstance(row, Unreadable):
            raise UnreadableError(row)
        found.append(row)
    return found


def fingerprint(fields: Mapping[str, object]) -> str:
    """Name a record that has no key of its own by what it holds."""
    spelled = "".join(f"{name}:{_spell(fields[name])}," for name in sorted(fields))
    return f"?{sha256(spelled.encode(errors='replace')).hexdigest()[:12]}"


def check_text(field: str, text: str, most: int = MOST_TEXT) -> str:
    """Return a text that is not too long to be kept and searched."""
    if len(text) > most:
        raise odd(Reason.TOO_LONG, field, text)
    return text


def check_integer(field: str, number: int, most: int = MOST_INTEGER) -> int:
    """Return a whole number that a column takes."""
    if abs(number) > most:
        raise odd(Reason.TOO_LARGE, field, str(number)[:SHOWN])
    return number


def check_decimal(field: str, number: Decimal) -> Decimal:
    """Return a number that can be reckoned with."""
    if not number.is_finite():
        raise odd(Reason.NO_NUMBER, field, str(number))
    exponent = number.as_tuple().exponent
    if number and (number.adjusted() > MOST_DIGITS or not isinstance(exponent, int) or exponent < -100):
        raise odd(Reason.TOO_LARGE, field, str(number)[:SHOWN])
    return number
