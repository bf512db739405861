"""Worlds of invoices and settings, changed at random, whose readiness is held beside the dialog."""

import os
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.actions.copies.cut_over import CutOverError, exclude_invoice, include_invoice
from portal.actions.copies.propose import Answers, propose
from portal.actions.copies.ready import keep_ready
from portal.actions.copies.request import Wish, prepare_copy
from portal.actions.copies.strangers import StrangerError, set_aside, strangers_of
from portal.domain.assumptions import ASSUMPTIONS
from portal.domain.booking.catalogue import Catalogue, Customer
from portal.domain.booking.invoice import CREDIT_NOTE, INVOICE, BillTo, Invoice, InvoiceLine
from portal.domain.booking.mapping import MappingKind
from portal.domain.connections.states import NumberSource
from portal.domain.copies.standing import Standing
from portal.domain.copies.states import CopyAction, CopyState, Ending
from portal.domain.copies.strangers import HeldEntry
from portal.domain.ids import marker_of
from portal.domain.unreadable import Fault, Kind, Reason, Unreadable
from portal.store.catalogue import bury_customers, keep_catalogue, keep_customers, read_stored_catalogue
from portal.store.connections import ConnectionRow, division_key, find_live_connection
from portal.store.copies import CopyRow
from portal.store.customer_links import CustomerLinkRow
from portal.store.entries import keep_entries, keep_read
from portal.store.invoices import ELSEWHERE, EXCLUDED, FREE, InvoiceRow, keep_invoice
from portal.store.looks import keep_looks
from portal.store.mappings import MappingRow, TaxRateRow
from portal.store.needs import needs_of_invoice
from portal.store.unreadable import PRODUCTIVE, end_unreadable, note_unreadable
from tests.domain.builders import a_booking, a_line, an_invoice
from tests.fakes import OLD_REVENUE, OTHER_REVENUE, REVENUE, a_catalogue, a_customer
from tests.furnishing.connections import add_connection

INVOICES = 25
ROUNDS = 4
CHANGES = 5
NAMES = ("Acme BV", "Brouwerij De Kade", "Studio Noord", "Atelier Zuid NV", "Bakkerij Oost")
VATS = (None, None, "NL001234567B01", "NL344240113B01", "BE0123456749", "no number")
COUNTRIES = (None, "Netherlands", "Belgium", "NL")
SERVICES = (None, "design", "development", "travel")
RATES = (("high", Decimal(21)), ("low", Decimal(9)), ("none", Decimal(0)), (None, None))
CODES = ("2  ", "4  ", "0  ", "9  ")
ACCOUNTS = (REVENUE, OTHER_REVENUE, OLD_REVENUE, "nowhere")
DAYS = (date(2025, 12, 31), date(2026, 3, 2), date(2026, 3, 31), date(2026, 7, 1), date(2031, 1, 1))


