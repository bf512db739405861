"""Fakes with memory: a ledger, a billing system and a sign-in that can fail before or after their effect."""

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from portal.actions.engine.ports import NO_MARKS
from portal.domain.booking.catalogue import (
    Catalogue,
    CostCenter,
    Customer,
    Division,
    ExactUser,
    Journal,
    LedgerAccount,
    NewCustomer,
    PaymentCondition,
    Period,
    VatCode,
    VatPercentage,
)
from portal.domain.booking.invoice import Invoice, Organization, Payment, ServiceType, Subsidiary, TaxRate
from portal.domain.booking.sales_entry import OPEN, BookedEntry, BookedLine, SalesEntry, SalesEntryLine
from portal.domain.connections.hints import Subscription
from portal.domain.copies.strangers import HeldEntry
from portal.domain.ids import find_marker, tag_of
from portal.domain.payments.terms import CASH, SALES, TERM_MATCHED, TERM_OPEN, Term, Tombstone
from portal.remote.errors import LostReplyError, NotFoundError, RefusedError, RemoteError
from portal.remote.pace import Opening
from portal.remote.tokens import TokenPair
from tests.furnishing.said import quote
from tests.furnishing.today import today

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
REVENUE, OTHER_REVENUE, DEBTORS, VAT_PAYABLE, OLD_REVENUE, DEPOSITS = (
    f"00000000-0000-4000-8000-0000000000{n}" for n in ("80", "81", "13", "15", "89", "17")
)


def some_guid() -> str:
    """Return a fresh guid as Exact spells them."""
    return str(uuid.uuid4())


def a_division(code: int = 101, **changes: Any) -> Division:
    """Return a Dutch division."""
    return replace(Division(code, str(code), f"Bright Studio {code}", "NL", "EUR"), **changes)


def a_user(**changes: Any) -> ExactUser:
    """Return who consents."""
    return replace(ExactUser("user-1", "Anna de Boer", "anna@example.com", 101, "NL-NL"), **changes)


def a_customer(name: str = "Acme BV", **changes: Any) -> Customer:
    """Return a Dutch customer."""
    made = Customer(
        some_guid(), "1".rjust(18), name, "C", False, None, None, None, None, "Utrecht", "NL", "30"
    )
    return replace(made, **changes)


def a_catalogue(**changes: Any) -> Catalogue:
    """Return what a small Dutch division offers, with things that must not be offered."""
    made = Catalogue(
        journals=(
            Journal("70", "Sales", 20, None, True, True, False),
            Journal("71", "Credit notes", 21, None, True, True, False),
            Journal("72", "Old sales", 20, None, True, True, True),
            Journal("20", "Bank", 12, "EUR", False, False, False),
        ),
        accounts=(
            LedgerAccount(DEBTORS, "1300", "Debtors", 20, "B", False, 0),
            LedgerAccount(VAT_PAYABLE, "1500", "VAT payable", 24, "B", False, 0),
            LedgerAccount(DEPOSITS, "1700", "Deposits received", 55, "B", False, 0),
            LedgerAccount(REVENUE, "8000", "Revenue design", 110, "W", False, 0),
            LedgerAccount(OTHER_REVENUE, "8010", "Revenue development", 110, "W", False, 1),
            LedgerAccount(OLD_REVENUE, "8090", "Old revenue", 110, "W", True, 0),
        ),
        vat_codes=(
            VatCode("2  ", "High", Decimal(21), "E", "S", False, False),
            VatCode("1  ", "Low", Decimal(9), "E", "B", False, False),
            VatCode("0  ", "None", Decimal(0), "N", "S", False, False),
            VatCode("3  ", "High including", Decimal(21), "I", "S", False, False),
            VatCode("4  ", "Purchases", Decimal(21), "E", "P", False, False),
        ),
        vat_percentages=(
            VatPercentage("2  ", Decimal(21), date(2012, 10, 1), None),
            VatPercentage("1  ", Decimal(9), date(2019, 1, 1), None),
        ),
        periods=tuple(
            Period(year, month, date(year, month, 1), date(year, month, 28))
            for year in range(2026, today().year + 2)
            for month in range(1, 13)
        ),
        currencies=("EUR", "USD"),
        payment_conditions=(PaymentCondition("30", "30 days", 30),),
        cost_centers=(CostCenter("A", "Amsterdam", None), CostCenter("X", "Closed", date(2020, 1, 1))),
    )
    return replace(made, **changes)


