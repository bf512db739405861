"""Two sandboxes, a portal's database and the real clients between them, set back before every history."""

import pickle
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, cast

import msgspec
from sqlalchemy import create_engine, event, select
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

from portal.actions.connections.catalogue import pull_catalogue
from portal.actions.copies.perform import perform_copy
from portal.actions.copies.request import Wish, request_copy
from portal.actions.engine import heartbeat
from portal.actions.engine.desk import Desk
from portal.actions.invoices.pull import pull_invoices
from portal.actions.payments.synchronize import synchronize_payments
from portal.domain.booking.mapping import Choices, MappingKind
from portal.domain.connections.states import PaymentsMode
from portal.domain.copies.states import IN_EXACT, CopyAction
from portal.exact.client import ExactClient
from portal.extensions import tame_sqlite
from portal.productive.client import ProductiveClient
from portal.sandbox.exact.matching import DELETE_INSERT, MATCHED_NEW, SAME_ROW, Allocation
from portal.sandbox.exact.receipts import record_matching
from portal.sandbox.exact.state import ExactState
from portal.sandbox.exact.store import Books, Row, midnight
from portal.sandbox.exact.terms import outstanding
from portal.sandbox.productive.make import make_invoice
from portal.sandbox.productive.rows import Tables
from portal.sandbox.productive.state import Sandbox
from portal.store.connections import ConnectionRow
from portal.store.copies import CopyRow
from portal.store.feeds import PaymentFeedRow
from portal.store.invoices import InvoiceRow
from portal.store.mappings import ServiceTypeRow, TaxRateRow
from portal.store.rows import metadata
from tests.furnishing.clients import a_billing, a_ledger
from tests.furnishing.connections import add_connection, add_mappings, add_productive
from tests.furnishing.sandboxes import DIVISION, an_empty_productive, an_exact
from tests.furnishing.wires import Mortal, StillClock, Wire
from tests.telling import told

QUIET = 360
START = datetime(2026, 11, 2, 9, tzinfo=UTC)
EUR = "Brouwerij De Lantaarn B.V."
USD = "Acme Software Inc."
TRANCHES = "Zonnedak Coöperatie U.A."
OTHER = "Fietsfabriek Noord B.V."
# Customer, net in cents, tax rate, and what else differs; the last is a credit note of the one before.
INVOICES: Sequence[tuple[str, int, str, dict[str, object]]] = (
    (EUR, 100000, "BTW 21%", {}),
    (EUR, 25000, "BTW 21%", {}),
    (TRANCHES, 80010, "BTW 21%", {}),
    (USD, 50000, "Geen btw", {"currency": "USD"}),
    (OTHER, 40000, "BTW 9%", {"sent_on": None}),
    (OTHER, 30000, "BTW 21%", {}),
    (OTHER, -12000, "BTW 21%", {"parent_invoice_id": 6}),
)


