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


@dataclass(frozen=True, slots=True)
class Settled:
    """One settled part of a term: what "from now" remembers, and what a payment is made of."""

    term_id: str
    amount: int
    on: date


@dataclass(frozen=True, slots=True)
class PaymentPolicy:
    """Whether differences become write-offs, and what was settled before payments were switched on."""

    write_off_differences: bool = True
    baseline: tuple[Settled, ...] = ()


@dataclass(frozen=True, slots=True)
class WantedPayment:
    """A payment Productive should have; ``amount`` in cents of the invoice's currency."""

    term_id: str
    amount: int
    on: date
    written_off: bool = False


@dataclass(frozen=True, slots=True)
class MadePayment:
    """A payment this portal made in Productive; ``id`` is Productive's."""

    id: str
    term_id: str
    amount: int
    on: date
    written_off: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """Something settled that a person must judge: ``code`` for tests, a sentence, and the part in question."""

    code: str
    text: str
    term_id: str
    amount: int
    on: date


@dataclass(frozen=True, slots=True)
class EntryState:
    """What the terms of one entry add up to; ``doubtful`` says why they cannot be trusted."""

    outstanding: int
    paid: int
    doubtful: str | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """The payments an entry asks for; ``held`` are parts that neither make nor remove a payment."""

    payments: tuple[WantedPayment, ...]
    outstanding: int
    paid: int
    doubtful: str | None = None
    findings: tuple[Finding, ...] = ()
    held: tuple[WantedPayment, ...] = ()


@dataclass(frozen=True, slots=True)
class Kept:
    """A payment that stays; ``term_id`` is the term it stands for now."""

    made: MadePayment
    term_id: str

    @property
    def rekeyed(self) -> bool:
        """Say whether the term only got a new id."""
        return self.made.term_id != self.term_id


@dataclass(frozen=True, slots=True)
class PaymentChange:
    """A payment of ours and what it should become."""

    made: MadePayment
    wanted: WantedPayment


@dataclass(frozen=True, slots=True)
class PaymentPlan:
    """What to do in Productive."""

    create: tuple[WantedPayment, ...] = ()
    change: tuple[PaymentChange, ...] = ()
    remove: tuple[MadePayment, ...] = ()
    keep: tuple[Kept, ...] = ()
