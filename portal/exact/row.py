"""One row of an answer, read strictly: what is missing or cannot be kept raises OddValueError."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import TypeVar
from uuid import UUID

from portal.domain.characters import clean, clean_line
from portal.domain.money import to_cents
from portal.domain.unreadable import Reason
from portal.exact.odata import Json, read_date, read_integer, read_moment
from portal.remote.errors import BadAnswerError
from portal.remote.odd import (
    MOST_CENTS,
    MOST_INTEGER,
    MOST_LARGE,
    MOST_LINES,
    MOST_TEXT,
    check_decimal,
    check_integer,
    check_text,
    odd,
)

T = TypeVar("T")

# Exact counts the changes of a whole server, and is far below.
MOST_PLACE = 10**17


class Row:
    """Reads fields by name. ``find_`` gives None where the row has nothing."""

    def __init__(self, fields: Json) -> None:
        self.fields = fields

    def find_text(self, name: str) -> str | None:
        """Return a clean text on one line with its padding, None if it is missing or empty."""
        return self._find_text(name, clean_line, MOST_TEXT)

    def find_lines(self, name: str) -> str | None:
        """Return a clean text with its lines, None if it is missing or empty."""
        return self._find_text(name, clean, MOST_LINES)

    def _find_text(self, name: str, cleaned: Callable[[str], str], most: int) -> str | None:
        value = self.fields.get(name)
        if not isinstance(value, str | None):
            raise odd(Reason.NO_TEXT, name, value)
        return check_text(name, cleaned(value), most) or None if value else None

    def text(self, name: str) -> str:
        """Return a text that must be there."""
        return _need(name, self.find_text(name))

    def find_guid(self, name: str) -> str | None:
        """Return a GUID in lower case."""
        value = self.find_text(name)
        try:
            return str(UUID(value)) if value else None
        except ValueError:
            raise odd(Reason.NO_KEY, name, value) from None

    def guid(self, name: str) -> str:
        """Return a GUID that must be there."""
        return _need(name, self.find_guid(name))

    def find_integer(self, name: str, most: int = MOST_INTEGER) -> int | None:
        """Return a whole number, be it text or not."""
        value = self.fields.get(name)
        if value is None:
            return None
        return check_integer(name, self._read(name, value, read_integer, Reason.NO_WHOLE_NUMBER), most)

    def integer(self, name: str) -> int:
        """Return a whole number that must be there."""
        return _need(name, self.find_integer(name))

    def place(self, name: str) -> int:
        """Return a place in a feed, which must be there and within reason.

        Whoever goes on after a place that cannot be would skip all that comes later.
        """
        return _need(name, self.find_integer(name, MOST_PLACE))

    def find_decimal(self, name: str) -> Decimal | None:
        """Return a number exactly as it was written."""
        value = self.fields.get(name)
        if isinstance(value, bool) or not isinstance(value, int | Decimal | None):
            raise odd(Reason.NO_NUMBER, name, value)
        if isinstance(value, int):
            check_integer(name, value, MOST_LARGE)
        return None if value is None else check_decimal(name, Decimal(value))

    def decimal(self, name: str) -> Decimal:
        """Return a number that must be there."""
        return _need(name, self.find_decimal(name))

    def cents(self, name: str) -> int:
        """Return an amount that must be there, in cents."""
        return check_integer(name, to_cents(self.decimal(name)), MOST_CENTS)

    def find_cents(self, name: str) -> int:
        """Return an amount in cents, 0 if it is missing."""
        return check_integer(name, to_cents(self.find_decimal(name) or 0), MOST_CENTS)

    def find_date(self, name: str) -> date | None:
        """Return a day."""
        value = self.fields.get(name)
        return None if value is None else self._read(name, value, read_date, Reason.NO_DATE)

    def find_moment(self, name: str) -> datetime | None:
        """Return a moment of Exact's own clock, without a zone."""
        value = self.fields.get(name)
        return None if value is None else self._read(name, value, read_moment, Reason.NO_DATE)

    def date(self, name: str) -> date:
        """Return a day that must be there."""
        return _need(name, self.find_date(name))

    def flag(self, name: str) -> bool:
        """Return a yes or no, from a boolean or a byte. A missing one is no."""
        value = self.fields.get(name)
        if isinstance(value, bool | None):
            return bool(value)
        return self._read(name, value, read_integer, Reason.NO_CHOICE) != 0

    def _read(self, name: str, value: object, read: Callable[[object], T], reason: Reason) -> T:
        try:
            return read(value)
        except (BadAnswerError, ArithmeticError, ValueError):
            raise odd(reason, name, value) from None


def _need(name: str, value: T | None) -> T:
    if value is None:
        raise odd(Reason.MISSING, name)
    return value
