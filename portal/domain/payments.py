"""From receivable terms to the payments Productive should have; in cents of its currency."""

from dataclasses import dataclass
from datetime import date

TERM_OPEN, TERM_MATCHED = 20, 50
SALES, CREDIT, CASH, EXCHANGE_DIFFERENCE, PAYMENT_DIFFERENCE = 20, 21, 40, 82, 83


@dataclass(frozen=True, slots=True)
class Term:
    """One ``PaymentTerms`` row of line type 20; ``amount`` as Exact signs it (negative: to be received)."""

    id: str
    timestamp: int
    entry_id: str
    transaction_id: str
    transaction_type: int
    line_type: int
    status: int
    account_id: str
    amount: int
    amount_dc: int
    transaction_amount: int
    currency: str
    discount: int
    last_payment_on: date | None
    ended_on: date | None
    due_on: date | None
    your_ref: str
    invoice_number: int | None
    entry_number: int | None
    journal: str
    fully_paid: bool


@dataclass(frozen=True, slots=True)
class Tombstone:
    """One ``Deleted`` row: what vanished, by entity type (2 account, 10 payment term)."""

    timestamp: int
    entity_type: int
    key: str
