"""Why a copy failed, what helps against it, and what copies that fail alike share."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from portal.domain.booking.problems import FIXES
from portal.domain.booking.sales_entry import SalesEntry


class Remedy(StrEnum):
    """What helps against a cause."""

    MAPPING = "mapping"
    EXACT = "exact"
    PRODUCTIVE = "productive"
    CHOICE = "choice"
    CONNECT = "connect"
    WAIT = "wait"
    OURS = "ours"


class Cause(StrEnum):
    """Why a copy failed, where it is not a problem of the invoice."""

    REFUSED = "RefusedError"
    NOT_FOUND = "NotFoundError"
    MISSING_RIGHT = "MissingRightError"
    BY_PRODUCTIVE = "productive refused"
    MALFORMED = "malformed"
    BLOCKED = "blocked"
    FAULT = "fault"
    SIGN_IN_LOST = "sign-in lost"
    RESTORED = "restored"
    DISCONNECTED = "disconnected"
    INVOICE_CHANGED = "invoice changed"
    INVOICE_DELETED = "invoice deleted"
    # As a copy beside somebody else's entry was refused until 0.2. Now it is STRANGER.
    ENTRY_EXISTS = "entry exists"
    STRANGER = "entry_stranger"
    ENTRY_DELETED = "entry deleted"
    ENTRY_CHANGED = "entry_changed"
    NOT_OURS = "entry_not_ours"
    SEVERAL_FOUND = "several found"
    DIFFERENCE = "difference"
    HALF_UPDATED = "half updated"
    # Of a run: it was stopped after this was tried, or this would be booked otherwise than it was shown.
    STOPPED = "stopped"
    BOOKING_CHANGED = "booking changed"
    # Somebody changed in Exact what an update would overwrite.
    EXACT_CHANGED = "exact_changed"


MOST_ALIKE = 3

# What a refusal of Exact's means; its words are in the user's language, so the status decides.
_MALFORMED_STATUS = frozenset({405, 406, 409, 411, 413, 414, 415})
_MALFORMED_WORDS = ("error processing request stream", "syntax error", "is not a valid property")
_BLOCKED_WORDS = ("too many errors",)

_CLASS: dict[str, Remedy] = {
    Cause.REFUSED: Remedy.EXACT,
    Cause.NOT_FOUND: Remedy.EXACT,
    Cause.MISSING_RIGHT: Remedy.CONNECT,
    Cause.BY_PRODUCTIVE: Remedy.PRODUCTIVE,
    Cause.MALFORMED: Remedy.OURS,
    Cause.BLOCKED: Remedy.WAIT,
    Cause.FAULT: Remedy.OURS,
    Cause.SIGN_IN_LOST: Remedy.CONNECT,
    Cause.RESTORED: Remedy.CHOICE,
    Cause.DISCONNECTED: Remedy.CONNECT,
    Cause.INVOICE_CHANGED: Remedy.CHOICE,
    Cause.INVOICE_DELETED: Remedy.PRODUCTIVE,
    Cause.ENTRY_EXISTS: Remedy.CHOICE,
    Cause.STRANGER: Remedy.CHOICE,
    Cause.ENTRY_DELETED: Remedy.CHOICE,
    Cause.SEVERAL_FOUND: Remedy.EXACT,
    Cause.DIFFERENCE: Remedy.CHOICE,
    Cause.HALF_UPDATED: Remedy.CHOICE,
    Cause.STOPPED: Remedy.CHOICE,
    Cause.BOOKING_CHANGED: Remedy.CHOICE,
    Cause.EXACT_CHANGED: Remedy.CHOICE,
}
_FIXES = {
    "mappings": Remedy.MAPPING,
    "catalogue": Remedy.MAPPING,
    "exact": Remedy.EXACT,
    "productive": Remedy.PRODUCTIVE,
}

# Trying these again gives the same answer, whatever was put right meanwhile.
_FINAL: frozenset[str] = frozenset(
    {
        Cause.INVOICE_CHANGED,
        Cause.INVOICE_DELETED,
        Cause.ENTRY_DELETED,
        Cause.ENTRY_EXISTS,
        Cause.ENTRY_CHANGED,
        Cause.NOT_OURS,
        Cause.DIFFERENCE,
        Cause.HALF_UPDATED,
        Cause.BOOKING_CHANGED,
        Cause.EXACT_CHANGED,
    }
)


def cause_of(kind: str, status: int | None, words: str, *, by_productive: bool = False) -> str:
    """Return the cause that a refusal stands for. ``words`` are Exact's own."""
    said = words.lower()
    if by_productive:
        return Cause.BY_PRODUCTIVE
    if status == 403 and any(each in said for each in _BLOCKED_WORDS):
        return Cause.BLOCKED
    if status in _MALFORMED_STATUS or (status == 400 and any(each in said for each in _MALFORMED_WORDS)):
        return Cause.MALFORMED

    return kind if kind in _CLASS else Cause.REFUSED


def class_of(cause: str) -> Remedy:
    """Return what helps against a cause."""
    # What nobody foresaw is a fault of ours.
    if cause in _CLASS:
        return _CLASS[cause]
    if cause in FIXES:
        return _FIXES.get(FIXES[cause], Remedy.CHOICE)
    return Remedy.OURS


def may_retry(cause: str) -> bool:
    """Say whether the same wish can succeed once something was put right."""
    return cause not in _FINAL


class Outcome(NamedTuple):
    """How one copy ended: when, and what it shares with others."""

    at: datetime
    traits: frozenset[str]


def traits_of(entry: SalesEntry, action: str) -> frozenset[str]:
    """Name everything that a refusal could be about and that another copy may have too."""
    each = {
        f"action {action}",
        f"journal {entry.journal}",
        f"month {entry.entry_date:%Y-%m}",
        f"currency {entry.currency}",
        f"customer {entry.customer_id or 'new'}",
    }
    for line in entry.lines:
        each |= {f"ledger {line.ledger_id}", f"vat {(line.vat_code or '').strip()}"}

    return frozenset(each)


def find_shared(
    cause: str, failures: Sequence[Outcome], successes: Sequence[Outcome]
) -> frozenset[str] | None:
    """Return what further copies must share to be held, None while fewer than three failed alike in a row.

    ``failures`` are those of one cause and the same words, newest first. A copy with all that they share
    which succeeded meanwhile proves that what they share is not what failed. A missing right or a lost
    sign-in concerns every copy.
    """
    latest = failures[:MOST_ALIKE]
    if len(latest) < MOST_ALIKE:
        return None

    concerns_all = class_of(cause) == Remedy.CONNECT
    shared = frozenset() if concerns_all else frozenset.intersection(*(each.traits for each in latest))
    if any(each.at >= latest[-1].at and shared <= each.traits for each in successes):
        return None

    return shared