class Failing:
    """Counts calls and fails the ones that a test asked to fail."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self._plans: dict[str, list[tuple[RemoteError, bool]]] = {}
        self.on_call: Callable[[str], None] = lambda _name: None

    def fail(
        self, name: str, error: RemoteError | None = None, *, after: bool = False, times: int = 1
    ) -> None:
        """Let the next calls of a method fail: before its effect, or after it (the reply is lost)."""
        error = error or LostReplyError("The reply was lost.")
        self._plans.setdefault(name, []).extend([(error, after)] * times)

    def forgive(self) -> None:
        """Let nothing fail any more."""
        self._plans.clear()

    def count(self, name: str) -> int:
        """Say how often a method was called."""
        return self.calls.count(name)

    @contextmanager
    def _call(self, name: str) -> Iterator[None]:
        self.calls.append(name)
        self.on_call(name)
        plans = self._plans.get(name)
        error, after = plans.pop(0) if plans else (None, False)
        if error and not after:
            raise error
        yield
        if error:
            raise error


class FakeLedger(Failing):
    """One division of Exact; everything is kept in dictionaries that tests may look into and change."""

    def __init__(self, division: int = 101) -> None:
        super().__init__()
        self.division = division
        self.user = a_user()
        self.divisions = [a_division(101), a_division(102), a_division(103, archived=True)]
        self.missing_rights: list[str] = []
        self.catalogue = a_catalogue()
        self.customers: dict[str, tuple[Customer, int, str]] = {}
        self.entries: dict[str, BookedEntry] = {}
        self.hooks: list[Subscription] = []
        self.terms: dict[str, Term] = {}
        self.tombstones: list[Tombstone] = []
        self.page_size = 1000
        self.vat_drift = 0
        self.opening = Opening(datetime.min.replace(tzinfo=UTC), quote(""))
        self.wall_clock = datetime.fromisoformat("2026-03-10T10:00:00")
        self.now = NOW
        self._timestamp = 1
        self._number = 26700000

    def tick(self) -> int:
        """Return the next timestamp."""
        self._timestamp += 1
        return self._timestamp

    def add_customer(self, customer: Customer, remarks: str = "") -> Customer:
        """Keep or change a customer, as a person in Exact would."""
        self.customers[customer.id] = (customer, self.tick(), remarks)
        return customer

    def read_user(self) -> ExactUser:
        """Return who consented."""
        with self._call("read_user"):
            return self.user

    def find_divisions(self) -> list[Division]:
        """Return the divisions, archived ones too."""
        with self._call("find_divisions"):
            return list(self.divisions)

    def find_missing_rights(self) -> list[str]:
        """Return what the test says is missing."""
        with self._call("find_missing_rights"):
            return list(self.missing_rights)

    def read_catalogue(self) -> Catalogue:
        """Return the catalogue."""
        with self._call("read_catalogue"):
            return self.catalogue

    def each_customer_page(self, since: int) -> Iterator[tuple[list[Customer], int]]:
        """Yield pages of customers changed after a timestamp."""
        rows = sorted((stamp, customer) for customer, stamp, _ in self.customers.values() if stamp > since)
        for page in _pages(rows, self.page_size, key=lambda row: row[0]):
            with self._call("each_customer_page"):
                yield [customer for _, customer in page], page[-1][0]
        if not rows:
            with self._call("each_customer_page"):
                return

    def find_living_customers(self, ids: Sequence[str]) -> set[str]:
        """Return which of some accounts exist."""
        with self._call("find_living_customers"):
            return set(ids) & set(self.customers)

    def delete_customer(self, customer_id: str, *, with_tombstone: bool = True) -> None:
        """Delete a customer, as a person in Exact would."""
        del self.customers[customer_id]
        if with_tombstone:
            self.tombstones.append(Tombstone(self.tick(), 2, customer_id))

    def create_customer(self, customer: NewCustomer) -> Customer:
        """Create a customer; the remarks carry the marker."""
        with self._call("create_customer"):
            made = a_customer(
                customer.name,
                code=str(len(self.customers) + 1).rjust(18),
                vat_number=customer.vat_number,
                chamber_of_commerce=customer.chamber_of_commerce,
                email=customer.email,
                city=customer.city,
                country=customer.country,
                payment_condition=None,
            )
            return self.add_customer(made, customer.remarks)

    def find_customers(self, name: str) -> list[tuple[Customer, str]]:
        """Return customers of exactly this name."""
        with self._call("find_customers"):
            return [(one, remarks) for one, _, remarks in self.customers.values() if one.name == name]

    def booking_opens(self) -> Opening:
        """Return what the test says; at once if it says nothing."""
        return self.opening

    def create_entry(self, entry: SalesEntry, *, marker: str) -> BookedEntry:
        """Book an entry and its one open term."""
        with self._call("create_entry"):
            self._number += 1
            lines = tuple(_booked_line(some_guid(), line, marker) for line in entry.lines)
            vat = entry.vat + self.vat_drift
            booked = BookedEntry(
                id=some_guid(),
                entry_number=self._number,
                invoice_number=self._number,
                customer_id=entry.customer_id,
                journal=entry.journal,
                entry_date=entry.entry_date,
                due_date=entry.due_date,
                your_ref=entry.your_ref,
                description=entry.description,
                currency=entry.currency,
                gross=entry.net + vat,
                vat=vat,
                status=OPEN,
                type=entry.type or 20,
                lines=lines,
                created=self.wall_clock,
                modified=self.wall_clock,
            )
            self.entries[booked.id] = booked
            self.add_term(booked)
            return booked

    def find_entries(
        self, your_ref: str, *, customer_id: str | None = None, journal: str | None = None
    ) -> list[BookedEntry]:
        """Return the entries with this reference."""
        with self._call("find_entries"):
            return [
                entry
                for entry in self.entries.values()
                if entry.your_ref == your_ref
                and customer_id in (None, entry.customer_id)
                and journal in (None, entry.journal)
            ]

    def find_held(self, numbers: Sequence[str]) -> list[HeldEntry]:
        """Return what stands under these numbers. A database compares without case and trailing blanks."""
        with self._call("find_held"):
            asked = {number.rstrip().casefold() for number in numbers}
            found = [one for one in self.entries.values() if one.your_ref.rstrip().casefold() in asked]
            return [_held(entry) for entry in found]

    def each_remark_page(self, since: int) -> Iterator[list[tuple[Customer, str]]]:
        """Yield pages of customers changed after a timestamp, with their remarks."""
        with self._call("each_remark_page"):
            yield [(one, remarks) for one, stamp, remarks in self.customers.values() if stamp > since]

    def read_entry(self, entry_id: str) -> BookedEntry | None:
        """Return an entry, None when it is gone."""
        with self._call("read_entry"):
            return self.entries.get(entry_id)

    def each_booked_page(self, first: date, last: date) -> Iterator[list[BookedEntry]]:
        """Yield pages of the entries of some days."""
        with self._call("each_booked_page"):
            pass
        rows = [entry for entry in self.entries.values() if first <= entry.entry_date <= last]
        yield from _pages(rows, self.page_size, key=lambda row: row.entry_number)

    def each_changed_page(self, since: datetime) -> Iterator[list[BookedEntry]]:
        """Yield pages of the entries changed since a moment of Exact's clock."""
        rows = [entry for entry in self.entries.values() if entry.modified and entry.modified >= since]
        for page in [*_pages(rows, self.page_size, key=lambda row: row.entry_number)] or [[]]:
            with self._call("each_changed_page"):
                yield page

    def edit(self, entry_id: str, **changes: Any) -> BookedEntry:
        """Change an entry as a person in Exact does."""
        self.entries[entry_id] = replace(self._entry(entry_id), modified=self.wall_clock, **changes)
        return self.entries[entry_id]

    def change_entry(self, entry_id: str, changes: Mapping[str, str | date | Decimal | None]) -> None:
        """Change scalars; what a booked entry does not show is dropped."""
        with self._call("change_entry"):
            entry = self._entry(entry_id)
            known = {name: value for name, value in changes.items() if name in BookedEntry.__slots__}
            self.entries[entry_id] = replace(entry, **known)  # type: ignore[arg-type]

    def create_line(self, entry_id: str, line: SalesEntryLine, *, marker: str) -> str:
        """Add a line."""
        with self._call("create_line"):
            entry = self._entry(entry_id)
            line_id = some_guid()
            self._keep_lines(entry, (*entry.lines, _booked_line(line_id, line, marker)))
            return line_id

    def change_line(self, line_id: str, line: SalesEntryLine, *, marker: str) -> None:
        """Change a line."""
        with self._call("change_line"):
            entry = self._entry_of(line_id)
            if entry is None:
                raise NotFoundError("The line is gone.", status=404)
            changed = _booked_line(line_id, line, marker)
            self._keep_lines(entry, tuple(changed if old.id == line_id else old for old in entry.lines))

    def delete_line(self, line_id: str) -> None:
        """Remove a line; the last one takes its entry along."""
        with self._call("delete_line"):
            entry = self._entry_of(line_id)
            left = tuple(line for line in entry.lines if line.id != line_id) if entry else ()
            if entry and left:
                self._keep_lines(entry, left)
            elif entry:
                self._drop_entry(entry.id)

    def delete_entry(self, entry_id: str) -> None:
        """Remove an entry with its terms."""
        with self._call("delete_entry"):
            self._drop_entry(entry_id)

    def each_term_page(self, since: int) -> Iterator[tuple[list[Term], int]]:
        """Yield pages of terms changed after a timestamp."""
        rows = sorted(
            (one for one in self.terms.values() if one.timestamp > since), key=lambda t: t.timestamp
        )
        with self._call("each_term_page"):
            pass
        for page in _pages(rows, self.page_size, key=lambda row: row.timestamp):
            yield page, page[-1].timestamp

    def each_tombstone_page(self, since: int) -> Iterator[tuple[list[Tombstone], int]]:
        """Yield pages of what was deleted after a timestamp."""
        rows = [one for one in self.tombstones if one.timestamp > since]
        with self._call("each_tombstone_page"):
            pass
        for page in _pages(rows, self.page_size, key=lambda row: row.timestamp):
            yield page, page[-1].timestamp

    def read_terms(self, entry_id: str) -> list[Term]:
        """Return the terms of one entry."""
        with self._call("read_terms"):
            return [replace(one, timestamp=0) for one in self.terms.values() if one.entry_id == entry_id]

    def find_hooks(self) -> list[Subscription]:
        """Return the webhooks."""
        with self._call("find_hooks"):
            return list(self.hooks)

    def create_hook(self, topic: str, url: str) -> None:
        """Subscribe."""
        with self._call("create_hook"):
            self.hooks.append(Subscription(some_guid(), topic, url))

    def delete_hook(self, hook_id: str) -> None:
        """Unsubscribe."""
        with self._call("delete_hook"):
            self.hooks = [one for one in self.hooks if one.id != hook_id]

    def each_open_term_page(self) -> Iterator[list[Term]]:
        """Yield pages of the terms that are not matched."""
        with self._call("each_open_term_page"):
            pass
        rows = [replace(one, timestamp=0) for one in self.terms.values() if one.status != TERM_MATCHED]
        yield from _pages(rows, self.page_size, key=lambda _one: 0)

    def remote_time(self) -> datetime:
        """Return what the test says Exact's clock shows."""
        return self.now

    def entry_url(self, entry_id: str) -> str:
        """Return a page in Exact."""
        return f"https://start.example.com/docs/FinTransaction.aspx?EntryID={entry_id}"

    def add_term(self, entry: BookedEntry, **changes: Any) -> Term:
        """Add an open term over an entry's gross; ``changes`` overrule any field."""
        made = Term(
            id=some_guid(),
            timestamp=self.tick(),
            entry_id=entry.id,
            transaction_id=entry.id,
            transaction_type=SALES if entry.gross >= 0 else 21,
            line_type=20,
            status=TERM_OPEN,
            account_id=entry.customer_id,
            amount=-entry.gross,
            amount_dc=-entry.gross,
            transaction_amount=-entry.gross,
            currency=entry.currency,
            discount=0,
            last_payment_on=None,
            ended_on=None,
            due_on=entry.due_date,
            your_ref=entry.your_ref,
            invoice_number=entry.invoice_number,
            entry_number=entry.entry_number,
            journal=entry.journal,
            fully_paid=False,
        )
        term = replace(made, **changes)
        self.terms[term.id] = term
        return term

    def receive(self, entry_id: str, amount: int, on: date) -> Term:
        """Settle ``amount`` cents of an entry's open term; the row keeps its id, the rest is a new row."""
        term = next(t for t in self.terms.values() if t.entry_id == entry_id and t.status == TERM_OPEN)
        rest = -term.amount - amount
        settled = replace(
            term,
            timestamp=self.tick(),
            status=TERM_MATCHED,
            amount=-amount,
            amount_dc=-amount,
            last_payment_on=on,
            ended_on=on,
            fully_paid=rest == 0,
        )
        self.terms[term.id] = settled
        if rest:
            self.add_term(self._entry(entry_id), amount=-rest, amount_dc=-rest)
        return settled

    def add_cash(self, account_id: str, amount: int, on: date, **changes: Any) -> Term:
        """Add a matched cash row of an account, for what covers a settled term."""
        entry = BookedEntry(
            id="", entry_number=0, invoice_number=None, customer_id=account_id, journal="20",
            entry_date=on, due_date=on, your_ref="", description="", currency="EUR",
            gross=-amount, vat=0, status=OPEN, type=40,
        )  # fmt: skip
        fields = {"transaction_type": CASH, "status": TERM_MATCHED, "ended_on": on, **changes}
        return self.add_term(entry, **fields)

    def bury(self, term_id: str) -> None:
        """Delete a term and leave its tombstone."""
        del self.terms[term_id]
        self.tombstones.append(Tombstone(self.tick(), 10, term_id))

    def _entry(self, entry_id: str) -> BookedEntry:
        if entry_id not in self.entries:
            raise NotFoundError("The entry is gone.", status=404)
        return self.entries[entry_id]

    def _entry_of(self, line_id: str) -> BookedEntry | None:
        return next((e for e in self.entries.values() if any(line.id == line_id for line in e.lines)), None)

    def _keep_lines(self, entry: BookedEntry, lines: tuple[BookedLine, ...]) -> None:
        vat = sum(line.vat_amount for line in lines)
        gross = vat + sum(line.amount for line in lines)
        self.entries[entry.id] = replace(entry, lines=lines, vat=vat, gross=gross)
        for term in list(self.terms.values()):
            if term.entry_id == entry.id and term.status == TERM_OPEN:
                self.terms[term.id] = replace(
                    term, timestamp=self.tick(), amount=-gross, amount_dc=-gross, transaction_amount=-gross
                )

    def _drop_entry(self, entry_id: str) -> None:
        self.entries.pop(entry_id, None)
        for term in [one for one in self.terms.values() if one.entry_id == entry_id]:
            self.bury(term.id)


