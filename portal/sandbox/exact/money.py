"""Amounts in rows, and how Exact rounds them."""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Context, Decimal

from portal.sandbox.exact.store import Value

CENT = Decimal("0.01")
_WIDE = Context(prec=200)


def amount_of(row: Mapping[str, Value], name: str) -> Decimal:
    """An amount of a row, or 0 if it has none."""
    value = row.get(name)
    return value if isinstance(value, Decimal) else Decimal(str(value or 0))


def to_cents(amount: Decimal) -> Decimal:
    """Rounded to cents, half away from zero."""
    return amount.quantize(CENT, ROUND_HALF_UP, context=_WIDE)
