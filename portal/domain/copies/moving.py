"""Moving over from another link: which entry in Exact an invoice that it exported belongs to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from portal.domain.booking.sales_entry import BookedEntry
from portal.domain.copies.strangers import HeldEntry, Stranger, reference_key


class Move(StrEnum):
    """What a look in Exact says of an invoice that another link exported."""

    UNSEEN = "not looked up yet"
    AGREES = "agrees"
    DIFFERS = "differs"
    SEVERAL = "several entries"
    MISSING = "no entry"


# A person decides about these, one by one.
TO_DECIDE = (Move.DIFFERS, Move.SEVERAL)


@dataclass(frozen=True, slots=True)
class AgreeingEntry:
    """An entry of which number, customer and total agree with its invoice."""

    id: str
    entry_number: int
    invoice_number: int | None
    customer_id: str | None
    journal: str
    currency: str
    gross: int


# What can count as an invoice's copy.
FoundEntry = BookedEntry | AgreeingEntry


def judge_move(entries: Sequence[Stranger], *, is_seen: bool) -> Move:
    """Say what is known of an invoice by the entries under its number that belong to no copy."""
    if not is_seen:
        return Move.UNSEEN
    if not entries:
        return Move.MISSING
    if len(entries) > 1:
        return Move.SEVERAL

    [only] = entries
    return Move.AGREES if only.same_customer and only.same_total else Move.DIFFERS


def entries_of_number(number: str, entries: Iterable[HeldEntry]) -> list[HeldEntry]:
    """Return the entries that carry a number, whatever else a look brought."""
    key = reference_key(number)
    return [entry for entry in entries if reference_key(entry.your_ref) == key]


def as_agreeing(entries: Sequence[Stranger]) -> AgreeingEntry | None:
    """Return the one entry that agrees in everything, None where a person must decide."""
    if judge_move(entries, is_seen=True) is not Move.AGREES:
        return None

    entry = entries[0].entry
    if entry.gross is None:
        return None

    return AgreeingEntry(
        id=entry.id,
        entry_number=entry.entry_number,
        invoice_number=entry.invoice_number,
        customer_id=entry.customer_id,
        journal=entry.journal,
        currency=entry.currency,
        gross=entry.gross,
    )