def _held(entry: BookedEntry) -> HeldEntry:
    markers = {marker for line in entry.lines if (marker := find_marker(line.notes))}
    return HeldEntry(
        entry.id,
        entry.entry_number,
        entry.your_ref,
        entry.journal,
        entry.entry_date,
        entry.customer_id,
        entry.currency,
        entry.gross,
        tuple(sorted(markers)),
    )


def _booked_line(line_id: str, line: SalesEntryLine, marker: str) -> BookedLine:
    return BookedLine(
        id=line_id,
        ledger_id=line.ledger_id,
        amount=line.amount,
        vat_code=line.vat_code,
        vat_amount=line.vat_amount,
        description=line.description,
        cost_center=line.cost_center,
        notes=tag_of(marker),
    )


def _pages(rows: Sequence[Any], size: int, *, key: Callable[[Any], int]) -> Iterator[list[Any]]:
    ordered = sorted(rows, key=key)
    for start in range(0, len(ordered), size):
        yield ordered[start : start + size]


class FakeBilling(Failing):
    """Productive, in memory."""

    def __init__(self) -> None:
        super().__init__()
        self.organization = Organization("703", "Bright Studio", "EUR")
        self.subsidiaries = [Subsidiary("11", "Bright Studio BV", None, False)]
        self.service_types = [
            ServiceType("21", "Design", False),
            ServiceType("22", "Development", False),
            ServiceType("29", "Printing (old)", True),
        ]
        self.tax_rates = [
            TaxRate("31", "VAT 21%", Decimal(21), "11", False),
            TaxRate("32", "VAT 9%", Decimal(9), "11", False),
            TaxRate("33", "No VAT", Decimal(0), "11", False),
        ]
        self.invoices: dict[str, Invoice] = {}
        self.payments: dict[str, Payment] = {}
        self.page_size = 200
        self._id = 9000

    def read_organization(self) -> Organization:
        """Return the organisation."""
        with self._call("read_organization"):
            return self.organization

    def each_subsidiary(self) -> Iterator[Subsidiary]:
        """Yield the subsidiaries."""
        with self._call("each_subsidiary"):
            yield from list(self.subsidiaries)

    def each_service_type(self) -> Iterator[ServiceType]:
        """Yield the service types."""
        with self._call("each_service_type"):
            yield from list(self.service_types)

    def each_tax_rate(self) -> Iterator[TaxRate]:
        """Yield the tax rates."""
        with self._call("each_tax_rate"):
            yield from list(self.tax_rates)

    def each_invoice_page(self, *, since: date | None) -> Iterator[list[Invoice]]:
        """Yield finalised invoices without lines, oldest change first."""
        found = [
            replace(one, lines=())
            for one in sorted(self.invoices.values(), key=lambda one: one.last_activity_at)
            if one.finalized_on and (since is None or one.last_activity_at.date() >= since)
        ]
        with self._call("each_invoice_page"):
            pass
        yield from _pages(found, self.page_size, key=lambda _one: 0)

    def read_invoices(self, ids: Sequence[str]) -> list[Invoice]:
        """Return invoices with their lines."""
        with self._call("read_invoices"):
            return [self.invoices[one] for one in ids if one in self.invoices]

    def mark_exported(self, invoice_id: str, *, export_id: str, url: str) -> None:
        """Mark as exported."""
        with self._call("mark_exported"):
            self._change(invoice_id, exported=True, export_id=export_id, export_url=url)

    def unmark_exported(self, invoice_id: str) -> None:
        """Take the mark off."""
        with self._call("unmark_exported"):
            self._change(invoice_id, exported=False, export_id=None, export_url=None)

    def set_number(self, invoice_id: str, number: str) -> None:
        """Change the number while the invoice is not sent."""
        with self._call("set_number"):
            if self._invoice(invoice_id).sent_on:
                raise RefusedError("The invoice is already sent.", status=422)
            self._change(invoice_id, number=number)

    def mark_sent(self, invoice_id: str, *, on: date) -> None:
        """Mark as sent."""
        with self._call("mark_sent"):
            self._change(invoice_id, sent_on=on)

    def find_payments(self, invoice_ids: Sequence[str]) -> list[Payment]:
        """Return the payments of some invoices."""
        with self._call("find_payments"):
            return [one for one in self.payments.values() if one.invoice_id in invoice_ids]

    def create_payment(
        self, invoice_id: str, *, amount: int, on: date, written_off: bool, note: str
    ) -> Payment:
        """Record a payment; an invoice that is not sent takes none."""
        with self._call("create_payment"):
            if self._invoice(invoice_id).sent_on is None:
                raise RefusedError("The invoice has not been sent yet.", status=422)
            self._id += 1
            made = Payment(str(self._id), invoice_id, amount, on, written_off, note)
            self.payments[made.id] = made
            return made

    def change_payment(
        self, payment_id: str, *, amount: int, on: date, written_off: bool, note: str
    ) -> Payment:
        """Change a payment."""
        with self._call("change_payment"):
            if payment_id not in self.payments:
                raise NotFoundError("The payment is gone.", status=404)
            changed = replace(
                self.payments[payment_id], amount=amount, on=on, written_off=written_off, note=note
            )
            self.payments[payment_id] = changed
            return changed

    def delete_payment(self, payment_id: str) -> None:
        """Remove a payment."""
        with self._call("delete_payment"):
            self.payments.pop(payment_id, None)

    def _invoice(self, invoice_id: str) -> Invoice:
        if invoice_id not in self.invoices:
            raise NotFoundError("The invoice is gone.", status=404)
        return self.invoices[invoice_id]

    def _change(self, invoice_id: str, **changes: Any) -> None:
        self.invoices[invoice_id] = replace(self._invoice(invoice_id), **changes)


