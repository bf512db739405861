"""An invoice as Productive has it, in cents."""

import hashlib
import json
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

INVOICE = 1
CREDIT_NOTE = 2


@dataclass(frozen=True, slots=True)
class BillTo:
    """The buyer as printed on the invoice."""

    # ``country`` is a name, not a code.

    name: str
    vat: str | None = None
    email: str | None = None
    phone: str | None = None
    website: str | None = None
    address: str | None = None
    city: str | None = None
    state: str | None = None
    zipcode: str | None = None
    country: str | None = None


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """One line of an invoice."""

    # ``amount`` is net after the line's own discount, not the invoice's. ``tax_percentage`` is 21 for 21 %.
    # ``unit_price`` may have parts of a cent. It is shown, and nothing is reckoned with it.

    id: str
    position: int
    description: str
    quantity: Decimal
    unit_price: int | Decimal
    amount: int
    amount_tax: int
    service_type_id: str | None
    service_type: str | None
    tax_rate_id: str | None
    tax_rate: str | None
    tax_percentage: Decimal | None
    is_expense: bool = False


@dataclass(frozen=True, slots=True)
class Invoice:
    """An invoice or a credit note."""

    # Where a list was read, ``lines`` is empty.

    id: str
    number: str | None
    subject: str
    kind: int
    subsidiary_id: str
    company_id: str
    company_name: str
    bill_to: BillTo | None
    invoiced_on: date
    pay_on: date | None
    sent_on: date | None
    finalized_on: date | None
    deleted: bool
    sample: bool
    currency: str
    currency_default: str
    exchange_rate: Decimal | None
    discount: Decimal | None
    amount: int
    amount_tax: int
    amount_with_tax: int
    amount_paid: int
    amount_unpaid: int
    amount_written_off: int
    credited: bool
    parent_invoice_id: str | None
    purchase_order_number: str | None
    exported: bool
    export_id: str | None
    export_url: str | None
    export_integration: int | None
    last_activity_at: datetime
    lines: tuple[InvoiceLine, ...] = ()

    @property
    def is_credit_note(self) -> bool:
        """Say whether this credits another invoice."""
        return self.kind == CREDIT_NOTE

    def fingerprint(self) -> str:
        """Hash what a person saw and what would be booked."""
        # Number, export fields, sent date and payments are not in it.
        bill_to = self.bill_to
        seen = [
            self.company_id,
            None if bill_to is None else [getattr(bill_to, name) for name in bill_to.__slots__],
            [self.invoiced_on, self.pay_on, self.currency, self.exchange_rate, self.discount, self.kind],
            [self.amount, self.amount_tax, self.amount_with_tax],
            [[getattr(line, name) for name in line.__slots__] for line in self.lines],
        ]

        return hashlib.sha256(json.dumps(seen, default=str, ensure_ascii=False).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Subsidiary:
    """A legal entity in Productive."""

    # ``export_integration`` 4 means that Productive's own Exact link is on.

    id: str
    name: str
    export_integration: int | None
    archived: bool


@dataclass(frozen=True, slots=True)
class ServiceType:
    """What kind of work a line bills."""

    id: str
    name: str
    archived: bool


@dataclass(frozen=True, slots=True)
class TaxRate:
    """A tax rate of one subsidiary."""

    # ``percentage`` is None where both components are empty.

    id: str
    name: str
    percentage: Decimal | None
    subsidiary_id: str | None
    archived: bool


@dataclass(frozen=True, slots=True)
class Organization:
    """The Productive organisation a token belongs to."""

    id: str
    name: str
    currency: str


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment in Productive."""

    # ``on`` is the day on which it was paid or written off.

    id: str
    invoice_id: str
    amount: int
    on: date
    written_off: bool
    note: str
