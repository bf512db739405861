"""Reads the JSON that a back door is given. What it cannot read is a sentence with 400."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation

from flask import request

from portal.sandbox.common.reading import parse_id, parse_json

# What a back door counts in: more seconds, calls or records than this nobody means.
MOST = 10**10
MOST_DIGITS = 20


class BackDoorError(Exception):
    """A back door was asked for something it cannot do. The text is the answer."""

    def __init__(self, sentence: str, status: int = 400) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.status = status


def read_body(*known: str) -> dict[str, object]:
    """The JSON object of the request (empty if there is none). A name that is not known is refused."""
    data = request.get_data()
    if not data:
        return {}

    try:
        body = parse_json(data)
    except ValueError:
        body = None

    if not isinstance(body, dict):
        raise BackDoorError("The body must be a JSON object.")
    if known and (strange := sorted(set(body) - set(known))):
        raise BackDoorError(f"Unknown: {', '.join(strange)}. Known here: {', '.join(known)}.")

    return body


def read_text(body: Mapping[str, object], name: str, default: str | None = None) -> str:
    """A string that must not be empty."""
    value = body.get(name, default)
    if not isinstance(value, str) or not value:
        raise BackDoorError(f"{name} must be a text.")
    return value


def read_number(body: Mapping[str, object], name: str, default: float | None = None) -> float:
    """A number."""
    value = body.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BackDoorError(f"{name} must be a number.")
    if not -MOST <= value <= MOST:
        raise BackDoorError(f"{name} must be between {-MOST} and {MOST}.")
    return value


def read_count(body: Mapping[str, object], name: str, default: int | None = None) -> int:
    """A whole number."""
    value = parse_id(body.get(name, default))
    if value is None or not -MOST <= value <= MOST:
        raise BackDoorError(f"{name} must be a whole number.")
    return value


def read_amount(body: Mapping[str, object], name: str, default: str | None = None) -> Decimal:
    """An amount, a string with at most two decimals."""
    value = body.get(name, default)
    if not isinstance(value, str):
        raise BackDoorError(f'{name} must be an amount as a text, such as "121.00".')

    try:
        amount = Decimal(value)
    except InvalidOperation:
        raise BackDoorError(f"{name}: {value} is no amount.") from None

    if not amount.is_finite() or amount.adjusted() > MOST_DIGITS or amount != round(amount, 2):
        raise BackDoorError(f"{name}: {value} is no amount of whole cents.")

    return round(amount, 2)


def read_day(body: Mapping[str, object], name: str, default: date | None = None) -> date:
    """A date, YYYY-MM-DD."""
    value = body.get(name)
    if value is None and default is not None:
        return default

    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        raise BackDoorError(f"{name} must be a date, YYYY-MM-DD.") from None


def read_list(body: Mapping[str, object], name: str, default: Sequence[object] | None = None) -> list[object]:
    """A list."""
    value = body.get(name, default)
    if not isinstance(value, list | tuple):
        raise BackDoorError(f"{name} must be a list.")
    return list(value)


def read_object(body: Mapping[str, object], name: str) -> dict[str, object]:
    """An object. Empty if there is none."""
    value = body.get(name, {})
    if not isinstance(value, dict):
        raise BackDoorError(f"{name} must be an object.")
    return value
