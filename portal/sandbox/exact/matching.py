"""What settles receivable terms: a receipt, a credit note, a payment discount or a write-off."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

SAME_ROW = "same-row"
DELETE_INSERT = "delete-insert"
MATCHED_NEW = "matched-new"
# The three ways in which Exact might split a term; which one it takes is not known.
SPLITS = {
    SAME_ROW: SAME_ROW,
    DELETE_INSERT: DELETE_INSERT,
    MATCHED_NEW: MATCHED_NEW,
    "1": SAME_ROW,
    "2": DELETE_INSERT,
    "3": MATCHED_NEW,
}


@dataclass
class Allocation:
    """How much goes to an entry. Positive settles an invoice, negative a credit note."""

    entry: str
    amount: Decimal


@dataclass
class Matching:
    """One settlement. ``kind`` is receipt, credit, discount or writeoff, ``entry_id`` its own booking."""

    id: str
    kind: str
    date: datetime
    amount: Decimal
    split: str
    currency: str
    number: int
    entry_id: str
    account: str | None = None
    journal: str = ""
    # What a client's own bank line says; a receipt of the back door has none of it.
    ledger: str | None = None
    is_receivable: bool = True
    description: str | None = None
    our_ref: int | None = None
    notes: str | None = None
    allocations: list[Allocation] = field(default_factory=list)
