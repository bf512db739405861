"""Where an entry as Exact has it differs from the entry as wanted: header scalars and pairs of lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from portal.domain.booking.catalogue import shown
from portal.domain.booking.header import DESCRIPTION_LIMIT
from portal.domain.booking.sales_entry import BookedEntry, BookedLine, SalesEntry, SalesEntryLine
from portal.domain.text import cut

Scalar = str | date | Decimal | None
Content = tuple[str, int, str, int, str, str]


@dataclass(frozen=True, slots=True)
class LinePair:
    """A booked line and what it should become."""

    # One side is None where a line is surplus or missing.

    booked: BookedLine | None
    wanted: SalesEntryLine | None

    @property
    def is_equal(self) -> bool:
        """Say whether nothing is to be done."""
        if self.booked is None or self.wanted is None:
            return False
        return content_of(self.booked) == content_of(self.wanted)


def content_of(line: BookedLine | SalesEntryLine) -> Content:
    """Return what makes two lines equal, whatever their padding."""
    return (
        line.ledger_id.lower(),
        line.amount,
        shown(line.vat_code or ""),
        line.vat_amount,
        line.description.strip(),
        shown(line.cost_center or ""),
    )


def pair_lines(booked: Sequence[BookedLine], wanted: Sequence[SalesEntryLine]) -> list[LinePair]:
    """Pair lines by equal content first, then by position among the rest."""
    # Wanted lines keep their order.
    free = list(booked)
    twins: dict[int, BookedLine] = {}

    for at, line in enumerate(wanted):
        twin = next((old for old in free if content_of(old) == content_of(line)), None)
        if twin:
            twins[at] = twin
            free.remove(twin)

    rest = iter(free)
    pairs = [LinePair(twins.get(at) or next(rest, None), line) for at, line in enumerate(wanted)]
    return [*pairs, *(LinePair(old, None) for old in rest)]


def diff_header(booked: BookedEntry, wanted: SalesEntry) -> dict[str, Scalar]:
    """Return the scalars that change."""
    # Numbers stay, and what was not read or not asked for stays too.
    new: dict[str, Scalar] = {}
    if booked.customer_id.lower() != wanted.customer_id.lower():
        new["customer_id"] = wanted.customer_id

    if booked.entry_date != wanted.entry_date:
        new["entry_date"] = wanted.entry_date

    if wanted.due_date and booked.due_date != wanted.due_date:
        new["due_date"] = wanted.due_date

    if booked.description.strip() != (description := keep_number(booked, wanted)):
        new["description"] = description

    if wanted.rate and booked.rate and booked.rate != wanted.rate:
        new["rate"] = wanted.rate

    return new


def keep_number(booked: BookedEntry, wanted: SalesEntry) -> str:
    """Return the wanted description with the number under which the entry was booked."""
    if not wanted.your_ref or not wanted.description.startswith(wanted.your_ref):
        return wanted.description
    rest = wanted.description.removeprefix(wanted.your_ref)
    return cut(f"{booked.your_ref}{rest}", DESCRIPTION_LIMIT)
