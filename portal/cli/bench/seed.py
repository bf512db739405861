"""``flask seed-invoices N``: many believable invoices in the portal's own database, for measuring."""

import itertools
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import click
import msgspec
from flask.cli import with_appcontext
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from portal.cli.bench.seed_books import (
    CREDIT_JOURNAL,
    JOURNAL,
    STRANGERS,
    UNSEEN,
    a_stranger,
    booked_entry,
    each_payment,
    each_term,
    entry_row,
    sent_row,
)
from portal.domain.booking.invoice import CREDIT_NOTE, INVOICE, BillTo, Invoice, InvoiceLine
from portal.domain.booking.mapping import MappingKind
from portal.domain.connections.states import ConnectionState
from portal.domain.copies.standing import Readiness
from portal.domain.copies.states import CopyAction, CopyState
from portal.domain.copies.troubles import Trouble
from portal.domain.ids import marker_of, new_id
from portal.domain.said import said
from portal.extensions import db
from portal.store.base import Base, table_of
from portal.store.connections import ConnectionRow, SubsidiaryRow
from portal.store.copies import CopyRow
from portal.store.entries import EntryRow
from portal.store.invoices import ELSEWHERE, EXCLUDED, NOT_COPIED, InvoiceRow, LineUseRow, searched_text
from portal.store.mappings import ServiceTypeRow, TaxRateRow
from portal.store.needs import NeedRow
from portal.store.payments import PaymentRow
from portal.store.stale import ENTRY, SUBSIDIARY, StaleRow
from portal.store.statistics import count_all_tables
from portal.store.terms import TermRow

Rows = dict[type[Base], list[dict[str, Any]]]
SEED = "seed"
BATCH = 2000
CURRENCIES = ("EUR", "EUR", "EUR", "EUR", "EUR", "EUR", "GBP", "USD")
STATES = (NOT_COPIED, CopyState.COPIED, CopyState.DIFFERENT, CopyState.REFUSED, ELSEWHERE, EXCLUDED)
WEIGHTS = (30, 60, 2, 3, 3, 2)
READY = (Readiness.READY, Readiness.NEEDS_YOU, Readiness.UNSURE)
READY_WEIGHTS = (80, 18, 2)
NEEDS = ("vat_unmapped", "ledger_unmapped", "customer_missing", "number_too_long")
REFUSED = "books_closed"
WITH_COPY = {CopyState.COPIED, CopyState.DIFFERENT, CopyState.REFUSED}
SERVICES = ("Design", "Development", "Strategy", "Project management", "Travel")
RATES = ((Decimal(21), "21 %"), (Decimal(9), "9 %"), (Decimal(0), "0 %"))
WORDS = ("Website", "Campaign", "Retainer", "Workshop", "Brand book", "Support", "Audit", "App")
NAMES = ("Brouwerij", "Studio", "Bakkerij", "Uitgeverij", "Atelier", "Bureau", "Verlag", "Garage")
PLACES = ("Gent", "Utrecht", "Köln", "Antwerpen", "Delft", "Bremen", "Leuven", "Breda")


@click.command()
@click.argument("count", type=click.IntRange(1, 5_000_000))
@with_appcontext
def seed_invoices(count: int) -> None:
    """Add COUNT invoices to a subsidiary named ``seed``."""
    with Session(db.engine) as session:
        connection_id = prepare(session)
        first = session.scalar(
            select(func.count()).select_from(InvoiceRow).where(InvoiceRow.subsidiary_id == SEED)
        )
        for numbers in batches(first or 0, count):
            keep(session, numbers, connection_id)

        session.add(StaleRow(kind=SUBSIDIARY, subject=SEED))
        session.commit()

    count_all_tables(db.session())
    db.session.commit()
    click.echo(f"Added {count} invoices to the subsidiary {SEED}.")


def batches(first: int, count: int) -> Iterator[range]:
    """Yield the numbers to make, a batch at a time."""
    for start in range(first, first + count, BATCH):
        yield range(start, min(start + BATCH, first + count))


def prepare(session: Session) -> int:
    """Make sure of the subsidiary, its service types, rates and a connection that is no longer live."""
    session.merge(SubsidiaryRow(id=SEED, name="Seed"))
    for at, name in enumerate(SERVICES):
        session.merge(ServiceTypeRow(id=f"{SEED}-{at}", name=name, archived=True))

    for at, (percentage, name) in enumerate(RATES):
        rate = TaxRateRow(
            id=f"{SEED}-{at}", name=name, percentage=str(percentage), subsidiary_id=SEED, archived=True
        )
        session.merge(rate)

    row = session.scalar(select(ConnectionRow).where(ConnectionRow.subsidiary_id == SEED))
    if row is None:
        now = datetime.now(UTC)
        row = ConnectionRow(
            subsidiary_id=SEED, locale="NL", created_at=now, state=ConnectionState.DISCONNECTED
        )
        session.add(row)

    session.commit()
    return row.id


