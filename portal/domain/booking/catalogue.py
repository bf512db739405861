"""What a division offers: journals, ledger accounts, VAT codes, customers and their kin.

Codes are kept as received. ``shown`` strips them for people.
"""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from portal.domain.unreadable import Kind, Unreadable, has_key

SALES_JOURNAL = 20
CREDIT_JOURNAL = 21
RECEIVABLES_ACCOUNT = 20
VAT_ACCOUNT = 24
REVENUE_ACCOUNT = 110
KINDS = {
    "journals": Kind.JOURNAL,
    "accounts": Kind.LEDGER,
    "vat_codes": Kind.VAT_CODE,
    "vat_percentages": Kind.VAT_PERCENTAGE,
    "periods": Kind.PERIOD,
    "currencies": Kind.CURRENCY,
    "payment_conditions": Kind.PAYMENT_CONDITION,
    "cost_centers": Kind.COST_CENTER,
}
MAY_BE_EMPTY = frozenset(("vat_codes", "vat_percentages", "cost_centers"))


@dataclass(frozen=True, slots=True)
class Division:
    """An administration in Exact."""

    # ``code`` stands in each URL, ``hid`` is what people see.

    code: int
    hid: str
    name: str
    country: str
    currency: str
    vat_number: str | None = None
    archived: bool = False
    moved_on: date | None = None


@dataclass(frozen=True, slots=True)
class ExactUser:
    """Who consented at Exact."""

    id: str
    name: str
    email: str
    division: int
    language: str


@dataclass(frozen=True, slots=True)
class Journal:
    """A journal of a division."""

    # Only types 20 and 21 that are not blocked take sales entries.

    code: str
    description: str
    type: int
    currency: str | None
    any_currency: bool
    any_rate: bool
    blocked: bool


@dataclass(frozen=True, slots=True)
class LedgerAccount:
    """A G/L account of a division."""

    # ``cost_center``: 0 optional, 1 mandatory, 2 not used.

    id: str
    code: str
    description: str
    type: int
    balance_type: str
    blocked: bool
    cost_center: int


@dataclass(frozen=True, slots=True)
class VatCode:
    """A VAT code of a division."""

    # ``percentage`` is 21 for 21 %, ``kind`` E, I, B or N, ``used_for`` S, P or B.
    # ``listing`` says how it appears on the EC sales list: L goods, S services, T triangulation, N not.
    # It is empty where Exact was not asked yet.

    code: str
    description: str
    percentage: Decimal
    kind: str
    used_for: str
    blocked: bool
    charged: bool
    listing: str = ""


@dataclass(frozen=True, slots=True)
class VatPercentage:
    """The percentage of a VAT code in a span of days."""

    code: str
    percentage: Decimal
    start: date
    end: date | None


@dataclass(frozen=True, slots=True)
class Customer:
    """An account in Exact."""

    # The ``status`` of a customer is C.

    id: str
    code: str
    name: str
    status: str
    blocked: bool
    ended_on: date | None
    vat_number: str | None
    chamber_of_commerce: str | None
    email: str | None
    city: str | None
    country: str | None
    payment_condition: str | None


@dataclass(frozen=True, slots=True)
class NewCustomer:
    """A customer to be created."""

    # ``country`` is an ISO-2 code, ``remarks`` carries the marker.

    name: str
    vat_number: str | None
    chamber_of_commerce: str | None
    email: str | None
    phone: str | None
    website: str | None
    address: str | None
    zipcode: str | None
    city: str | None
    country: str | None
    remarks: str = ""


@dataclass(frozen=True, slots=True)
class Period:
    """A financial period that exists."""

    # Exact does not tell whether it is closed.

    year: int
    period: int
    start: date
    end: date


@dataclass(frozen=True, slots=True)
class PaymentCondition:
    """Payment terms by code."""

    code: str
    description: str
    days: int


@dataclass(frozen=True, slots=True)
class CostCenter:
    """A cost centre, in use until ``ended_on``."""

    code: str
    description: str
    ended_on: date | None


@dataclass(frozen=True, slots=True)
class ExchangeRate:
    """What one unit of a currency is worth in another, from a day on."""

    currency: str
    to: str
    rate: Decimal
    since: date


@dataclass(frozen=True, slots=True)
class Catalogue:
    """A division's offer at one moment, customers apart."""

    journals: tuple[Journal, ...]
    accounts: tuple[LedgerAccount, ...]
    vat_codes: tuple[VatCode, ...]
    vat_percentages: tuple[VatPercentage, ...]
    periods: tuple[Period, ...]
    currencies: tuple[str, ...]
    payment_conditions: tuple[PaymentCondition, ...]
    cost_centers: tuple[CostCenter, ...]
    unreadable: tuple[Unreadable, ...] = ()
    rates: tuple[ExchangeRate, ...] = ()

    def hides(self, kind: Kind, key: str = "") -> bool:
        """Say whether a record that is not found here may be one that cannot be read."""
        hidden = [one.id for one in self.unreadable if one.kind == kind]
        return any(not key or shown(one).lower() == shown(key).lower() or not has_key(one) for one in hidden)


def find_emptied(known: Catalogue, read: Catalogue) -> tuple[str, ...]:
    """Return the names of the lists that had rows and came empty, without rows that cannot be read."""
    odd = {one.kind for one in read.unreadable}
    return tuple(
        name
        for name, kind in KINDS.items()
        if getattr(known, name) and not getattr(read, name) and kind not in odd
    )


def keep_lists(known: Catalogue, read: Catalogue, again: Catalogue) -> tuple[Catalogue, tuple[str, ...]]:
    """Return what two reads brought, and the names of the lists that came empty and stay as they were.

    A division always has journals and the like, so that an empty list of them is a wrong answer.
    """
    emptied = find_emptied(known, read)
    brought = {name: getattr(again, name) for name in emptied if getattr(again, name)}
    kept = tuple(name for name in emptied if name not in brought and name not in MAY_BE_EMPTY)
    return replace(read, **brought, **{name: getattr(known, name) for name in kept}), kept


def shown(code: str) -> str:
    """Strip a padded code for people."""
    return code.strip()


def takes_sales(journal: Journal) -> bool:
    """Say whether a journal may hold a sales entry."""
    return journal.type in (SALES_JOURNAL, CREDIT_JOURNAL) and not journal.blocked


def takes_revenue(account: LedgerAccount) -> bool:
    """Say whether a line may be booked on an account: never receivables or VAT."""
    return account.type not in (RECEIVABLES_ACCOUNT, VAT_ACCOUNT) and not account.blocked


def is_revenue(account: LedgerAccount) -> bool:
    """Say whether an account is offered first."""
    return account.type == REVENUE_ACCOUNT and account.balance_type == "W"


def for_sales(code: VatCode) -> bool:
    """Say whether a VAT code may be offered: for sales, not blocked, not including (type I)."""
    return code.used_for in ("S", "B") and code.kind in ("E", "B", "N") and not code.blocked
