"""What an entry found in Exact after a restore belongs to; certain, or a reason why not."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from portal.domain.booking.sales_entry import BookedEntry
from portal.domain.ids import find_marker

DUTCH = ZoneInfo("Europe/Amsterdam")
CREDITED = re.compile(r"Credit (\d+) ")
NO_MARKER = (
    "It carries no marker of this portal. If it is this invoice's, use Link existing entry on its page."
)
SEVERAL_MARKERS = "Its lines carry several markers: {markers}."
SAME_MARKER = "Another entry carries the same marker {marker}. Remove the surplus in Exact, then adopt again."
NO_INVOICE = "No invoice of this number is in Productive for this subsidiary."
SEVERAL_INVOICES = "Several invoices answer to it: {numbers}."
TURNED = (
    "Its amounts are turned, so it may credit invoice {number}, but it names no entry that it takes back."
)
OTHER_CURRENCY = "It is in {entry}, invoice {number} in {invoice}."


@dataclass(frozen=True, slots=True)
class FoundEntry:
    """An entry as Exact has it now."""

    entry: BookedEntry

    @property
    def created(self) -> datetime:
        """When it was booked; Exact writes Dutch local time."""
        clock = self.entry.created or datetime.combine(self.entry.entry_date, time())
        return clock.replace(tzinfo=DUTCH).astimezone(UTC)

    @property
    def markers(self) -> tuple[str, ...]:
        """The markers its lines carry."""
        found = (find_marker(line.notes) for line in self.entry.lines)
        return tuple(sorted({marker for marker in found if marker}))


@dataclass(frozen=True, slots=True)
class Claimant:
    """An invoice that an entry may be of: named by the reference, by Productive's mark, or by its copy."""

    invoice_id: str
    number: str
    currency: str
    gross: int
    is_settled: bool


@dataclass(frozen=True, slots=True)
class Match:
    """An entry that is certainly of an invoice, by its marker and its reference."""

    invoice_id: str
    marker: str


@dataclass(frozen=True, slots=True)
class CreditMatch:
    """A credit entry that certainly takes back an entry of an invoice, which it names by its number."""

    invoice_id: str
    marker: str
    credited: str


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why an entry cannot be matched; for a person to judge."""

    why: str


def find_twins(found: Iterable[FoundEntry]) -> set[str]:
    """Return the markers that more than one entry carries."""
    count = Counter(marker for each in found for marker in each.markers)
    return {marker for marker, times in count.items() if times > 1}


def judge_entry(
    found: FoundEntry, claimants: Sequence[Claimant], *, taken: Mapping[str, str], twins: set[str]
) -> Match | CreditMatch | Doubt | None:
    """Judge an entry that the database does not know; None for one that is none of ours.

    ``taken`` names the entry that a known marker stands for already.
    """
    if not found.markers:
        return Doubt(NO_MARKER) if any(not each.is_settled for each in claimants) else None

    marker, *others = found.markers
    if others:
        return Doubt(SEVERAL_MARKERS.format(markers=", ".join(found.markers)))
    if marker in twins or taken.get(marker, found.entry.id) != found.entry.id:
        return Doubt(SAME_MARKER.format(marker=marker))

    return _judge_invoice(found.entry, claimants, marker)


def _judge_invoice(
    entry: BookedEntry, claimants: Sequence[Claimant], marker: str
) -> Match | CreditMatch | Doubt:
    if not claimants:
        return Doubt(NO_INVOICE)

    claimant, *others = claimants
    if others:
        return Doubt(SEVERAL_INVOICES.format(numbers=", ".join(each.number for each in claimants)))

    if entry.currency != claimant.currency:
        why = {"entry": entry.currency, "number": claimant.number, "invoice": claimant.currency}
        return Doubt(OTHER_CURRENCY.format(**why))

    if entry.gross * claimant.gross >= 0:
        return Match(claimant.invoice_id, marker)

    named = CREDITED.match(entry.description)
    if named is None:
        return Doubt(TURNED.format(number=claimant.number))

    return CreditMatch(claimant.invoice_id, marker, named.group(1))
