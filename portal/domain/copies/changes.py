"""What Update existing will change, field by field, for people."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from portal.domain.booking.catalogue import shown
from portal.domain.booking.sales_entry import BookedEntry, BookedLine, SalesEntry, SalesEntryLine
from portal.domain.copies.differences import LinePair, Scalar, diff_header, pair_lines
from portal.domain.money import to_decimal
from portal.domain.said import Said, Word, said


class Field(StrEnum):
    """What of an entry or of a line of it may differ."""

    CUSTOMER = "customer"
    JOURNAL = "journal"
    BOOKING_DATE = "booking date"
    DUE_DATE = "due date"
    REFERENCE = "reference"
    DESCRIPTION = "description"
    CURRENCY = "currency"
    RATE = "rate"
    LEDGER = "ledger"
    NET = "net"
    VAT_CODE = "vat code"
    VAT = "vat"
    COST_CENTRE = "cost centre"


LABELS = {
    Field.CUSTOMER: "Customer",
    Field.JOURNAL: "Journal",
    Field.BOOKING_DATE: "Booking date",
    Field.DUE_DATE: "Due date",
    Field.REFERENCE: "Reference",
    Field.DESCRIPTION: "Description",
    Field.CURRENCY: "Currency",
    Field.RATE: "Exchange rate",
    Field.LEDGER: "Ledger code",
    Field.NET: "Net amount",
    Field.VAT_CODE: "VAT code",
    Field.VAT: "VAT amount",
    Field.COST_CENTRE: "Cost centre",
}
HEADER_FIELDS = {
    "customer_id": Field.CUSTOMER,
    "entry_date": Field.BOOKING_DATE,
    "due_date": Field.DUE_DATE,
    "description": Field.DESCRIPTION,
    "rate": Field.RATE,
}


def name_field(field: Field) -> Said:
    """Name a field within a sentence."""
    return said("our_word", word=Word(LABELS[field].lower()))


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One difference, where an absent side is None."""

    # ``line`` counts from 1, and amounts are Decimal.

    field: Field
    old: Scalar
    new: Scalar
    line: int | None = None

    @property
    def label(self) -> str:
        """Return what people call the field."""
        return LABELS[self.field]


def list_changes(
    booked: BookedEntry, wanted: SalesEntry, *, names: Mapping[str, str] | None = None
) -> tuple[FieldChange, ...]:
    """List every difference, with customers and ledgers by their names."""
    names = names or {}
    header = (
        FieldChange(HEADER_FIELDS[field], _name(getattr(booked, field), names), _name(value, names))
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
    for field in old | new:
        if old.get(field) != new.get(field):
            yield FieldChange(field, old.get(field), new.get(field), at)


def _spell(line: BookedLine | SalesEntryLine | None, names: Mapping[str, str]) -> dict[Field, Scalar]:
    """Spell a line's fields for people."""
    if line is None:
        return {}

    return {
        Field.DESCRIPTION: line.description.strip(),
        Field.LEDGER: names.get(line.ledger_id, line.ledger_id),
        Field.NET: to_decimal(line.amount),
        Field.VAT_CODE: shown(line.vat_code or "") or None,
        Field.VAT: to_decimal(line.vat_amount),
        Field.COST_CENTRE: shown(line.cost_center or "") or None,
    }


def _name(value: Any, names: Mapping[str, str]) -> Scalar:
    """Spell an id where it has a name."""
    found: Scalar = names.get(value, value) if isinstance(value, str) else value
    return found
