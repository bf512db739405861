"""Moving over from another link: which entry in Exact an invoice that it exported belongs to."""

import uuid
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
    # Productive names another entry than the one that carries the number.
    NAMED = "another entry is named"
    MISSING = "no entry"


# A person decides about these, one by one.
TO_DECIDE = (Move.DIFFERS, Move.SEVERAL, Move.NAMED)


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


def judge_move(entries: Sequence[Stranger], *, number: str, named: str | None, is_seen: bool = True) -> Move:
    """Say what is known of an invoice by the entries that may be its own and belong to no copy.

    ``named`` is the id that the other link left at the invoice.
    """
    if not is_seen:
        return Move.UNSEEN
    if not entries:
        return Move.MISSING
    if any(_is_another(named, each.entry) for each in entries):
        return Move.NAMED
    if len(entries) > 1:
        return Move.SEVERAL

    [only] = entries
    agrees = only.same_customer and only.same_total and _carries(number, only.entry)
    return Move.AGREES if agrees else Move.DIFFERS


def read_named(export_id: str | None) -> str | None:
    """Return the id of the entry that a mark names, None where it names none in Exact's way."""
    try:
        return str(uuid.UUID((export_id or "").strip()))
    except ValueError:
        return None


def names_entry(export_id: str | None, entry: FoundEntry | HeldEntry) -> bool:
    """Say whether a mark names an entry, by its id or by its number."""
    if named := read_named(export_id):
        return named == entry.id.lower()

    numbers = {str(each) for each in (entry.entry_number, entry.invoice_number) if each}
    return (export_id or "").strip() in numbers


def _is_another(named: str | None, entry: HeldEntry) -> bool:
    """Say whether a mark names another entry. What is no id and no number of Exact's names none."""
    text = (named or "").strip()
    is_number = text.isascii() and text.isdigit() and len(text) == len(str(entry.entry_number))
    return (is_number or read_named(text) is not None) and not names_entry(text, entry)


def _carries(number: str, entry: HeldEntry) -> bool:
    return reference_key(entry.your_ref) == reference_key(number)


def entries_of_number(number: str, entries: Iterable[HeldEntry]) -> list[HeldEntry]:
    """Return the entries that carry a number, whatever else a look brought."""
    return [entry for entry in entries if _carries(number, entry)]


def as_agreeing(move: Move, entries: Sequence[Stranger]) -> AgreeingEntry | None:
    """Return the one entry that agrees in everything, None where a person must decide."""
    if move is not Move.AGREES:
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
