"""JSON as others send it: one odd value in a body never makes the rest unreadable."""

import json
from decimal import Decimal

MOST_INTEGER_DIGITS = 40
NAN = Decimal("NaN")


def read_json(text: str) -> object:
    """Return what a text of JSON holds, with exact decimals; ValueError or RecursionError if it is none.

    Control characters inside of a text are let through, and what is no number becomes one that nobody takes.
    """
    return json.loads(
        text, strict=False, parse_float=_read_decimal, parse_int=_read_integer, parse_constant=Decimal
    )


def _read_decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except ArithmeticError:
        return NAN


def _read_integer(text: str) -> int | Decimal:
    """Read a whole number; one with thousands of digits, which Python refuses, stays a decimal."""
    return int(text) if len(text) <= MOST_INTEGER_DIGITS else _read_decimal(text)