@dataclass
class World:
    """One subsidiary with a connection, and everything that its invoices are booked by."""

    session: Session
    dice: random.Random
    now: datetime = datetime(2026, 3, 10, 9, tzinfo=UTC)
    connection_id: int = 0
    customers: list[Customer] = field(default_factory=list)
    number: int = 0

    def connection(self) -> ConnectionRow:
        return self.session.get_one(ConnectionRow, self.connection_id)

    def begin(self, invoices: int = INVOICES) -> None:
        """Furnish it."""
        self.connection_id = add_connection(self.session).id
        keep_catalogue(self.session, self.connection_id, a_catalogue(), self.now)
        for name in NAMES[:3]:
            self.keep_customer(a_customer(name, vat_number=self.dice.choice(VATS)))
        for kind, source, target in (
            (MappingKind.SERVICE, "design", REVENUE),
            (MappingKind.SERVICE, "development", OTHER_REVENUE),
            (MappingKind.TAX, "high", "2  "),
            (MappingKind.TAX, "low", "4  "),
        ):
            self.map(kind, source, target)
        for _each in range(invoices):
            self.keep(self.invoice(str(1000 + self.number)))
        self.session.commit()

    def keep_customer(self, customer: Customer) -> None:
        self.customers.append(customer)
        keep_customers(self.session, self.connection_id, [customer])

    def map(self, kind: MappingKind, source: str, target: str | None) -> None:
        key: dict[str, Any] = {"connection_id": self.connection_id, "kind": kind, "source_id": source}
        row = self.session.query(MappingRow).filter_by(**key).one_or_none()
        if row is None:
            self.session.add(MappingRow(**key, target=target, set_by="Anna", set_at=self.now))
        else:
            row.lead_to(target, instead_of=row.target, by="Anna", at=self.now)

    def keep(self, invoice: Invoice) -> None:
        self.number += 1
        keep_invoice(self.session, invoice, self.now)

    def invoice(self, invoice_id: str) -> Invoice:
        """Make an invoice as it may be, or as it should never be."""
        dice = self.dice
        if dice.random() < 0.5:
            return self.clean_invoice(invoice_id)

        lines = tuple(self.line(str(at)) for at in range(dice.choice((0, 1, 1, 1, 2, 3))))
        sign = dice.choice((1, 1, 1, 1, -1))
        lines = tuple(_signed(line, sign) for line in lines)
        tax = sum(line.amount_tax for line in lines) + dice.choice((0, 0, 0, 0, 0, 1, 40))
        net = sum(line.amount for line in lines) + dice.choice((0, 0, 0, 0, 0, 7))
        name = dice.choice(NAMES)
        buyer = BillTo(name, vat=dice.choice(VATS), country=dice.choice(COUNTRIES))
        day = dice.choice(DAYS[:4] + DAYS[1:3] * 3)
        return an_invoice(
            id=invoice_id,
            number=dice.choice((None, "", "N" * 31, "S-1", "S-2", *(f"S-{invoice_id}",) * 9)),
            kind=dice.choice((INVOICE,) * 6 + (9, CREDIT_NOTE)) if sign > 0 else CREDIT_NOTE,
            company_id=str(NAMES.index(name)),
            company_name=name,
            bill_to=dice.choice((None, *(buyer,) * 9)),
            invoiced_on=day,
            finalized_on=dice.choice((None, *(day,) * 12)),
            deleted=dice.random() < 0.03,
            sample=dice.random() < 0.03,
            currency=dice.choice(("EUR",) * 9 + ("USD", "JPY")),
            lines=lines,
            amount=net,
            amount_tax=tax,
            amount_with_tax=net + tax,
        )

    def clean_invoice(self, invoice_id: str) -> Invoice:
        """Make an invoice as most are. Its settings decide whether it can be copied."""
        name = self.dice.choice(NAMES[:3])
        day = self.dice.choice(DAYS[1:4])
        return an_invoice(
            id=invoice_id,
            number=f"S-{invoice_id}",
            company_id=str(NAMES.index(name)),
            company_name=name,
            bill_to=BillTo(name),
            invoiced_on=day,
            finalized_on=day,
            lines=(a_line(service_type_id=self.dice.choice(SERVICES[1:3])),),
        )

    def line(self, line_id: str) -> InvoiceLine:
        dice = self.dice
        rate, percentage = dice.choice(RATES)
        net = dice.choice((10000, 3333, 1))
        tax = round(net * (percentage or 0) / 100) + dice.choice((0, 0, 0, 0, 0, 3))
        service = dice.choice(SERVICES)
        return a_line(
            id=line_id,
            position=int(line_id),
            amount=net,
            unit_price=net,
            amount_tax=int(tax),
            service_type_id=service,
            service_type=service and service.title(),
            tax_rate_id=rate,
            tax_rate=rate,
            tax_percentage=percentage,
        )

    def any_row(self, *states: str) -> InvoiceRow | None:
        query = select(InvoiceRow).order_by(InvoiceRow.id)
        rows = self.session.scalars(query.where(InvoiceRow.copy_state.in_(states)) if states else query).all()
        return self.dice.choice(rows) if rows else None

    def change(self) -> str:
        """Change something at random, and say what."""
        change = self.dice.choice(ALL_CHANGES)
        change(self)
        self.session.commit()
        return change.__name__

    def compare(self) -> int:
        """Let the job look, and hold each invoice beside what the dialog and the action say of it."""
        assert not keep_ready(self.session, clock=lambda: self.now)
        self.session.expire_all()
        ids = self.session.scalars(select(InvoiceRow.id).order_by(InvoiceRow.id)).all()
        for invoice_id in ids:
            self.compare_one(self.session.get_one(InvoiceRow, invoice_id))
        self.session.commit()
        return len(ids)

    def compare_one(self, row: InvoiceRow) -> None:
        needs = [need.code for need in needs_of_invoice(self.session, row.id)]
        if row.copy_state not in FREE:
            assert row.standing.value in (row.copy_state, Standing.CHANGED), row.id
            return

        connection = find_live_connection(self.session, row.subsidiary_id)
        if connection is None:
            assert (row.standing, needs) == (Standing.UNCONNECTED, []), row.id
            return

        proposal = propose(self.session, row, Answers(), now=self.now, today=self.now.date())
        assert proposal is not None
        if proposal.too_early:
            assert (row.standing, needs) == (Standing.EARLIER, []), row.id
            return

        wish = Wish(proposal.choices, row.fingerprint, row.latest_copy_id)
        made = prepare_copy(self.session, connection, row, wish, requested_by="Anna", now=self.now)
        refused = [] if isinstance(made, CopyRow) else [each.code for each in dict.fromkeys(made)]
        shown = [each.code for each in proposal.problems]
        assert needs == refused, (row.id, needs, refused)
        assert [code for code in needs if not code.startswith("entry_stranger")] == shown, (row.id, shown)

        is_ready = isinstance(made, CopyRow) and proposal.customer is not None and not shown
        assert row.standing is (Standing.READY if is_ready else Standing.NEEDS_YOU), row.id
        assert row.need == (needs[0] if needs else None), row.id


