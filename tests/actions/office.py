"""An office ready to copy: a connection, mappings, one invoice, both fakes and a clock to move."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.actions.copies.perform import perform_copy
from portal.actions.copies.request import Wish, request_copy
from portal.actions.copies.retry import retry_copy
from portal.actions.copies.sent_before import sent_before
from portal.actions.engine.desk import Desk
from portal.domain.booking.catalogue import NewCustomer
from portal.domain.booking.invoice import BillTo, Invoice
from portal.domain.booking.mapping import Choices
from portal.domain.copies.exact_changes import Decision, find_exact_changes
from portal.domain.copies.states import CopyAction
from portal.store.connections import ConnectionRow
from portal.store.copies import AttemptRow, CopyRow, entry_from_row
from portal.store.invoices import InvoiceRow, keep_invoice
from tests.domain.builders import a_line, an_invoice
from tests.fakes import REVENUE, FakeBilling, FakeLedger, FakeMarks, FakeNudge, a_customer
from tests.furnishing.connections import add_ready_connection

QUIET = 360
NEW = NewCustomer("Nieuwe Klant B.V.", "NL344240113B01", None, None, None, None, None, None, "Utrecht", "NL")
Remote = TypeVar("Remote")


class Killed(BaseException):
    """The process ends here."""


@dataclass
class Office:
    """Everything a story needs."""

    session: Session
    ledger: FakeLedger = field(default_factory=FakeLedger)
    billing: FakeBilling = field(default_factory=FakeBilling)
    nudge: FakeNudge = field(default_factory=FakeNudge)
    now: datetime = datetime(2026, 3, 10, 9, tzinfo=UTC)
    connection_id: int = 0
    marks: FakeMarks = field(default_factory=FakeMarks)

    @property
    def desk(self) -> Desk:
        return Desk(
            lambda: self.at_rest(self.billing),
            lambda _id: self.at_rest(self.ledger),
            lambda: self.now,
            QUIET,
            self.pass_time,
            self.marks,
        )

    def at_rest(self, remote: Remote) -> Remote:
        """Hand out a client as the wiring does, with a session of its own: an open one would lock it out."""
        assert not self.session.in_transaction(), "a client is asked for inside a transaction"
        return remote

    def pass_time(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def connection(self) -> ConnectionRow:
        return self.session.get_one(ConnectionRow, self.connection_id)

    def row(self, invoice_id: str = "105") -> InvoiceRow:
        return self.session.get_one(InvoiceRow, invoice_id)

    def add(self, invoice: Invoice) -> InvoiceRow:
        self.billing.invoices[invoice.id] = invoice
        row = keep_invoice(self.session, invoice, self.now)
        self.session.commit()
        return row

    def wish(
        self,
        choices: Choices | None = None,
        *,
        action: CopyAction = CopyAction.CREATE,
        invoice_id: str = "105",
    ) -> Any:
        row = self.row(invoice_id)
        wish = Wish(choices or self.choices(), row.fingerprint, row.latest_copy_id, action)
        return request_copy(
            self.session, self.nudge, invoice_id, wish=wish, requested_by="Anna", now=self.now
        )

    def choices(self, **changes: Any) -> Choices:
        customer = next(iter(self.ledger.customers), None)
        return replace(Choices(customer_id=customer, journal="70", booking_date="2026-03-02"), **changes)

    def new_choices(self) -> Choices:
        linked = next(iter(self.ledger.customers), None)
        return self.choices(customer_id=None, new_customer=True, customer=NEW, linked_seen=linked)

    def perform(self, copy_id: str) -> CopyRow:
        perform_copy(self.session, self.desk, copy_id)
        return self.session.get_one(CopyRow, copy_id)

    def copied(self, choices: Choices | None = None, **how: Any) -> CopyRow:
        copy = self.wish(choices, **how)
        assert isinstance(copy, CopyRow), copy
        return self.perform(copy.id)

    def decided(self, copy: CopyRow, decision: Decision) -> dict[str, str]:
        """Decide as a person does who sees the entry as it is now: what would change is what was copied."""
        booked = self.ledger.entries[copy.entry_id or ""]
        ours = sent_before(self.session, copy, booked)
        assert copy.entry
        wanted = entry_from_row(copy.entry)
        found = find_exact_changes(booked, wanted, ours)
        self.session.commit()
        assert found
        return {each.key: decision for each in found}

    def copy(self, copy_id: str) -> CopyRow:
        """Read a copy anew."""
        found = self.session.get_one(CopyRow, copy_id, populate_existing=True)
        self.session.commit()
        return found

    def retry(self, copy_id: str) -> Any:
        return retry_copy(self.session, self.nudge, copy_id, requested_by="Bo", now=self.now)

    def retried(self, copy_id: str) -> CopyRow:
        copy = self.retry(copy_id)
        assert isinstance(copy, CopyRow), copy
        return self.perform(copy.id)

    def go_on(self, copy_id: str, turns: int = 8) -> CopyRow:
        """Let the worker come back until nothing is left to do."""
        for _turn in range(turns):
            self.pass_time(400)
            self.perform(copy_id)
        return self.copy(copy_id)

    @contextmanager
    def killed(self, call: str, *, after: bool = False, nth: int = 1) -> Iterator[None]:
        """End the process before or after a remote call: the next of a kind, or a later one."""
        remote: Any = next(one for one in (self.ledger, self.billing) if hasattr(one, call))
        real = getattr(remote, call)
        left = nth

        def die(*args: Any, **kwargs: Any) -> Any:
            nonlocal left
            left -= 1
            if left:
                return real(*args, **kwargs)
            setattr(remote, call, real)
            if after:
                real(*args, **kwargs)
            raise Killed

        setattr(remote, call, die)
        with pytest.raises(Killed):
            yield
        self.pass_time(30)

    def attempts(self, copy_id: str) -> Sequence[tuple[str, str]]:
        return [(row.kind, row.state) for row in self.attempt_rows(copy_id)]

    def attempt_rows(self, copy_id: str) -> Sequence[AttemptRow]:
        return self.session.scalars(
            select(AttemptRow)
            .where(AttemptRow.copy_id == copy_id)
            .order_by(AttemptRow.started_at, AttemptRow.kind)
        ).all()


def an_office(session: Session) -> Office:
    office = Office(session)
    customer = office.ledger.add_customer(a_customer("Acme BV", vat_number="NL001234567B01"))
    connection = add_ready_connection(session, office.ledger.catalogue, customer, REVENUE, office.now)
    office.connection_id = connection.id
    office.add(some_invoice())
    return office


def some_invoice(**changes: Any) -> Invoice:
    bill_to = BillTo("Nieuwe Klant B.V.", vat="NL344240113B01", city="Utrecht", country="Netherlands")
    usual: dict[str, Any] = {
        "invoiced_on": date(2026, 3, 2),
        "pay_on": date(2026, 4, 1),
        "bill_to": bill_to,
        "amount_unpaid": 12100,
    }
    return an_invoice(**(usual | changes))


def two_lines(*, second: int = 5000) -> tuple[Any, ...]:
    return (
        a_line(),
        a_line(id="2", position=2, description="More design", amount=second, amount_tax=second * 21 // 100),
    )
