"""One row of an answer, read strictly: what is needed and missing raises BadAnswerError."""

from datetime import date, datetime
from decimal import Decimal
from typing import TypeVar
from uuid import UUID

from portal.domain.money import to_cents
from portal.exact.odata import Json, read_date, read_integer, read_moment
from portal.remote.errors import BadAnswerError

T = TypeVar("T")


class Row:
    """Reads fields by name; ``find_`` gives None where the row has nothing."""

    def __init__(self, fields: Json) -> None:
        self.fields = fields

    def find_text(self, name: str) -> str | None:
        """Return a text as received, None if it is missing or empty."""
        value = self.fields.get(name)
        if not isinstance(value, str | None):
            raise BadAnswerError(f"{name} is not a text.")
        return value or None

    def text(self, name: str) -> str:
        """Return a text that must be there."""
        return _need(name, self.find_text(name))

    def find_guid(self, name: str) -> str | None:
        """Return a GUID in lower case."""
        value = self.find_text(name)
        try:
            return str(UUID(value)) if value else None
        except ValueError:
            raise BadAnswerError(f"{name} is not a GUID.") from None

    def guid(self, name: str) -> str:
        """Return a GUID that must be there."""
        return _need(name, self.find_guid(name))

    def find_integer(self, name: str) -> int | None:
        """Return a whole number, be it text or not."""
        value = self.fields.get(name)
        return None if value is None else read_integer(value)

    def integer(self, name: str) -> int:
        """Return a whole number that must be there."""
        return _need(name, self.find_integer(name))

    def find_decimal(self, name: str) -> Decimal | None:
        """Return a number exactly as it was written."""
        value = self.fields.get(name)
        if isinstance(value, bool) or not isinstance(value, int | Decimal | None):
            raise BadAnswerError(f"{name} is not a number.")
        return None if value is None else Decimal(value)

    def decimal(self, name: str) -> Decimal:
        """Return a number that must be there."""
        return _need(name, self.find_decimal(name))

    def cents(self, name: str) -> int:
        """Return an amount that must be there, in cents."""
        return to_cents(self.decimal(name))

    def find_cents(self, name: str) -> int:
        """Return an amount in cents, 0 if it is missing."""
        return to_cents(self.find_decimal(name) or 0)

    def find_date(self, name: str) -> date | None:
        """Return a day."""
        value = self.fields.get(name)
        return None if value is None else read_date(value)

    def find_moment(self, name: str) -> datetime | None:
        """Return a moment of Exact's own clock, without a zone."""
        value = self.fields.get(name)
        return None if value is None else read_moment(value)

    def date(self, name: str) -> date:
        """Return a day that must be there."""
        return _need(name, self.find_date(name))

    def flag(self, name: str) -> bool:
        """Return a yes or no, be it a boolean or a byte; a missing one is no."""
        value = self.fields.get(name)
        if isinstance(value, bool | None):
            return bool(value)
        return read_integer(value) != 0


def _need(name: str, value: T | None) -> T:
    if value is None:
        raise BadAnswerError(f"{name} is missing.")
    return value
