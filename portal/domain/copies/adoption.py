"""What an entry found in Exact after a restore belongs to, or why that is not certain."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from enum import StrEnum
from zoneinfo import ZoneInfo

from portal.domain.booking.sales_entry import BookedEntry
from portal.domain.ids import find_marker
from portal.domain.imprint import read_credited
from portal.domain.said import Said, Value, said

DUTCH = ZoneInfo("Europe/Amsterdam")


class DoubtCause(StrEnum):
    """Why something of ours, or nearly, belongs to nothing for certain."""

    NO_MARKER = "no marker"
    SEVERAL_MARKERS = "several markers"
    SAME_MARKER = "same marker"
    NO_INVOICE = "no invoice"
    SEVERAL_INVOICES = "several invoices"
    TURNED = "turned"
    OTHER_CURRENCY = "other currency"
    NO_ENTRY = "no entry"
    ENTRY_NOT_READ = "entry not read"
    LEFT_CUSTOMER = "left customer"
    CUSTOMER_NOT_READ = "customer not read"
    TWO_PAYMENTS = "two payments"
    NO_COPY = "no copy"
    NO_TERM = "no term"
    PAYMENT_NOT_READ = "payment not read"


@dataclass(frozen=True, slots=True)
class FoundEntry:
    """An entry as Exact has it now."""

    entry: BookedEntry

    @property
    def created(self) -> datetime:
        """When it was booked."""
        # Exact writes Dutch local time.
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
    """Why something cannot be matched, for a person to judge."""

    cause: DoubtCause
    values: tuple[tuple[str, Value], ...] = ()

    @property
    def why(self) -> Said:
        """What a person is told."""
        return said(adoption_code(self.cause), **dict(self.values))

    @property
    def about(self) -> str:
        """What it is about. Another value is another doubt, other words for a fault are not."""
        return ", ".join(str(value) for name, value in self.values if name != "why")


def adoption_code(cause: DoubtCause) -> str:
    """Return the code of why something cannot be matched."""
    return f"unmatched_{cause.replace(' ', '_')}"


def doubt(cause: DoubtCause, **values: Value) -> Doubt:
    """Doubt for a cause, with the values of its sentence."""
    return Doubt(cause, tuple(values.items()))


def find_twins(found: Iterable[FoundEntry]) -> set[str]:
    """Return the markers that more than one entry carries."""
    count = Counter(marker for each in found for marker in each.markers)
    return {marker for marker, times in count.items() if times > 1}


def judge_entry(
    found: FoundEntry, claimants: Sequence[Claimant], *, taken: Mapping[str, str], twins: set[str]
) -> Match | CreditMatch | Doubt | None:
    """Judge an entry that the database does not know. None is for one that is none of ours.

    ``taken`` names the entry that a known marker stands for already.
    """
    if not found.markers:
        return doubt(DoubtCause.NO_MARKER) if any(not each.is_settled for each in claimants) else None

    marker, *others = found.markers
    if others:
        return doubt(DoubtCause.SEVERAL_MARKERS, markers=", ".join(found.markers))
    if marker in twins or taken.get(marker, found.entry.id) != found.entry.id:
        return doubt(DoubtCause.SAME_MARKER, marker=marker)

    return _judge_invoice(found.entry, claimants, marker)


def _judge_invoice(
    entry: BookedEntry, claimants: Sequence[Claimant], marker: str
) -> Match | CreditMatch | Doubt:
    if not claimants:
        return doubt(DoubtCause.NO_INVOICE)

    claimant, *others = claimants
    if others:
        return doubt(DoubtCause.SEVERAL_INVOICES, numbers=", ".join(each.number for each in claimants))

    if entry.currency != claimant.currency:
        why = {"entry": entry.currency, "number": claimant.number, "invoice": claimant.currency}
        return doubt(DoubtCause.OTHER_CURRENCY, **why)

    if entry.gross * claimant.gross >= 0:
        return Match(claimant.invoice_id, marker)

    credited = read_credited(entry.description)
    if credited is None:
        return doubt(DoubtCause.TURNED, number=claimant.number)

    return CreditMatch(claimant.invoice_id, marker, credited)
