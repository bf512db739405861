"""Why a copy failed: the class of each cause says what helps; and what copies that fail alike share."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from portal.domain.booking.problems import SENTENCES
from portal.domain.booking.sales_entry import SalesEntry

MAPPING = "mapping"
EXACT = "exact"
PRODUCTIVE = "productive"
CHOICE = "choice"
CONNECT = "connect"
WAIT = "wait"
OURS = "ours"
CLASSES = (MAPPING, EXACT, PRODUCTIVE, CHOICE, CONNECT, WAIT, OURS)

FAULT = "fault"
MALFORMED = "malformed"
BLOCKED = "blocked"
BY_PRODUCTIVE = "productive refused"
MOST_ALIKE = 3

# What a refusal of Exact's means; its words are in the user's language, so the status decides.
_MALFORMED_STATUS = frozenset({405, 406, 409, 411, 413, 414, 415})
_MALFORMED_WORDS = ("error processing request stream", "syntax error", "is not a valid property")
_BLOCKED_WORDS = ("too many errors",)

_CLASS = {
    "RefusedError": EXACT,
    "NotFoundError": EXACT,
    "MissingRightError": CONNECT,
    BY_PRODUCTIVE: PRODUCTIVE,
    MALFORMED: OURS,
    BLOCKED: WAIT,
    FAULT: OURS,
    "sign-in lost": CONNECT,
    "restored": CHOICE,
    "disconnected": CONNECT,
    "invoice changed": CHOICE,
    "invoice deleted": PRODUCTIVE,
    # As a copy beside somebody else's entry was refused until 0.2; now it is "entry_stranger".
    "entry exists": CHOICE,
    "entry_stranger": CHOICE,
    "entry deleted": CHOICE,
    "several found": EXACT,
    "difference": CHOICE,
    "half updated": CHOICE,
}
_FIXES = {"mappings": MAPPING, "catalogue": MAPPING, "exact": EXACT, "productive": PRODUCTIVE}

# Trying these again gives the same answer, whatever was put right meanwhile.
_FINAL = frozenset(
    {
        "invoice changed",
        "invoice deleted",
        "entry deleted",
        "entry exists",
        "entry_changed",
        "entry_not_ours",
        "difference",
        "half updated",
    }
)


def cause_of(kind: str, status: int | None, words: str) -> str:
    """Return the cause that a refusal stands for: the kind of the failure, its status and what was said."""
    said = words.lower()
    if said.startswith("productive "):
        return BY_PRODUCTIVE
    if status == 403 and any(each in said for each in _BLOCKED_WORDS):
        return BLOCKED
    if status in _MALFORMED_STATUS or (status == 400 and any(each in said for each in _MALFORMED_WORDS)):
        return MALFORMED

    return kind if kind in _CLASS else "RefusedError"


def class_of(cause: str) -> str:
    """Return what helps against a cause; what nobody foresaw is a fault of ours."""
    if cause in _CLASS:
        return _CLASS[cause]
    if cause in SENTENCES:
        return _FIXES.get(SENTENCES[cause][0], CHOICE)
    return OURS


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

    concerns_all = class_of(cause) == CONNECT
    shared = frozenset() if concerns_all else frozenset.intersection(*(each.traits for each in latest))
    if any(each.at >= latest[-1].at and shared <= each.traits for each in successes):
        return None

    return shared
