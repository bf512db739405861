"""How the rows of each list are read one by one, and what is told of a row that cannot be read."""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from portal.domain.booking.catalogue import (
    CostCenter,
    Customer,
    Division,
    Journal,
    LedgerAccount,
    PaymentCondition,
    Period,
    VatCode,
)
from portal.domain.payments.terms import Term, Tombstone
from portal.domain.unreadable import Fault, Kind, Unreadable
from portal.exact import parse
from portal.exact import parse_catalogue as offers
from portal.exact.odata import Json
from portal.exact.row import Row
from portal.remote.errors import BadAnswerError
from portal.remote.odd import all_read, fingerprint, read_each

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Listed(Generic[T]):
    """One kind of row: how it is read, by which fields people know it, and where its key stands."""

    kind: Kind
    parse: Callable[[Json], T]
    key: Callable[[T], Hashable]
    key_field: str = "ID"
    names: tuple[str, ...] = ("Code", "Description")
    parent_field: str = ""
    account_field: str = ""

    def read(self, rows: Iterable[Json]) -> list[T | Unreadable]:
        """Read rows. One that cannot be read is told in its place, and of two alike the later counts."""
        return read_each(rows, self.parse, self.tell, self.key)

    def read_whole(self, rows: Iterable[Json]) -> list[T]:
        """Read rows that count only together. Raise UnreadableError where one cannot be read."""
        return all_read(self.read(rows))

    def tell(self, fields: Json, fault: Fault) -> Unreadable:
        """Tell of a row that cannot be read what can be read of it."""
        row = Row(fields)
        key = _guess(row, self.key_field)
        names = (_guess(row, name).strip() for name in self.names)
        place = _guess_place(row)

        return Unreadable(
            self.kind,
            key.lower() or (f"@{place}" if place else fingerprint(fields)),
            " ".join(filter(None, names)),
            fault,
            parent=_guess(row, self.parent_field).lower(),
            account=_guess(row, self.account_field).lower(),
            place=place,
        )


def _guess(row: Row, name: str) -> str:
    """Return what a field says to people, nothing where it says nothing that can be read."""
    value = row.fields.get(name)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**12:
        return str(value)

    try:
        return row.find_text(name) or ""
    except BadAnswerError:
        return ""


def _guess_place(row: Row) -> int:
    try:
        return max(row.place("Timestamp"), 0)
    except BadAnswerError:
        return 0


def highest_timestamp(rows: Iterable[Json]) -> int:
    """Return the highest timestamp of a page, 0 where none can be read."""
    return max((_guess_place(Row(fields)) for fields in rows), default=0)


def _code(one: Journal | VatCode | PaymentCondition | CostCenter) -> str:
    return one.code


def _id(one: LedgerAccount | Customer | Term) -> str:
    return one.id


DIVISIONS = Listed[Division](
    kind=Kind.DIVISION, parse=offers.parse_division, key=lambda one: one.code, key_field="Code"
)
MOVED_DIVISIONS = Listed[Division](
    kind=Kind.DIVISION, parse=offers.parse_moved_division, key=lambda one: one.code, key_field="Code"
)
JOURNALS = Listed(kind=Kind.JOURNAL, parse=offers.parse_journal, key=_code, key_field="Code")
ACCOUNTS = Listed[LedgerAccount](kind=Kind.LEDGER, parse=offers.parse_account, key=_id)
VAT_CODES = Listed(kind=Kind.VAT_CODE, parse=offers.parse_vat_code, key=_code, key_field="Code")
PERIODS = Listed[Period](
    kind=Kind.PERIOD,
    parse=offers.parse_period,
    key=lambda one: one,
    names=("FinYear", "FinPeriod"),
)
CURRENCIES = Listed[str](
    kind=Kind.CURRENCY, parse=offers.parse_currency, key=lambda one: one, key_field="Code"
)
PAYMENT_CONDITIONS = Listed(
    kind=Kind.PAYMENT_CONDITION, parse=offers.parse_payment_condition, key=_code, key_field="Code"
)
COST_CENTERS = Listed(kind=Kind.COST_CENTER, parse=offers.parse_cost_center, key=_code, key_field="Code")
CUSTOMERS = Listed[Customer](kind=Kind.CUSTOMER, parse=offers.parse_customer, key=_id, names=("Code", "Name"))
REMARKED = Listed[tuple[Customer, str]](
    kind=Kind.CUSTOMER,
    parse=lambda row: (offers.parse_customer(row), offers.parse_remarks(row)),
    key=lambda one: one[0].id,
    names=("Code", "Name"),
)
SYNCED_TERMS = Listed[Term](
    kind=Kind.TERM,
    parse=parse.parse_synced_term,
    key=_id,
    names=("YourRef", "EntryNumber"),
    parent_field="TransactionEntryID",
    account_field="Account",
)
TERMS = replace(SYNCED_TERMS, parse=parse.parse_term)
TOMBSTONES = Listed[Tombstone](
    kind=Kind.TOMBSTONE,
    parse=parse.parse_tombstone,
    key=lambda one: one.timestamp,
    key_field="EntityKey",
    names=("EntityType",),
)
