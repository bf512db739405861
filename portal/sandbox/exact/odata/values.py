"""Values as they stand in JSON, both ways."""

import re
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from uuid import UUID

from portal.sandbox.exact.errors import unreadable
from portal.sandbox.exact.fields import EDM, Field
from portal.sandbox.exact.store import Value

_WHOLE = {"h": 2**15, "i": 2**31, "l": 2**63, "y": 2**8}
_MILLISECONDS = re.compile(r"/Date\((-?[0-9]{1,18})([+-][0-9]{4})?\)/")
_SIGNED = re.compile(r"-?[0-9]{1,20}")
# No amount, rate or quantity is larger or smaller than this many digits say.
MOST_DIGITS = 30


def spell_value(kind: str, value: Value) -> object:
    """A value as Exact writes it."""
    if value is None:
        return None
    if kind == "t" and isinstance(value, datetime):
        return f"/Date({int(value.replace(tzinfo=UTC).timestamp() * 1000)})/"
    if kind == "d" and isinstance(value, Decimal | int):
        return float(value)

    return str(value) if kind == "l" else value


def read_value(field: Field, value: object) -> Value:
    """A value that a client wrote. What does not fit the type is refused."""
    if value is None:
        return None

    try:
        return _READERS[field.kind](field, value)
    except (ValueError, InvalidOperation, KeyError, OverflowError):
        raise unreadable(
            "Error encountered in converting the value from request payload for property "
            f"'{field.name}' to type '{EDM[field.kind]}', which is the property's expected type."
        ) from None


def _read_guid(_: Field, value: object) -> Value:
    return str(UUID(_text(value)))


def _read_text(_: Field, value: object) -> Value:
    return _text(value)


def _read_whole(field: Field, value: object) -> Value:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError
    number = value if isinstance(value, int) else int(_plain(value))
    if not -_WHOLE[field.kind] <= number < _WHOLE[field.kind]:
        raise ValueError
    return number


def _read_double(_: Field, value: object) -> Value:
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise ValueError
    number = Decimal(str(value))
    if not number.is_finite() or abs(number.adjusted()) > MOST_DIGITS:
        raise ValueError
    return number


def _read_moment(_: Field, value: object) -> Value:
    text = _text(value)
    if found := _MILLISECONDS.fullmatch(text):
        return datetime.fromtimestamp(int(found[1]) / 1000, UTC).replace(tzinfo=None)
    return datetime.fromisoformat(text).replace(tzinfo=None)


def _read_bool(_: Field, value: object) -> Value:
    if not isinstance(value, bool):
        raise ValueError
    return value


def _plain(text: str) -> str:
    if not _SIGNED.fullmatch(text):
        raise ValueError
    return text


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError
    return value


_READERS = {
    "g": _read_guid,
    "s": _read_text,
    "h": _read_whole,
    "i": _read_whole,
    "l": _read_whole,
    "y": _read_whole,
    "d": _read_double,
    "t": _read_moment,
    "b": _read_bool,
    "x": _read_text,
}
