"""What becomes of an invoice on its way to a sales entry: the entry, or every reason why not."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from portal.domain.booking.invoice import InvoiceLine
from portal.domain.booking.mapping import Chosen
from portal.domain.booking.place import Whereabouts
from portal.domain.booking.sales_entry import Problem, SalesEntry
from portal.domain.connections.states import NumberSource


@dataclass(frozen=True, slots=True)
class Policy:
    """What a connection has settled for all its copies."""

    books_closed_until: date | None = None
    number_source: NumberSource = NumberSource.PRODUCTIVE
    send_credit_type: bool = False
    credit_journal: str | None = None
    default_journal: str | None = None
    # The assumptions that a trial found not to hold.
    failed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class DraftLine:
    """One line as it will be booked: ``amount`` after the invoice's discount, ``moved_by`` cents of VAT."""

    line: InvoiceLine
    ledger: Chosen | None
    vat: Chosen | None
    amount: int
    vat_amount: int
    moved_by: int
    needs_cost_center: bool
    text_cut: bool
    description: str
    cost_center: str | None = None


@dataclass(frozen=True, slots=True)
class DraftRate:
    """A tax rate on the invoice and the VAT code it gets."""

    # ``id`` is "" for lines without a rate.

    id: str
    name: str
    percentage: Decimal | None
    vat: Chosen | None


@dataclass(frozen=True, slots=True)
class Draft:
    """The entry as it will be booked, or all its problems."""

    # ``confirmed`` are the questions that a person answered, and which are no problems any more.

    entry: SalesEntry | None
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]
    lines: tuple[DraftLine, ...]
    net: int
    vat: int
    gross: int
    tax_rates: tuple[DraftRate, ...]
    journal: str | None = None
    booking_date: date | None = None
    rate: Decimal | None = None
    description: str = ""
    confirmed: tuple[Problem, ...] = ()
    # Where the customer is for VAT. None where nobody is known yet.
    where: Whereabouts | None = None