def _signed(line: InvoiceLine, sign: int) -> InvoiceLine:
    if sign > 0:
        return line
    return replace(line, quantity=-line.quantity, amount=-line.amount, amount_tax=-line.amount_tax)


def the_invoice(world: World) -> None:
    row = world.any_row()
    if row is not None:
        world.keep(world.invoice(row.id))


def a_new_invoice(world: World) -> None:
    world.keep(world.invoice(str(1000 + world.number)))


def a_mapping(world: World) -> None:
    dice = world.dice
    if dice.random() < 0.5:
        world.map(MappingKind.SERVICE, dice.choice(SERVICES[1:]) or "", dice.choice((None, *ACCOUNTS)))
    else:
        world.map(MappingKind.TAX, dice.choice(("high", "low", "none")), dice.choice((None, *CODES)))


def a_setting(world: World) -> None:
    dice = world.dice
    connection = world.connection()
    name, values = dice.choice(
        [
            ("default_journal", (None, "70", "70", "72", "20", "?")),
            ("credit_journal", (None, "71", "70", "?")),
            ("default_ledger", (None, None, REVENUE, OLD_REVENUE)),
            ("books_closed_until", (None, None, *DAYS)),
            ("copy_from", (None, None, *DAYS)),
            ("number_source", tuple(NumberSource)),
            ("send_credit_type", (True, False)),
            ("failed_assumptions", ("", "", "", *(each.code for each in ASSUMPTIONS))),
        ]
    )
    setattr(connection, name, dice.choice(values))


