"""Entries that Exact holds under an invoice's number though no copy made or linked them."""

import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from portal.domain.booking.problems import problem
from portal.domain.booking.sales_entry import Problem
from portal.domain.copies.failures import Cause
from portal.domain.said import Amount

# The sentence by what agrees with the invoice: the customer, the total.
_SENTENCES = {
    (True, True): Cause.STRANGER,
    (True, False): "entry_stranger_total",
    (False, True): "entry_stranger_customer",
    (False, False): "entry_stranger_both",
}


@dataclass(frozen=True, slots=True)
class HeldEntry:
    """An entry as a look by number shows it. What could not be read is None or empty."""

    id: str
    entry_number: int
    your_ref: str
    journal: str = ""
    entry_date: date | None = None
    customer_id: str | None = None
    currency: str = ""
    gross: int | None = None
    markers: tuple[str, ...] = ()
    invoice_number: int | None = None


@dataclass(frozen=True, slots=True)
class Stranger:
    """An entry that is linked to no copy, and what of it agrees with the invoice."""

    entry: HeldEntry
    customer: str
    same_customer: bool
    same_total: bool


def reference_key(text: str) -> str:
    """Fold a number as a database may when it compares: without case, accents and blanks."""
    plain = unicodedata.normalize("NFKD", text)
    kept = (each for each in plain if not unicodedata.combining(each) and not each.isspace())
    return "".join(kept).casefold()


def share_out(numbers: Iterable[str], found: Iterable[HeldEntry]) -> dict[str, list[HeldEntry]]:
    """Return what was found under each number. An entry of no number asked for counts under all."""
    asked = {number: reference_key(number) for number in numbers}
    shared: dict[str, list[HeldEntry]] = {number: [] for number in asked}

    for entry in found:
        key = reference_key(entry.your_ref)
        owners = [number for number, folded in asked.items() if folded == key]
        for number in owners or asked:
            shared[number].append(entry)

    return shared


def find_strangers(
    held: Iterable[HeldEntry], *, linked: Collection[str], set_aside: Collection[str]
) -> tuple[HeldEntry, ...]:
    """Return what is neither a copy's nor was set aside as another one, by number."""
    left = (entry for entry in held if entry.id not in linked and entry.id not in set_aside)
    return tuple(sorted(left, key=lambda entry: (entry.entry_number, entry.id)))


def judge_stranger(
    entry: HeldEntry, *, customer_id: str | None, customer: str, gross: int, currency: str
) -> Stranger:
    """Say what of an entry agrees with an invoice and its customer."""
    return Stranger(
        entry,
        customer,
        same_customer=customer_id is not None and entry.customer_id == customer_id,
        same_total=(entry.gross, entry.currency) == (gross, currency),
    )


def name_stranger(stranger: Stranger) -> Problem:
    """Name an entry that stands in the way, with all by which a person knows it again."""
    entry = stranger.entry
    code = _SENTENCES[stranger.same_customer, stranger.same_total]
    return problem(
        code,
        entry=str(entry.entry_number),
        reference=entry.your_ref.strip(),
        journal=entry.journal.strip() or "?",
        date=entry.entry_date if entry.entry_date else "?",
        total=Amount(entry.gross, entry.currency) if entry.gross is not None else "?",
        customer=stranger.customer or "?",
    )


def is_stranger(problem: Problem) -> bool:
    """Say whether a problem names such an entry."""
    return problem.code in _SENTENCES.values()