@dataclass
class World:
    """Everything a history needs; ``copies`` are the entries of each invoice, the oldest first."""

    exact: ExactState
    productive: Sandbox
    clock: StillClock
    mortal: Mortal
    exact_wire: Wire
    productive_wire: Wire
    session: Session
    database: sqlite3.Connection
    connection_id: int = 0
    copies: dict[str, list[str]] = field(default_factory=dict)

    @property
    def books(self) -> Books:
        """The division's books."""
        return self.exact.books[DIVISION]

    @property
    def desk(self) -> Desk:
        """What the actions are given."""
        return Desk(lambda: self.billing, lambda _id: self.ledger, self.clock.now, QUIET)

    @property
    def ledger(self) -> ExactClient:
        """The real client of Exact."""
        return a_ledger(self.exact_wire, self.clock)

    @property
    def billing(self) -> ProductiveClient:
        """The real client of Productive."""
        return a_billing(self.productive_wire, self.clock)

    def connection(self) -> ConnectionRow:
        """The connection as it stands in the database."""
        row = self.session.get_one(ConnectionRow, self.connection_id, populate_existing=True)
        self.session.commit()
        return row

    def copy(self, invoice_id: str) -> None:
        """Copy an invoice as a person would, by the real actions."""
        row = self.session.get_one(InvoiceRow, invoice_id, populate_existing=True)
        choices = Choices(
            customer_id=self.customers[row.company_name],
            journal=self.journal,
            booking_date=row.invoiced_on.isoformat(),
        )
        wish = Wish(choices, row.fingerprint, row.latest_copy_id, CopyAction.CREATE)
        made = request_copy(
            self.session,
            lambda _job, _id: None,
            invoice_id,
            wish=wish,
            requested_by="Anna",
            now=self.clock.now(),
        )
        if not isinstance(made, CopyRow):
            raise TypeError(" ".join(f"{each.code}: {told(each.said)}" for each in made))
        copy_id = made.id
        perform_copy(self.session, self.desk, copy_id)
        copy = self.session.get_one(CopyRow, copy_id)
        if copy.state not in IN_EXACT or not copy.entry_id:
            raise ValueError(told(copy.trouble))
        self.copies.setdefault(invoice_id, []).append(copy.entry_id)
        self.session.commit()

    @property
    def customers(self) -> dict[str, str]:
        """The customers' ids by name."""
        return {str(row["Name"]): str(row["ID"]) for row in self.books["Accounts"].rows.values()}

    @property
    def journal(self) -> str:
        """The sales journal that takes every currency."""
        rows = self.books["Journals"].rows.values()
        return next(
            str(row["Code"]) for row in rows if row["Type"] == 20 and row.get("AllowVariableCurrency")
        )

    def restart(self) -> None:
        """Forget what a killed process held."""
        self.mortal.revive()
        self.session.rollback()
        self.session.close()


@dataclass(frozen=True)
class Template:
    """What every history begins with."""

    exact: bytes
    productive: bytes
    database: bytes
    copies: dict[str, list[str]]


def keep_exact(state: ExactState) -> bytes:
    """Keep what Exact's databases hold, as a backup would."""
    counters = state.counters
    kept = {
        code: (books.facts, {name: list(table.rows.values()) for name, table in books.tables.items()})
        for code, books in state.books.items()
    }
    matchings = {code: books.matchings for code, books in state.books.items()}
    return pickle.dumps((kept, matchings, (counters.rowversion, counters.deletion, counters.hid)))


def restore_exact(state: ExactState, kept: bytes) -> None:
    """Put a backup of Exact's databases back, with the counters as they were."""
    books_of, matchings, numbers = cast(Any, pickle.loads(kept))
    state.counters.rowversion, state.counters.deletion, state.counters.hid = numbers
    for code, (facts, tables) in books_of.items():
        books = state.open_books(facts)
        books.matchings = matchings[code]
        for name, rows in tables.items():
            for row in sorted(rows, key=lambda row: int(str(row.get("Timestamp") or 0))):
                books[name].put(row)


@cache
def the_world() -> tuple[World, Template, Template]:
    """Build the world of this process once, and keep it before and after a first pull."""
    clock = StillClock(START)
    mortal = Mortal()
    exact_app, exact = an_exact(clock)
    productive_app, productive = an_empty_productive(clock)
    _keep_few(exact)
    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    tame_sqlite(engine)
    metadata.create_all(engine)
    session = Session(engine, expire_on_commit=False)
    event.listen(session, "before_commit", lambda _session: mortal.pass_moment())
    database = cast(sqlite3.Connection, engine.raw_connection().driver_connection)
    wires = Wire(exact_app, mortal), Wire(productive_app, mortal)
    world = World(exact, productive, clock, mortal, *wires, session, database)
    _furnish(world)
    fresh = _keep(world)
    _receive(world)
    synchronize_payments(world.session, world.desk, world.connection_id)
    return world, fresh, _keep(world)


def _receive(world: World) -> None:
    """Let the bank bring a transfer for two invoices, a part of a tranche, and dollars."""
    entries = {key: copies[-1] for key, copies in world.copies.items()}
    owed = {key: outstanding(world.books, entry_id) for key, entry_id in entries.items()}
    for split, parts in (
        (SAME_ROW, {"1": owed["1"], "2": owed["2"] / 2}),
        (DELETE_INSERT, {"3": Decimal("300.00")}),
        (MATCHED_NEW, {"4": owed["4"]}),
        (MATCHED_NEW, {"6": Decimal("100.00")}),
    ):
        allocations = [Allocation(entries[key], amount) for key, amount in parts.items()]
        day = midnight(date(2026, 10, 12))
        record_matching(world.books, "receipt", day, sum(parts.values(), Decimal(0)), split, allocations)