def the_catalogue(world: World) -> None:
    dice = world.dice
    whole = a_catalogue()
    name = dice.choice(("journals", "accounts", "vat_codes", "periods", "currencies", "nothing"))
    changed: dict[str, Any] = {}
    if name != "nothing":
        things = list(getattr(whole, name))
        changed[name] = tuple(each for each in things if dice.random() < 0.8)
    keep_catalogue(world.session, world.connection_id, replace(whole, **changed), world.now)


def a_blocked_thing(world: World) -> None:
    found: Catalogue = read_stored_catalogue(world.session, world.connection_id)
    accounts = tuple(replace(each, blocked=world.dice.random() < 0.2) for each in found.accounts)
    keep_catalogue(world.session, world.connection_id, replace(found, accounts=accounts), world.now)


def a_customer_there(world: World) -> None:
    dice = world.dice
    known = dice.choice(world.customers)
    changes: dict[str, Any] = dice.choice(
        [
            {"blocked": True},
            {"blocked": False, "status": "C", "ended_on": None},
            {"status": "P"},
            {"ended_on": dice.choice((None, *DAYS, world.now.date()))},
            {"name": dice.choice(NAMES)},
            {"vat_number": dice.choice(VATS)},
            {"country": dice.choice(("NL", "BE", None))},
        ]
    )
    changed = replace(known, **changes)
    world.customers[world.customers.index(known)] = changed
    keep_customers(world.session, world.connection_id, [changed])


def a_new_customer(world: World) -> None:
    if len(world.customers) < 9:
        dice = world.dice
        world.keep_customer(a_customer(dice.choice(NAMES), vat_number=dice.choice(VATS)))


def a_buried_customer(world: World) -> None:
    bury_customers(world.session, world.connection_id, [world.dice.choice(world.customers).id])


def a_link(world: World) -> None:
    dice = world.dice
    company_id = str(dice.randrange(len(NAMES)))
    row = world.session.get(CustomerLinkRow, (world.connection_id, company_id))
    if row is not None and dice.random() < 0.4:
        world.session.delete(row)
        return

    customer_id = dice.choice(world.customers).id
    if row is None:
        row = CustomerLinkRow(
            connection_id=world.connection_id,
            company_id=company_id,
            customer_id=customer_id,
            linked_by="Anna",
            linked_at=world.now,
        )
        world.session.add(row)

    row.customer_id = customer_id
    row.remember_buyer(dice.choice((None, BillTo(dice.choice(NAMES), vat=dice.choice(VATS)))))


def an_entry_beside(world: World) -> None:
    """Let the reading of both books, or a look, show an entry under an invoice's number, or no longer."""
    row = world.any_row()
    if row is None or not row.number:
        return

    dice = world.dice
    entry_id = f"entry-{dice.randrange(5)}"
    how = dice.choice(("mirrored", "gone", "seen", "not seen"))
    if how == "mirrored":
        entry = a_booking(id=entry_id, your_ref=row.number, gross=dice.choice((12100, row.amount_with_tax)))
        keep_entries(world.session, world.connection_id, [entry], world.now)
    elif how == "gone":
        keep_read(world.session, world.connection_id, entry_id, None, world.now)
    else:
        held = [HeldEntry(entry_id, 7, row.number, gross=1)] if how == "seen" else []
        keep_looks(world.session, world.connection_id, {row.number.strip(): held}, world.now)


def an_entry_set_aside(world: World) -> None:
    row = world.any_row(*FREE)
    if row is None:
        return

    found = strangers_of(world.session, world.connection_id, row)
    world.session.commit()
    if found:
        try:
            set_aside(world.session, row.id, [found[0].id], actor="Anna", now=world.now)
        except StrangerError:
            world.session.rollback()


def an_exclusion(world: World) -> None:
    row = world.any_row()
    if row is None:
        return

    invoice_id = row.id
    excluded = row.copy_state == EXCLUDED
    world.session.commit()
    try:
        if excluded:
            include_invoice(world.session, invoice_id, actor="Anna", now=world.now)
        else:
            exclude_invoice(world.session, invoice_id, reason="By hand", actor="Anna", now=world.now)
    except CutOverError:
        world.session.rollback()


