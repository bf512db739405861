"""JSON as others send it: one odd value in a body never makes the rest unreadable."""

import json
import re
from collections.abc import Callable
from decimal import Decimal

MOST_INTEGER_DIGITS = 40
NAN = Decimal("NaN")
# No real answer is nested so deep. Deeper than some hundred no reader goes.
MOST_DEPTH = 60
_TEXT_OR_BRACKET = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[\[{\]}]', re.DOTALL)


Reader = Callable[[str], object]


def read_json(text: str) -> object:
    """Return what a text of JSON holds, with exact decimals. Raise ValueError for any other text.

    Control characters inside of a text are let through. What is no number becomes one that nobody takes.
    """
    return load(text, parse_float=_read_decimal, parse_int=_read_integer, parse_constant=Decimal)


def load(text: str, *, parse_float: Reader, parse_int: Reader, parse_constant: Reader) -> object:
    """Return what a text of JSON holds, with numbers read as told. ValueError if it is none."""
    decoder = json.JSONDecoder(
        strict=False, parse_float=parse_float, parse_int=parse_int, parse_constant=parse_constant
    )
    try:
        return decoder.decode(text)
    except RecursionError:
        pass

    try:
        return decoder.decode(shallow(text))
    except RecursionError:
        raise ValueError("the text is nested too deep") from None


def shallow(text: str) -> str:
    """Return a text of JSON with null in place of what is nested deeper than anything real."""
    kept: list[str] = []
    depth = 0
    done = 0

    for found in _TEXT_OR_BRACKET.finditer(text):
        if found[0] in "[{":
            depth += 1
            if depth == MOST_DEPTH + 1:
                kept.append(text[done : found.start()])
        elif found[0] in "]}":
            if depth == MOST_DEPTH + 1:
                kept.append("null")
                done = found.end()
            depth -= 1

    if depth > MOST_DEPTH:
        raise ValueError("the text ends too early")

    return "".join([*kept, text[done:]])


def _read_decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except ArithmeticError:
        return NAN


def _read_integer(text: str) -> int | Decimal:
    """Read a whole number. One with thousands of digits, which Python refuses, stays a decimal."""
    return int(text) if len(text) <= MOST_INTEGER_DIGITS else _read_decimal(text)