def _keep(world: World) -> Template:
    world.session.close()
    tables = msgspec.msgpack.encode(world.productive.tables)
    copies = {key: list(entries) for key, entries in world.copies.items()}
    return Template(keep_exact(world.exact), tables, world.database.serialize(), copies)


def begin(*, loaded: bool) -> World:
    """Set the world back to where histories begin: before or after a first pull."""
    # A database in memory has one connection, which the beat of a pull's lease cannot share.
    heartbeat.BEAT = 3600.0
    world, fresh, pulled = the_world()
    template = pulled if loaded else fresh
    world.restart()
    world.clock.offset = 0
    for backstage in (world.exact.backstage, world.productive.backstage):
        backstage.faults.clear()
        backstage.calls.clear()
    world.exact.errors.clear()
    restore_exact(world.exact, template.exact)
    world.productive._adopt(msgspec.msgpack.decode(template.productive, type=Tables))
    world.productive.results.clear()
    world.database.deserialize(template.database)
    world.session.expunge_all()
    world.copies = {key: list(entries) for key, entries in template.copies.items()}
    for wire in (world.exact_wire, world.productive_wire):
        wire.shapes.clear()
        wire.before = lambda _method, _path: None
    return world


def _keep_few(exact: ExactState) -> None:
    """Keep one division without entries, and only the customers that are needed."""
    del exact.books[1002]
    books = exact.books[DIVISION]
    wanted = {EUR, USD, TRANCHES, OTHER}
    for name in ("SalesEntries", "SalesEntryLines", "PaymentTerms", "Deleted", "BankAccounts"):
        books.tables[name] = Books(books.facts, exact.clock, exact.counters)[name]
    for key, row in list(books["Accounts"].rows.items()):
        if row["Name"] not in wanted:
            books["Accounts"].drop(key)
    books.matchings.clear()


def _furnish(world: World) -> None:
    """Connect the division, pull the catalogue and the invoices, map, and copy all of them."""
    session = world.session
    now = world.clock.now()
    for customer, net, rate, more in INVOICES:
        line = {"description": "Work", "quantity": "1", "unit_price": net, "tax_rate": rate}
        company = {"name": customer}
        make_invoice(
            world.productive, {"company": company, "lines": [line], "invoiced_on": "2026-10-01"} | more
        )
    add_productive(session, now, organization_name="Kade", token_sealed="")
    connection = add_connection(
        session,
        now=now,
        division=DIVISION,
        default_journal=None,
        payments=PaymentFeedRow(on=True, mode=PaymentsMode.CATCH_UP),
    )
    session.commit()
    world.connection_id = connection.id
    pull_catalogue(session, world.ledger, connection.id, now=now)
    pull_invoices(session, world.billing, now=now)
    _map(world)
    for invoice_id in sorted(session.scalars(select(InvoiceRow.id))):
        world.copy(invoice_id)


def _map(world: World) -> None:
    session = world.session
    now = world.clock.now()
    ledger = next(row for row in world.books["GLAccounts"].rows.values() if _is_plain(row))
    codes = {"BTW 21%": "21", "BTW 9%": "9", "Geen btw": "0"}
    vat = {
        name: next(
            str(row["Code"])
            for row in world.books["VATCodes"].rows.values()
            if row.get("VATTransactionType") != "P"
            and row["Type"] == ("N" if wanted == "0" else "E")
            and not row.get("IsBlocked")
            and (wanted == "0" or wanted in str(row["Description"]))
        )
        for name, wanted in codes.items()
    }
    services = [(one.id, str(ledger["ID"])) for one in session.scalars(select(ServiceTypeRow))]
    rates = [(one.id, vat[one.name]) for one in session.scalars(select(TaxRateRow)) if one.name in vat]
    add_mappings(session, world.connection_id, MappingKind.SERVICE, services, now)
    add_mappings(session, world.connection_id, MappingKind.TAX, rates, now)
    session.commit()


def _is_plain(row: Row) -> bool:
    return row["Type"] == 110 and not row.get("UseCostcenter") and not row.get("IsBlocked")