def another_link(world: World) -> None:
    row = world.any_row(*FREE, ELSEWHERE)
    if row is not None:
        row.copy_state = FREE[0] if row.copy_state == ELSEWHERE else ELSEWHERE


def a_copy(world: World) -> None:
    """Let an invoice be copied, or its copy be undone."""
    row = world.any_row(*FREE, CopyState.COPIED)
    if row is None:
        return

    if row.copy_state == CopyState.COPIED:
        copy = world.session.get_one(CopyRow, row.latest_copy_id)
        copy.count_no_more(world.dice.choice(list(Ending)))
        row.copy_state = copy.state
        return

    world.number += 1
    copy_id = f"{world.number:032x}"
    # What is linked to an invoice carries its number.
    beside = [entry.id for entry in strangers_of(world.session, world.connection_id, row)]
    copy = CopyRow(
        id=copy_id,
        invoice_id=row.id,
        connection_id=world.connection_id,
        marker=marker_of(copy_id),
        state=CopyState.COPIED,
        action=world.dice.choice((CopyAction.CREATE, CopyAction.ADOPT)),
        requested_by="Anna",
        requested_at=world.now,
        fingerprint=row.fingerprint,
        choices={},
        entry_id=world.dice.choice((f"own-{world.number}", *beside)),
    )
    world.session.add(copy)
    world.session.flush()
    row.copy_state = copy.state
    row.latest_copy_id = copy.id


def an_unreadable(world: World) -> None:
    row = world.any_row()
    if row is None:
        return

    if world.dice.random() < 0.5:
        fault = Fault(Reason.MISSING, "number", "")
        record = Unreadable(Kind.INVOICE, row.id, row.number or "", fault)
        note_unreadable(world.session, PRODUCTIVE, [record], world.now)
    else:
        end_unreadable(world.session, PRODUCTIVE, Kind.INVOICE, [row.id], world.now)


def the_day(world: World) -> None:
    world.now += timedelta(days=world.dice.choice((0, 1, 22, 120)), hours=world.dice.randrange(20))


def the_connection(world: World) -> None:
    connection = world.connection()
    if connection.is_live and world.dice.random() < 0.3:
        connection.disconnect(world.now)
    elif not connection.is_live:
        connection.go_live(division_key("NL", 101), world.now)


def a_tax_rate(world: World) -> None:
    rate, percentage = world.dice.choice(RATES[:3])
    world.session.merge(TaxRateRow(id=rate or "", name="Rate", percentage=str(percentage), subsidiary_id="1"))


ALL_CHANGES: tuple[Callable[[World], None], ...] = (
    the_invoice,
    a_new_invoice,
    a_mapping,
    a_setting,
    the_catalogue,
    a_blocked_thing,
    a_customer_there,
    a_new_customer,
    a_buried_customer,
    a_link,
    an_entry_beside,
    an_entry_beside,
    an_entry_set_aside,
    an_exclusion,
    another_link,
    a_copy,
    an_unreadable,
    the_day,
    the_connection,
    a_tax_rate,
)


def play(session: Session, seed: int, invoices: int = INVOICES, rounds: int = ROUNDS) -> Iterator[World]:
    """Yield one world after the first look and after each round of changes, each compared whole."""
    world = World(session, random.Random(seed))
    world.begin(invoices)
    world.compare()
    yield world

    for _round in range(rounds):
        changes = [world.change() for _each in range(CHANGES)]
        try:
            world.compare()
        except AssertionError as error:
            error.add_note(f"seed {seed}, after {', '.join(changes)}")
            raise

        yield world


def wanted_worlds() -> int:
    """Say how many worlds to try, so that as many invoices are looked at as were asked for."""
    return max(1, int(os.environ.get("READINESS", "500")) // (INVOICES * (ROUNDS + 1)))
