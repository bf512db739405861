"""A sales entry as it will be booked, and as Exact has it."""

from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import date, datetime
from decimal import Decimal

from portal.domain.booking.mapping import Why
from portal.domain.said import Said, Value, said

OPEN = 20
PROCESSED = 50


@dataclass(frozen=True, slots=True)
class SalesEntryLine:
    """One line to book: net amount, VAT as Productive has it, and where ledger and VAT code come from."""

    invoice_line_id: str
    ledger_id: str
    amount: int
    vat_code: str | None
    vat_amount: int
    description: str
    quantity: Decimal
    cost_center: str | None
    ledger_source: str
    vat_source: str
    # By which rules both were chosen, which a copy from before them does not know.
    ledger_why: Why | None = dataclass_field(default=None, compare=False)
    vat_why: Why | None = dataclass_field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class SalesEntry:
    """What a copy books."""

    # There is a ``rate`` only where Productive's is sent, and ``type`` 21 only by a setting.

    customer_id: str
    journal: str
    entry_date: date
    due_date: date | None
    your_ref: str
    payment_reference: str
    description: str
    currency: str
    rate: Decimal | None
    type: int | None
    lines: tuple[SalesEntryLine, ...]

    @property
    def net(self) -> int:
        """Sum of the net amounts."""
        return sum(line.amount for line in self.lines)

    @property
    def vat(self) -> int:
        """Sum of the VAT amounts."""
        return sum(line.vat_amount for line in self.lines)

    @property
    def gross(self) -> int:
        """What the customer owes."""
        return self.net + self.vat


@dataclass(frozen=True, slots=True)
class BookedLine:
    """A line as Exact has it."""

    id: str
    ledger_id: str
    amount: int
    vat_code: str | None
    vat_amount: int
    description: str
    cost_center: str | None
    notes: str


@dataclass(frozen=True, slots=True)
class BookedEntry:
    """An entry as Exact has it."""

    # ``gross`` includes VAT. ``rate`` is None where it was not read.
    # ``created`` and ``modified`` are by Exact's own clock, local time without a zone. Only readings of many
    # entries ask for them.

    id: str
    entry_number: int
    invoice_number: int | None
    customer_id: str
    journal: str
    entry_date: date
    due_date: date | None
    your_ref: str
    description: str
    currency: str
    gross: int
    vat: int
    status: int
    type: int
    lines: tuple[BookedLine, ...] = ()
    rate: Decimal | None = None
    created: datetime | None = None
    modified: datetime | None = None


def problem_code(code: str) -> str:
    """Return the code by which a problem is said."""
    return f"problem_{code}"


@dataclass(frozen=True, slots=True)
class Problem:
    """Why an invoice cannot be copied yet: a code with the values of its sentence, and where the fix is.

    ``fix`` is one of "mappings", "catalogue", "settings", "productive", "exact", "dialog", "trial" and
    "confirm". The last is a question: what a person confirmed is no problem any more.
    """

    code: str
    fix: str
    field: str | None = None
    values: tuple[tuple[str, Value], ...] = ()

    @property
    def said(self) -> Said:
        """Return what is wrong, as it is said to people."""
        return said(problem_code(self.code), **dict(self.values))
