"""What the actions need from outside."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from portal.domain.booking.catalogue import Catalogue, Customer, Division, ExactUser, NewCustomer
from portal.domain.booking.invoice import Invoice, Organization, Payment, ServiceType, Subsidiary, TaxRate
from portal.domain.booking.sales_entry import BookedEntry, SalesEntry, SalesEntryLine
from portal.domain.connections.hints import Subscription
from portal.domain.copies.strangers import HeldEntry
from portal.domain.payments.terms import Term, Tombstone
from portal.domain.unreadable import Unreadable
from portal.remote.pace import Opening
from portal.remote.tokens import TokenPair


class Billing(Protocol):
    """Productive. Every method may raise a ``RemoteError``.

    A list has an ``Unreadable`` in the place of a record that cannot be read.
    """

    def read_organization(self) -> Organization:
        """Return the organisation the token belongs to."""

    def each_subsidiary(self) -> Iterator[Subsidiary | Unreadable]:
        """Yield all subsidiaries."""

    def each_service_type(self) -> Iterator[ServiceType | Unreadable]:
        """Yield all service types, archived ones too."""

    def each_tax_rate(self) -> Iterator[TaxRate | Unreadable]:
        """Yield all tax rates, archived ones too."""

    def each_invoice_page(self, *, since: date | None) -> Iterator[Sequence[Invoice | Unreadable]]:
        """Yield pages of finalised invoices that changed since a day."""

    def read_invoices(self, ids: Sequence[str]) -> Sequence[Invoice | Unreadable]:
        """Return up to 50 invoices with their lines, in two calls."""

    def mark_exported(self, invoice_id: str, *, export_id: str, url: str) -> None:
        """Mark an invoice as exported."""

    def unmark_exported(self, invoice_id: str) -> None:
        """Take the export mark off."""

    def set_number(self, invoice_id: str, number: str) -> None:
        """Write Exact's number into an invoice that is not marked as sent."""

    def mark_sent(self, invoice_id: str, *, on: date) -> None:
        """Mark an invoice as sent."""

    def find_payments(self, invoice_ids: Sequence[str]) -> Sequence[Payment | Unreadable]:
        """Return all payments of up to 50 invoices."""

    def create_payment(
        self, invoice_id: str, *, amount: int, on: date, written_off: bool, note: str
    ) -> Payment:
        """Record a payment (or a write-off) of ``amount`` cents."""

    def change_payment(
        self, payment_id: str, *, amount: int, on: date, written_off: bool, note: str
    ) -> Payment:
        """Change a payment."""

    def delete_payment(self, payment_id: str) -> None:
        """Remove a payment, which may be gone already."""


