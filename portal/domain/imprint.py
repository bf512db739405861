"""Texts of ours in records of both services that are read back after a restore.

Their form is fixed: what was written once is read for good, in whatever words the portal speaks.
"""

import re

from portal.domain.ids import tag_of

PAYMENT_NOTE = re.compile(r"Exact entry (\S+), term (\S+) \[")
CREDITED = re.compile(r"Credit (\d+) ")


def payment_note(entry_number: str | None, term_id: str, marker: str) -> str:
    """Spell the note that leads from a payment in Productive back to its receivable term."""
    return f"Exact entry {entry_number}, term {term_id} {tag_of(marker)}"


def read_payment_note(note: str) -> tuple[str, str] | None:
    """Return the entry number and the term that the note of a payment names."""
    found = PAYMENT_NOTE.search(note)
    return (found.group(1), found.group(2)) if found else None


def credit_text(entry_number: object, description: str) -> str:
    """Spell the description of a credit entry, which names the entry that it takes back."""
    return f"Credit {entry_number} {description}"


def read_credited(description: str) -> str | None:
    """Return the number of the entry that a credit entry takes back."""
    found = CREDITED.match(description)
    return found.group(1) if found else None