@dataclass
class FakeMarks:
    """What was seen outside the database, in memory."""

    seen: dict[str, int] = field(default_factory=dict)

    def highest(self, database_id: str) -> int:
        """Return the most writes ever seen."""
        return self.seen.get(database_id, 0)

    def remember(self, database_id: str, writes: int) -> None:
        """Keep the higher count."""
        self.seen[database_id] = max(writes, self.highest(database_id))


class FakeSignIn(Failing):
    """Exact's consent page: every code works once."""

    def __init__(self, now: datetime = NOW) -> None:
        super().__init__()
        self.now = now
        self.used: set[str] = set()
        self.alive: TokenPair | None = None

    def authorization_url(self, state: str) -> str:
        """Return where a person consents."""
        return f"https://start.example.com/api/oauth2/auth?client_id=demo&state={state}"

    def exchange(self, code: str) -> TokenPair:
        """Turn a code into tokens, once."""
        with self._call("exchange"):
            if code in self.used or code == "expired":
                raise RefusedError("The authorization code is invalid or has expired.", status=400)
            self.used.add(code)
            self.alive = TokenPair(f"access-{code}", f"refresh-{code}", self.now, 600)
            return self.alive


@dataclass
class FakeNudge:
    """Remembers who was woken for what."""

    woken: list[tuple[str, str]] = field(default_factory=list)

    def __call__(self, job: str, subject: str) -> None:
        """Note the nudge."""
        self.woken.append((job, subject))


