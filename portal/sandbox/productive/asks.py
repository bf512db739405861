"""Reads the body of a write, ``{"data": {"type", "attributes", "relationships"}}``, and the values in it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from flask import Request

from portal.sandbox.common.reading import parse_id, parse_json
from portal.sandbox.productive.errors import refuse
from portal.sandbox.productive.totals import round_cents

MOST_DIGITS = 60
BLANK = "can't be blank"
INVALID = "is invalid"


@dataclass(frozen=True)
class Ask:
    """What a write asks for. Attributes that nobody reads are ignored, as Productive does."""

    attributes: Mapping[str, object]
    relations: Mapping[str, object]

    def has(self, name: str) -> bool:
        """Whether the attribute was sent, even as null."""
        return name in self.attributes

    def names(self, name: str) -> bool:
        """Whether a relation was sent that leads somewhere."""
        return self._found(name) != (None, None)

    def related_id(self, name: str, type_: str) -> int | None:
        """An id, given as the attribute ``<name>_id`` or as a relation to a record of this type."""
        found, its_type = self._found(name)
        return parse_id(found) if its_type == type_ or its_type is None else None

    def _found(self, name: str) -> tuple[object, object]:
        """The id that was sent, and the type if it came as a relation."""
        found = self.attributes.get(f"{name}_id")
        relation = self.relations.get(name)
        data = relation.get("data") if isinstance(relation, Mapping) else None
        if found is None and isinstance(data, Mapping):
            return data.get("id"), data.get("type", "")
        return found, None


def read_ask(request: Request, type_: str) -> Ask:
    """The body. 400 if it is no such document, 409 if it is about another type."""
    try:
        body = parse_json(request.get_data())
    except ValueError:
        body = None

    data = body.get("data") if isinstance(body, dict) else None
    if not isinstance(data, dict):
        raise refuse(400, "bad_request", "Bad Request", "The body must be a JSON:API document")
    if data.get("type", type_) != type_:
        raise refuse(409, "conflict", "Conflict", f"The type must be {type_}")

    return Ask(_as_object(data.get("attributes")), _as_object(data.get("relationships")))


def _as_object(found: object) -> Mapping[str, object]:
    return found if isinstance(found, dict) else {}


def as_decimal(value: object) -> Decimal:
    """A number, or a string that holds one. Raises ``ValueError`` otherwise."""
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise ValueError(value)

    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise ValueError(value) from None

    if not number.is_finite() or abs(number.adjusted()) > MOST_DIGITS or len(str(value)) > 2 * MOST_DIGITS:
        raise ValueError(value)

    return number


def as_cents(value: object) -> int:
    """Money in cents as a number or decimal string, rounded to whole ones."""
    return round_cents(as_decimal(value))


def as_price(value: object) -> int | Decimal:
    """A price in cents, which may have parts of one."""
    price = as_decimal(value)
    return int(price) if price == price.to_integral_value() else price


def as_plain(value: object) -> str:
    """A decimal as it is stored: plain digits without an exponent."""
    text = f"{as_decimal(value):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def take_amounts(
    present: Mapping[str, int], wish: Mapping[str, object], names: Iterable[str]
) -> dict[str, int]:
    """The amounts that stand in the place of derived ones: null lets one be derived again."""
    taken = dict(present)
    for name in names:
        if name in wish:
            taken.pop(name, None)
            if wish[name] is not None:
                taken[name] = as_cents(wish[name])

    return taken


def as_day(value: object) -> str | None:
    """A date or nothing. Raises ``ValueError`` for anything else."""
    if value is None or value == "":
        return None
    return date.fromisoformat(str(value)[:10]).isoformat()


def as_text(value: object) -> str | None:
    """A text or nothing."""
    return None if value is None else str(value)
