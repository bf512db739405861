"""What Update existing will change, field by field, for people."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from portal.domain.booking.catalogue import shown
from portal.domain.booking.sales_entry import BookedEntry, BookedLine, SalesEntry, SalesEntryLine
from portal.domain.copies.differences import LinePair, Scalar, diff_header, pair_lines
from portal.domain.money import to_decimal

HEADER_LABELS = {
    "customer_id": "Customer",
    "entry_date": "Booking date",
    "due_date": "Due date",
    "description": "Description",
    "rate": "Exchange rate",
}


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One difference; ``line`` counts from 1; amounts are Decimal, an absent side is None."""

    label: str
    old: Scalar
    new: Scalar
    line: int | None = None


def list_changes(
    booked: BookedEntry, wanted: SalesEntry, *, names: Mapping[str, str] | None = None
) -> tuple[FieldChange, ...]:
    """List every difference; ``names`` spells customer and ledger ids for people."""
    names = names or {}
    header = (
        FieldChange(HEADER_LABELS[field], _name(getattr(booked, field), names), _name(value, names))
        for field, value in diff_header(booked, wanted).items()
    )
    return (*header, *list_line_changes(booked.lines, wanted.lines, names))


def list_line_changes(
    booked: Sequence[BookedLine], wanted: Sequence[SalesEntryLine], names: Mapping[str, str]
) -> tuple[FieldChange, ...]:
    """List every difference between the lines as booked and as wanted."""
    pairs = enumerate(pair_lines(booked, wanted), start=1)
    return tuple(change for at, pair in pairs if not pair.is_equal for change in _list_line(pair, at, names))


def _list_line(pair: LinePair, at: int, names: Mapping[str, str]) -> Iterator[FieldChange]:
    """Yield the differences of one pair of lines."""
    old = _spell(pair.booked, names)
    new = _spell(pair.wanted, names)
    for label in old | new:
        if old.get(label) != new.get(label):
            yield FieldChange(label, old.get(label), new.get(label), at)


def _spell(line: BookedLine | SalesEntryLine | None, names: Mapping[str, str]) -> dict[str, Scalar]:
    """Spell a line's fields for people."""
    if line is None:
        return {}

    return {
        "Description": line.description.strip(),
        "Ledger code": names.get(line.ledger_id, line.ledger_id),
        "Net amount": to_decimal(line.amount),
        "VAT code": shown(line.vat_code or "") or None,
        "VAT amount": to_decimal(line.vat_amount),
        "Cost centre": shown(line.cost_center or "") or None,
    }


def _name(value: Any, names: Mapping[str, str]) -> Scalar:
    """Spell an id where it has a name."""
    found: Scalar = names.get(value, value) if isinstance(value, str) else value
    return found