def keep(session: Session, numbers: range, connection_id: int) -> None:
    """Insert a batch of invoices with their copies and uses."""
    now = datetime.now(UTC)
    invoices = [an_invoice(number, now) for number in numbers]
    rows = [row_of(invoice, number, now) for invoice, number in zip(invoices, numbers, strict=True)]
    by_id = {invoice.id: invoice for invoice in invoices}
    wanted = [row for row in rows if row["copy_state"] in WITH_COPY]
    copies = [copy_of(row, by_id[row["id"]], connection_id, now) for row in wanted]
    uses = list(itertools.chain.from_iterable(map(uses_of, invoices)))
    needs = [need_of(row, by_id[row["id"]]) for row in rows if row["readiness"] == Readiness.NEEDS_YOU]
    books = books_of(by_id, copies, connection_id, now)
    tables: Rows = {InvoiceRow: rows, CopyRow: copies, LineUseRow: uses, NeedRow: needs, **books}

    for table, values in tables.items():
        if values:
            # By the table, for all of them are written by one statement then.
            session.execute(insert(table_of(table)), values)

    session.commit()


def books_of(
    invoices: dict[str, Invoice], copies: list[dict[str, Any]], connection_id: int, now: datetime
) -> Rows:
    """Return what Exact shows of some copies, and the payments made from it, as rows by table."""
    entries: list[dict[str, Any]] = []
    terms: list[dict[str, Any]] = []
    payments: list[dict[str, Any]] = []
    strangers: list[dict[str, Any]] = []

    for copy in (each for each in copies if each["entry_id"]):
        invoice = invoices[copy["invoice_id"]]
        dice = random.Random(copy["invoice_id"])
        entry, gone = booked_entry(invoice, copy, dice)
        entries.append(entry_row(connection_id, entry, now, gone=gone))

        if dice.randrange(1000) < STRANGERS:
            stranger = a_stranger(invoice, dice)
            entries.append(entry_row(connection_id, stranger, now))
            strangers.append({"kind": ENTRY, "connection_id": connection_id, "subject": stranger.id})

        unseen = invoice.amount_paid == 0 and invoice.amount > 0 and dice.randrange(1000) < UNSEEN
        owed = [] if gone else list(each_term(connection_id, invoice, entry, unseen=unseen))
        terms += owed
        payments += each_payment(invoice, copy, owed, now, unseen=unseen)

    return {EntryRow: entries, TermRow: terms, PaymentRow: payments, StaleRow: strangers}


