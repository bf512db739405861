"""What resources share: readers of attributes, and money with its ``_default`` and ``_normalized``."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from portal.sandbox.productive.filters import Field, Kind
from portal.sandbox.productive.jsonapi import Relation
from portal.sandbox.productive.rows import Row
from portal.sandbox.productive.state import Sandbox
from portal.sandbox.productive.totals import round_cents

Reader = Callable[[Any, Sandbox], Any]


def reads(name: str) -> Reader:
    """A reader of one attribute of the row."""
    return lambda row, _state: getattr(row, name)


def fields(kind: Kind, *names: str) -> dict[str, Field]:
    """Filters on attributes that have the filter's name."""
    return {name: Field(kind, reads(name)) for name in names}


def sorts(*names: str) -> dict[str, Reader]:
    """Sorts by attributes that have the sort's name."""
    return {name: reads(name) for name in names}


def leads_to(type_: str, name: str) -> Relation:
    """A relation by the id that the row holds."""
    return Relation(type_, reads(name))


def by_status(row: Any, _state: Sandbox) -> int:
    """1 active, 2 archived."""
    return 2 if row.archived_at else 1


STATUS = {"status": Field("choice", by_status)}


def show(row: Row, names: Sequence[str]) -> dict[str, object]:
    """Attributes as they are stored."""
    return {name: getattr(row, name) for name in names}


def show_decimal(text: str | None) -> str | None:
    """A decimal as Productive writes it: a string with at least one decimal."""
    if text is None or "." in text:
        return text
    return f"{text}.0"


def show_currencies(currency: str, default: str = "EUR") -> dict[str, object]:
    """The currency of the document and of the organisation."""
    return {"currency": currency, "currency_default": default, "currency_normalized": currency}


def show_money(amounts: Mapping[str, int | Decimal], exchange_rate: str) -> dict[str, object]:
    """Each amount three times. ``_default`` is in the organisation's currency."""
    rate = None if exchange_rate == "1.0" else Decimal(exchange_rate)
    shown: dict[str, object] = {}

    for name, cents in amounts.items():
        plain = cents if isinstance(cents, int) else float(cents)
        shown[name] = plain
        shown[f"{name}_default"] = plain if rate is None else round_cents(cents * rate)
        shown[f"{name}_normalized"] = plain

    return shown
