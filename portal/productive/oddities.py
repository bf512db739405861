"""What is odd about Productive's attributes, in codes: from msgspec's words, and from what can be kept."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec

from portal.domain.characters import clean, clean_line
from portal.domain.unreadable import Reason
from portal.remote.odd import (
    MOST_CENTS,
    MOST_INTEGER,
    MOST_LINES,
    OddValueError,
    check_decimal,
    check_integer,
    check_text,
    odd,
)

# Texts of several lines, and those that nobody sorts or searches by.
LONG = frozenset(("description", "note", "address", "subject"))
CENTS = frozenset(("unit_price", "amount", "amount_tax", "amount_with_tax"))
CENTS |= {"amount_paid", "amount_unpaid", "amount_written_off"}
_PLACE = re.compile(r"- at `\$\.([^`.\[]+)")
_LACKING = re.compile(r"missing required field `([^`]+)`(?: - at `\$\.([^`.\[]+))?")
_EXPECTED = (
    ("date", Reason.NO_DATE),
    ("`bool", Reason.NO_CHOICE),
    ("`int", Reason.NO_WHOLE_NUMBER),
    ("decimal", Reason.NO_NUMBER),
    ("`str", Reason.NO_TEXT),
)


def name_oddity(error: msgspec.MsgspecError, fields: object) -> OddValueError:
    """Say which value msgspec did not take, and why."""
    words = str(error)
    values: dict[str, Any] = fields if isinstance(fields, dict) else {}
    if lacking := _LACKING.search(words):
        return odd(Reason.MISSING, lacking.group(2) or lacking.group(1))

    found = _PLACE.search(words)
    if found is None:
        return odd(Reason.NO_RECORD)

    field = found.group(1)
    if "got `null`" in words:
        return odd(Reason.MISSING, field)

    expected = words.partition(", got")[0]
    reason = next((reason for word, reason in _EXPECTED if word in expected), Reason.NO_RECORD)
    is_part = reason == Reason.NO_WHOLE_NUMBER and field in CENTS

    return odd(Reason.NO_CENTS if is_part else reason, field, values.get(field))


def check_attributes(said: object) -> None:
    """Clean the texts of some attributes in place, and refuse what no database keeps."""
    for name, value in msgspec.structs.asdict(said).items() if isinstance(said, msgspec.Struct) else ():
        if isinstance(value, str):
            setattr(said, name, _check_text(name, value))
        elif isinstance(value, datetime) and value.tzinfo is None:
            # Moments are compared with one another, so each has a zone.
            setattr(said, name, value.replace(tzinfo=UTC))
        elif isinstance(value, Decimal):
            check_decimal(name, value)
        elif isinstance(value, int) and not isinstance(value, bool):
            check_integer(name, value, MOST_CENTS if name in CENTS else MOST_INTEGER)


def _check_text(name: str, value: str) -> str:
    return check_text(name, clean(value), MOST_LINES) if name in LONG else check_text(name, clean_line(value))
