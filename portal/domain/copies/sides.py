"""Three sides before an update: as copied, as Exact has it now, and as it would become."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from portal.domain.booking.sales_entry import BookedEntry, BookedLine, SalesEntry, SalesEntryLine
from portal.domain.copies.changes import HEADER_FIELDS, LABELS, Field
from portal.domain.copies.differences import Scalar, diff_header, pair_lines
from portal.domain.copies.exact_changes import (
    UNITS,
    ExactChange,
    Ours,
    Unit,
    find_exact_changes,
    header_value,
    spell_line,
)
from portal.domain.money import to_decimal

# What is named in a header by its id.
NAMED = (Field.CUSTOMER, Field.LEDGER)


@dataclass(frozen=True, slots=True)
class Side:
    """One field on the three sides. An absent side is None, and amounts are Decimal."""

    field: Field
    copied: Scalar
    now: Scalar
    becomes: Scalar

    @property
    def label(self) -> str:
        """Return what people call the field."""
        return LABELS[self.field]


@dataclass(frozen=True, slots=True)
class SideGroup:
    """Fields that belong together, and the change of somebody's that is to be decided."""

    sides: tuple[Side, ...]
    line: int | None = None
    change: ExactChange | None = None


def list_sides(
    booked: BookedEntry, wanted: SalesEntry, ours: Ours, names: Mapping[str, str]
) -> tuple[SideGroup, ...]:
    """List each field that is not the same on all three sides, those of the header first."""
    changes = find_exact_changes(booked, wanted, ours)
    groups = (*_header_groups(booked, wanted, ours, changes), *_line_groups(booked, wanted, ours, changes))
    return tuple(_name_group(group, names) for group in groups)


def _header_groups(
    booked: BookedEntry, wanted: SalesEntry, ours: Ours, changes: tuple[ExactChange, ...]
) -> Iterator[SideGroup]:
    """Yield the fields of the header."""
    coming = diff_header(booked, wanted)
    by_field = {each.field: each for each in changes if each.unit is Unit.HEADER}

    for name, field in HEADER_FIELDS.items():
        now = header_value(booked, name, booked)
        becomes = header_value(wanted, name, booked) if name in coming else now
        copied = header_value(ours.copied, name, booked) if ours.copied else None
        # What Exact filled in by itself was not copied and is no news.
        copied = now if copied is None and ours.copied else copied
        if not copied == now == becomes and (ours.copied or now != becomes):
            yield SideGroup((Side(field, copied, now, becomes),), None, by_field.get(field))


def _line_groups(
    booked: BookedEntry, wanted: SalesEntry, ours: Ours, changes: tuple[ExactChange, ...]
) -> Iterator[SideGroup]:
    """Yield the parts of each line."""
    sent = ours.copied.lines if ours.copied else ()
    before = {pair.booked.id: pair.wanted for pair in pair_lines(booked.lines, sent) if pair.booked}
    found = {(each.line_id, each.at if each.line_id is None else None, each.unit): each for each in changes}

    for at, pair in enumerate(pair_lines(booked.lines, wanted.lines)):
        line_id = pair.booked.id if pair.booked else None
        copied = before.get(line_id) if line_id else _sent_as(pair.wanted, sent)
        whole = found.get((line_id, at if line_id is None else None, Unit.LINE))
        yield from _each_part(pair.booked, pair.wanted, copied, at + 1, whole, found)


def _each_part(
    booked: BookedLine | None,
    wanted: SalesEntryLine | None,
    copied: SalesEntryLine | None,
    line: int,
    whole: ExactChange | None,
    found: Mapping[tuple[str | None, int | None, Unit], ExactChange],
) -> Iterator[SideGroup]:
    """Yield the parts of one line that differ. A line that is decided as a whole is one group."""
    old = spell_line(copied)
    now = spell_line(booked)
    becomes = spell_line(wanted)
    sides = {
        field: Side(field, old.get(field), now.get(field), becomes.get(field))
        for fields in UNITS.values()
        for field in fields
    }
    news = [side for side in sides.values() if not side.copied == side.now == side.becomes]
    if whole is not None or booked is None or wanted is None:
        if news:
            yield SideGroup(tuple(news), line, whole)
        return

    for unit, fields in UNITS.items():
        shown = tuple(sides[field] for field in fields if sides[field] in news)
        if shown:
            yield SideGroup(shown, line, found.get((booked.id, None, unit)))


def _sent_as(line: SalesEntryLine | None, sent: tuple[SalesEntryLine, ...]) -> SalesEntryLine | None:
    """Return what was copied of an invoice's line that Exact has no longer."""
    if line is None:
        return None
    return next((old for old in sent if old.invoice_line_id == line.invoice_line_id), None)


def _name_group(group: SideGroup, names: Mapping[str, str]) -> SideGroup:
    sides = tuple(
        Side(side.field, *(_say(side.field, value, names) for value in (side.copied, side.now, side.becomes)))
        for side in group.sides
    )
    return SideGroup(sides, group.line, group.change)


def _say(field: Field, value: Scalar, names: Mapping[str, str]) -> Scalar:
    """Return a value as people know it: names for ids, and amounts in whole units."""
    if field in NAMED and isinstance(value, str):
        return names.get(value, value)
    if field in (Field.NET, Field.VAT) and isinstance(value, Decimal):
        return to_decimal(int(value))
    return value