class Ledger(Protocol):
    """One division of Exact Online. Every method may raise a ``RemoteError``.

    A page has an ``Unreadable`` in the place of a record that cannot be read. What counts only as a whole,
    such as the terms of one entry, raises an ``UnreadableError``.
    """

    def read_user(self) -> ExactUser:
        """Return who consented (no division needed)."""

    def find_divisions(self) -> list[Division]:
        """Return the divisions the user may use."""

    def find_missing_rights(self) -> list[str]:
        """Try every endpoint and return the names of missing rights."""

    def read_catalogue(self) -> Catalogue:
        """Return everything the division offers, customers apart."""

    def each_customer_page(self, since: int) -> Iterator[tuple[Sequence[Customer | Unreadable], int]]:
        """Yield pages of accounts changed after a timestamp."""

    def find_living_customers(self, ids: Sequence[str]) -> set[str]:
        """Return which of up to 40 accounts exist. One call."""

    def create_customer(self, customer: NewCustomer) -> Customer:
        """Create a customer with status C."""

    def find_customers(self, name: str) -> list[tuple[Customer, str]]:
        """Return customers of exactly this name with their remarks."""

    def booking_opens(self) -> Opening:
        """Return when the next entry may be booked, without a call."""

    def create_entry(self, entry: SalesEntry, *, marker: str) -> BookedEntry:
        """Book an entry with the marker in the notes of every line."""

    def find_entries(
        self, your_ref: str, *, customer_id: str | None = None, journal: str | None = None
    ) -> list[BookedEntry]:
        """Return the entries with this reference, with their lines."""

    def find_held(self, numbers: Sequence[str]) -> list[HeldEntry]:
        """Return what is booked under any of these numbers. One call for twenty or more."""

    def each_remark_page(self, since: int) -> Iterator[Sequence[tuple[Customer, str] | Unreadable]]:
        """Yield pages of accounts changed after a timestamp, with their remarks."""

    def read_entry(self, entry_id: str) -> BookedEntry | None:
        """Return an entry with its lines, None when it is gone."""

    def each_booked_page(self, first: date, last: date) -> Iterator[Sequence[BookedEntry | Unreadable]]:
        """Yield pages of the entries booked on some days."""

    def each_changed_page(self, since: datetime) -> Iterator[Sequence[BookedEntry | Unreadable]]:
        """Yield pages of the entries changed since a moment of Exact's clock."""

    def change_entry(self, entry_id: str, changes: Mapping[str, str | date | Decimal | None]) -> None:
        """Change scalars of an entry, by the names of ``SalesEntry``."""

    def create_line(self, entry_id: str, line: SalesEntryLine, *, marker: str) -> str:
        """Add a line and return its id."""

    def change_line(self, line_id: str, line: SalesEntryLine, *, marker: str) -> None:
        """Change a line."""

    def delete_line(self, line_id: str) -> None:
        """Remove a line, which may be gone already."""

    def delete_entry(self, entry_id: str) -> None:
        """Remove an entry, which may be gone already."""

    def each_term_page(self, since: int) -> Iterator[tuple[Sequence[Term | Unreadable], int]]:
        """Yield pages of receivable terms changed after a timestamp."""

    def each_tombstone_page(self, since: int) -> Iterator[tuple[Sequence[Tombstone | Unreadable], int]]:
        """Yield pages of what was deleted after a timestamp."""

    def read_terms(self, entry_id: str) -> list[Term]:
        """Return the receivable terms of one entry, with timestamp 0."""

    def find_hooks(self) -> list[Subscription]:
        """Return the webhooks that this app has in the division."""

    def create_hook(self, topic: str, url: str) -> None:
        """Let Exact send a webhook. It tries the address at once."""

    def delete_hook(self, hook_id: str) -> None:
        """Remove a webhook, which may be gone already."""

    def each_open_term_page(self) -> Iterator[Sequence[Term | Unreadable]]:
        """Yield pages of every term that is not matched, with timestamp 0."""

    def remote_time(self) -> datetime:
        """Return the time by Exact's own clock, without a call."""

    def entry_url(self, entry_id: str) -> str:
        """Return the page of an entry in Exact, for people."""


class TrialLedger(Ledger, Protocol):
    """One division of Exact Online in a trial: every call is counted before it is made."""

    @property
    def errors(self) -> int:
        """How many answers count as errors at Exact."""

    def told_limits(self) -> Mapping[str, int | None]:
        """Return the limits that the last answer told, by "minute" and "day". No call."""

    def read_page_sizes(self) -> list[int]:
        """Return how many rows the first two pages of a long list have."""

    def delete_customer(self, customer_id: str) -> None:
        """Remove a customer. One that is already gone is no failure."""

    def look_at(self, url: str) -> tuple[int, str]:
        """Ask for a page as a stranger does. Returns its status and text."""


class Nudge(Protocol):
    """Wakes the worker. A sweep finds what a lost nudge was for."""

    def __call__(self, job: str, subject: str) -> None:
        """Ask for a job by name on one subject id, soon."""


class Post(Protocol):
    """Sends mail."""

    def send(self, to: Sequence[str], *, subject: str, text: str) -> None:
        """Send one mail to some people. May raise a ``RemoteError``."""


class Marks(Protocol):
    """A count outside the database, by which a restored one is recognised."""

    def highest(self, database_id: str) -> int:
        """Return the most writes that were ever seen of a database, 0 if nothing is known."""

    def remember(self, database_id: str, writes: int) -> None:
        """Keep a count where it is higher than what is kept."""


class NoMarks:
    """Marks that remember nothing."""

    def highest(self, _database_id: str) -> int:
        """Know nothing."""
        return 0

    def remember(self, _database_id: str, _writes: int) -> None:
        """Keep nothing."""


NO_MARKS = NoMarks()


class SignIn(Protocol):
    """Exact's consent page and token exchange for one country site."""

    def authorization_url(self, state: str) -> str:
        """Return where a person consents. ``state`` comes back with the code."""

    def exchange(self, code: str) -> TokenPair:
        """Turn a code into tokens. It works once, for three minutes."""