def an_invoice(number: int, now: datetime) -> Invoice:
    """Make one invoice. The same number always gives the same."""
    dice = random.Random(number)
    lines = tuple(a_line(number, at, dice) for at in range(dice.choice((1, 1, 2, 2, 3, 5))))
    sign = -1 if dice.random() < 0.04 else 1
    net, tax = (sign * sum(getattr(line, name) for line in lines) for name in ("amount", "amount_tax"))
    paid = dice.choice((0, 0, 1, 1, 1, 2)) if sign > 0 else 0
    amount_paid = (0, net + tax, (net + tax) // 3)[paid]
    company = dice.randrange(400)
    name = f"{NAMES[company % 8]} {PLACES[company // 8 % 8]} {company}"
    invoiced_on = now.date() - timedelta(days=dice.randrange(1500))

    return Invoice(
        id=f"{SEED}-{number:07}",
        number=f"S{invoiced_on.year}-{number:06}",
        subject=f"{dice.choice(WORDS)} {invoiced_on:%B}",
        kind=CREDIT_NOTE if sign < 0 else INVOICE,
        subsidiary_id=SEED,
        company_id=f"{SEED}-{company}",
        company_name=name,
        bill_to=BillTo(name=name, city=PLACES[company // 8 % 8], country="Belgium"),
        invoiced_on=invoiced_on,
        pay_on=invoiced_on + timedelta(days=30),
        sent_on=invoiced_on,
        finalized_on=invoiced_on,
        deleted=False,
        sample=False,
        currency=dice.choice(CURRENCIES),
        currency_default="EUR",
        exchange_rate=Decimal(1),
        discount=None,
        amount=net,
        amount_tax=tax,
        amount_with_tax=net + tax,
        amount_paid=amount_paid,
        amount_unpaid=net + tax - amount_paid,
        amount_written_off=0,
        credited=False,
        parent_invoice_id=None,
        purchase_order_number=None,
        exported=False,
        export_id=None,
        export_url=None,
        export_integration=None,
        last_activity_at=noon(invoiced_on),
        lines=tuple(signed(line, sign) for line in lines),
    )


def noon(day: date) -> datetime:
    """Return a moment on a day."""
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def a_line(number: int, at: int, dice: random.Random) -> InvoiceLine:
    """Make one line."""
    service = dice.randrange(5)
    (rate_at, (percentage, rate)) = dice.choice(tuple(enumerate(RATES)))
    quantity = dice.randrange(1, 40)
    price = dice.randrange(5000, 15000)
    net = quantity * price

    return InvoiceLine(
        id=f"{SEED}-{number}-{at}",
        position=at,
        description=f"{SERVICES[service]}, {dice.choice(WORDS).lower()}",
        quantity=Decimal(quantity),
        unit_price=price,
        amount=net,
        amount_tax=round(net * int(percentage) / 100),
        service_type_id=f"{SEED}-{service}",
        service_type=SERVICES[service],
        tax_rate_id=f"{SEED}-{rate_at}",
        tax_rate=rate,
        tax_percentage=percentage,
    )


def signed(line: InvoiceLine, sign: int) -> InvoiceLine:
    """Turn a line into that of a credit note if the sign is negative."""
    if sign > 0:
        return line
    return replace(line, amount=-line.amount, amount_tax=-line.amount_tax)


def row_of(invoice: Invoice, number: int, now: datetime) -> dict[str, Any]:
    """Return an invoice's row with a copy state of its own."""
    dice = random.Random(-number - 1)
    state = dice.choices(STATES, WEIGHTS)[0]
    readiness = dice.choices(READY, READY_WEIGHTS)[0] if state == NOT_COPIED else Readiness.UNSURE
    need = dice.choice(NEEDS) if readiness == Readiness.NEEDS_YOU else None
    fields = {name: getattr(invoice, name) for name in COLUMNS}

    return {
        **fields,
        "fingerprint": invoice.fingerprint(),
        "search_text": searched_text(invoice),
        "body": msgspec.json.encode(invoice).decode(),
        "read_at": now,
        "copy_state": state,
        "latest_copy_id": new_id() if state in WITH_COPY else None,
        "changed_since_copied": state == CopyState.COPIED and dice.random() < 0.02,
        "exclude_reason": "Booked by hand" if state == EXCLUDED else None,
        "readiness": readiness,
        "need": REFUSED if state == CopyState.REFUSED else need,
    }


def need_of(row: dict[str, Any], invoice: Invoice) -> dict[str, Any]:
    """Return what an invoice needs, as a look beforehand would have found it."""
    line = invoice.lines[0]
    field, fix, subject, values = {
        "vat_unmapped": (
            f"vat_codes.{line.tax_rate_id}",
            "mappings",
            f"tax:{line.tax_rate_id}",
            {"rate": line.tax_rate or ""},
        ),
        "ledger_unmapped": (
            "ledger",
            "mappings",
            f"service:{line.service_type_id}",
            {"service": line.service_type or ""},
        ),
        "customer_missing": ("customer", "dialog", f"company:{invoice.company_id}", {}),
        "number_too_long": ("", "productive", "", {"number": invoice.number or "", "length": "43"}),
    }[row["need"]]

    return {
        "invoice_id": invoice.id,
        "position": 0,
        "code": row["need"],
        "subject": subject,
        "field": field,
        "fix": fix,
        "values": values,
    }


COLUMNS = tuple(set(InvoiceRow.__table__.columns.keys()) & set(Invoice.__slots__))


def copy_of(row: dict[str, Any], invoice: Invoice, connection_id: int, now: datetime) -> dict[str, Any]:
    """Return the copy that an invoice's state tells of."""
    booked = row["copy_state"] != CopyState.REFUSED
    return {
        "id": row["latest_copy_id"],
        "invoice_id": row["id"],
        "connection_id": connection_id,
        "marker": marker_of(row["latest_copy_id"]),
        "state": row["copy_state"],
        "action": CopyAction.CREATE,
        "requested_by": SEED,
        "requested_at": now,
        "fingerprint": row["fingerprint"],
        "choices": {},
        "entry": sent_row(invoice),
        "journal": CREDIT_JOURNAL if invoice.is_credit_note else JOURNAL,
        "currency": row["currency"],
        "entry_id": str(UUID(row["latest_copy_id"])) if booked else None,
        "entry_number": row["number"][-6:] if booked else None,
        "gross_sent": row["amount_with_tax"],
        "gross_booked": row["amount_with_tax"] + (row["copy_state"] == CopyState.DIFFERENT)
        if booked
        else None,
        "finished_at": now,
        "cause": None if booked else REFUSED,
        "trouble": None if booked else said(Trouble.EXACT_REFUSED),
    }


def uses_of(invoice: Invoice) -> Iterator[dict[str, Any]]:
    """Yield how often an invoice uses each service type and rate."""
    for kind, name in ((MappingKind.SERVICE, "service_type_id"), (MappingKind.TAX, "tax_rate_id")):
        sources = [getattr(line, name) for line in invoice.lines]
        for source in sorted(set(sources)):
            yield {
                "invoice_id": invoice.id,
                "kind": kind,
                "source_id": source,
                "lines": sources.count(source),
            }
