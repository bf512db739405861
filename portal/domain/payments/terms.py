"""Receivable terms as Exact has them, and what the terms of one entry add up to, in cents."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from portal.domain.payments.states import TermDoubt

TERM_OPEN = 20
TERM_MATCHED = 50
SALES = 20
CREDIT = 21
CASH = 40
EXCHANGE_DIFFERENCE = 82
PAYMENT_DIFFERENCE = 83


@dataclass(frozen=True, slots=True)
class Term:
    """One ``PaymentTerms`` row of line type 20. ``amount`` as Exact signs it (negative: to be received).

    ``modified`` is when it last changed, by Exact's own clock, without a zone.
    """

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
    modified: datetime | None = None

    @property
    def owed(self) -> int:
        """What the customer owes by this term: positive for an invoice, negative for a credit."""
        return -self.amount

    @property
    def is_settled(self) -> bool:
        """Say whether this part is matched."""
        return self.status == TERM_MATCHED and self.amount != 0

    @property
    def matched_on(self) -> date | None:
        """The day on which this part stopped being outstanding."""
        return self.ended_on or self.last_payment_on

    @property
    def paid_on(self) -> date | None:
        """The day of the payment as Productive should have it."""
        return self.last_payment_on or self.ended_on


@dataclass(frozen=True, slots=True)
class Tombstone:
    """One ``Deleted`` row: what vanished, by entity type (2 account, 10 payment term)."""

    timestamp: int
    entity_type: int
    key: str


@dataclass(frozen=True, slots=True)
class Settled:
    """One settled part of a term: what "from now" remembers, and what a payment is made of.

    ``unsure``: it is not certain that it was settled before the wish.
    """

    term_id: str
    amount: int
    on: date
    unsure: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class EntryState:
    """What the terms of one entry add up to. ``doubtful`` says why they cannot be trusted."""

    outstanding: int
    paid: int
    doubtful: TermDoubt | None = None


def read_state(terms: Sequence[Term], *, gross: int, currency: str) -> EntryState:
    """Add up the live terms of one entry."""
    paid = sum(term.owed for term in terms if term.is_settled)
    return EntryState(gross - paid, paid, next(_each_doubt(terms, gross, currency), None))


def _each_doubt(terms: Sequence[Term], gross: int, currency: str) -> Iterator[TermDoubt]:
    """Yield why these terms cannot be trusted."""
    if not terms and gross:
        yield TermDoubt.NONE_SHOWN
    elif sum(term.owed for term in terms) != gross:
        yield TermDoubt.SUM

    if any(term.currency.strip() != currency for term in terms):
        yield TermDoubt.CURRENCY

    if any(term.owed * gross < 0 for term in terms):
        yield TermDoubt.SIGN

    if any(term.transaction_type not in (SALES, CREDIT) for term in terms):
        yield TermDoubt.KIND

    if any(term.is_settled and term.paid_on is None for term in terms):
        yield TermDoubt.UNDATED


def settled_parts(terms: Sequence[Term]) -> tuple[Settled, ...]:
    """Return the settled parts, oldest first. The baseline of "from now" is made of these."""
    parts = (Settled(t.id, t.owed, t.paid_on) for t in terms if t.is_settled and t.paid_on)
    return tuple(sorted(parts, key=lambda part: (part.on, part.term_id)))
