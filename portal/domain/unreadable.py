"""Records of another system that cannot be read: which one, and why. Their neighbours go on.

A list that was read holds such a record in its place, so that whoever uses the list decides about it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

T = TypeVar("T")


class Kind(StrEnum):
    """What a record is."""

    INVOICE = "invoice"
    LINE = "line"
    COMPANY = "company"
    BUYER = "buyer"
    PAYMENT = "payment"
    SUBSIDIARY = "subsidiary"
    SERVICE_TYPE = "service type"
    TAX_RATE = "tax rate"
    DIVISION = "division"
    CUSTOMER = "customer"
    LEDGER = "ledger account"
    JOURNAL = "journal"
    VAT_CODE = "VAT code"
    VAT_PERCENTAGE = "VAT percentage"
    PERIOD = "period"
    CURRENCY = "currency"
    PAYMENT_CONDITION = "payment condition"
    COST_CENTER = "cost centre"
    TERM = "receivable term"
    TOMBSTONE = "deleted record"
    ENTRY = "sales entry"
    ENTRY_LINE = "entry line"


class Reason(StrEnum):
    """Why a value cannot be read or kept."""

    MISSING = "missing"
    NO_TEXT = "no text"
    NO_DATE = "no date"
    NO_NUMBER = "no number"
    NO_WHOLE_NUMBER = "no whole number"
    NO_CENTS = "no whole cents"
    NO_KEY = "no key"
    NO_CHOICE = "no yes or no"
    TOO_LARGE = "too large"
    TOO_LONG = "too long"
    LEFT_OUT = "left out"
    NO_RECORD = "no record"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one value. ``part`` is what of the record holds it, where it is not the record."""

    reason: Reason
    field: str = ""
    value: str = ""
    part: Kind | None = None
    part_name: str = ""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A record that cannot be read.

    ``number`` is what people call it, ``parent`` what it belongs to: the invoice of a payment, the entry of a
    term. ``account`` is the customer of a term, and ``place`` where the record stands in its feed.
    ``subsidiary`` is whose it is in Productive, where that is told.
    """

    kind: Kind
    id: str
    number: str
    fault: Fault
    parent: str = ""
    account: str = ""
    place: int = 0
    subsidiary: str = ""


def has_key(record_id: str) -> bool:
    """Say whether a record that cannot be read tells at least its key, so that it can be asked for."""
    return not record_id.startswith(("?", "@"))


def readable(rows: Iterable[T | Unreadable]) -> list[T]:
    """Return what could be read."""
    return [row for row in rows if not isinstance(row, Unreadable)]


def unreadable(rows: Iterable[T | Unreadable]) -> list[Unreadable]:
    """Return what could not be read."""
    return [row for row in rows if isinstance(row, Unreadable)]