@dataclass
class FakeWiring:
    """Stands where the real wiring stands and hands out the fakes."""

    settings: Any
    vault: Any
    sessions: Any
    nudge: FakeNudge = field(default_factory=FakeNudge)
    fake_billing: FakeBilling = field(default_factory=FakeBilling)
    fake_ledger: FakeLedger = field(default_factory=FakeLedger)
    fake_sign_in: FakeSignIn = field(default_factory=FakeSignIn)
    bad_tokens: set[str] = field(default_factory=lambda: {"wrong"})
    billing_error: RemoteError | None = None
    now: datetime = NOW
    others_wait: Callable[[], bool] = lambda: False
    marks: Any = NO_MARKS

    def clock(self) -> datetime:
        """Return the test's time."""
        return self.now

    def read_exact_hook(self, body: bytes) -> None:
        """Take no webhook for Exact's."""

    def is_productive_hook(self, body: bytes, signature: str) -> bool:
        """Take no webhook for Productive's."""
        return False

    def billing(self, *, interactive: bool = True) -> FakeBilling:
        """Return the billing fake."""
        if self.billing_error:
            raise self.billing_error
        return self.fake_billing

    def billing_with(self, organization_id: str, token: str) -> FakeBilling:
        """Return the billing fake, one that refuses for a bad token."""
        if token in self.bad_tokens:
            refusing = FakeBilling()
            refusing.fail("read_organization", RefusedError("Unauthorized", status=401))
            return refusing
        return self.fake_billing

    def ledger(self, connection: Any, *, interactive: bool = True) -> FakeLedger:
        """Return the ledger fake."""
        return self.fake_ledger

    def ledger_of_grant(self, grant_id: int, division: int | None, *, held: bool = True) -> FakeLedger:
        """Return the ledger fake."""
        return self.fake_ledger

    def ledger_with(self, locale: str, access: str, division: int | None) -> FakeLedger:
        """Return the ledger fake."""
        return self.fake_ledger

    def takes_hooks(self, locale: str) -> bool:
        """Take no webhooks."""
        return False

    def sign_in(self, locale: str) -> FakeSignIn:
        """Return the sign-in fake."""
        return self.fake_sign_in
