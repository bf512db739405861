"""Whether an entry may still be deleted, and whether it is the one a person saw."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date

from portal.domain.booking.catalogue import Period
from portal.domain.booking.problems import problem
from portal.domain.booking.sales_entry import BookedEntry, Problem
from portal.domain.copies.change import may_change
from portal.domain.copies.failures import Cause
from portal.domain.ids import find_marker
from portal.domain.payments.terms import TERM_OPEN, Term


def fingerprint_of(booked: BookedEntry) -> str:
    """Hash everything of an entry that a person is shown."""
    # Whether it is processed is asked apart.
    seen = {
        **asdict(booked),
        "status": None,
        "lines": sorted(json.dumps(asdict(line)) for line in booked.lines),
    }
    return hashlib.sha256(json.dumps(seen, default=str, sort_keys=True).encode()).hexdigest()


def may_delete(
    booked: BookedEntry,
    terms: Sequence[Term],
    *,
    paid_before: bool,
    payments_kept: bool,
    books_closed_until: date | None,
    periods: Sequence[Period],
) -> Problem | None:
    """Say why an entry is not to be deleted, None when it may be tried.

    ``terms`` are as Exact has them now, ``paid_before`` is what the last pull of payments saw.
    """
    entry = str(booked.entry_number)
    if not any(find_marker(line.notes) for line in booked.lines):
        return problem(Cause.NOT_OURS, entry=entry)

    paid = any(term.is_settled for term in terms)
    if found := may_change(booked, terms_paid=paid, books_closed_until=books_closed_until, periods=periods):
        return found
    if any(term.status != TERM_OPEN for term in terms):
        return problem("entry_in_collection", entry=entry)
    if paid_before:
        return problem("entry_paid_before", entry=entry)

    return problem("payment_kept", entry=entry) if payments_kept else None


def paid_of(terms: Sequence[Term]) -> int:
    """Add up what is settled of an entry, in cents."""
    return sum(term.owed for term in terms if term.is_settled)
