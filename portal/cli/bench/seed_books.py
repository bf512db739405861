"""What Exact shows of the seed's copies: entries, terms and payments, a few of them not as booked."""

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from portal.domain.booking.invoice import Invoice
from portal.domain.booking.sales_entry import OPEN, BookedEntry, BookedLine, SalesEntry, SalesEntryLine
from portal.domain.copies.states import CopyState
from portal.domain.ids import marker_of, new_id, tag_of
from portal.domain.payments.states import PaymentReason, PaymentState
from portal.domain.payments.terms import CREDIT, SALES, TERM_MATCHED, TERM_OPEN
from portal.store.copies import entry_to_row
from portal.store.entries import fields_of

JOURNAL = "70"
CREDIT_JOURNAL = "71"
# Of a thousand copies: how many were booked on another ledger since, in another month, deleted, paid unseen.
MOVED_LEDGER = 8
MOVED_MONTH = 6
DELETED = 3
UNSEEN = 12
STRANGERS = 10


def sent_entry(invoice: Invoice) -> SalesEntry:
    """Return what a copy of a seeded invoice books."""
    lines = tuple(
        SalesEntryLine(
            invoice_line_id=line.id,
            ledger_id=f"a{(line.service_type_id or '0')[-1]}",
            amount=line.amount,
            vat_code=(line.tax_rate_id or "0")[-1],
            vat_amount=line.amount_tax,
            description=line.description[:60],
            quantity=line.quantity,
            cost_center=None,
            ledger_source="mapping",
            vat_source="mapping",
        )
        for line in invoice.lines
    )

    return SalesEntry(
        customer_id=f"c{invoice.company_id.rpartition('-')[2]}",
        journal=CREDIT_JOURNAL if invoice.is_credit_note else JOURNAL,
        entry_date=invoice.invoiced_on,
        due_date=invoice.pay_on,
        your_ref=invoice.number or "",
        payment_reference=invoice.number or "",
        description=f"{invoice.number} {invoice.subject}"[:50],
        currency=invoice.currency,
        rate=None,
        type=None,
        lines=lines,
    )


def sent_row(invoice: Invoice) -> dict[str, object]:
    """Return what a copy sent, as its row keeps it."""
    return entry_to_row(sent_entry(invoice))


def booked_entry(invoice: Invoice, copy: dict[str, Any], dice: random.Random) -> tuple[BookedEntry, bool]:
    """Return a copy's entry as Exact has it now, and whether it was deleted there."""
    sent = sent_entry(invoice)
    marker = tag_of(copy["marker"])
    fate = dice.randrange(1000)
    lines = tuple(
        BookedLine(
            id=f"{copy['id']}{at}",
            ledger_id="a9" if fate < MOVED_LEDGER and at == 0 else line.ledger_id,
            amount=line.amount,
            vat_code=line.vat_code,
            vat_amount=line.vat_amount + (copy["state"] != CopyState.COPIED and at == 0),
            description=line.description,
            cost_center=None,
            notes=marker,
        )
        for at, line in enumerate(sent.lines)
    )

    fate -= MOVED_LEDGER
    moved = sent.entry_date + timedelta(days=31) if 0 <= fate < MOVED_MONTH else sent.entry_date
    fate -= MOVED_MONTH
    number = int(copy["entry_number"])
    entry = BookedEntry(
        id=copy["entry_id"],
        entry_number=number,
        invoice_number=number,
        customer_id=sent.customer_id,
        journal=sent.journal,
        entry_date=moved,
        due_date=sent.due_date,
        your_ref=sent.your_ref,
        description=sent.description,
        currency=sent.currency,
        gross=sum(line.amount + line.vat_amount for line in lines),
        vat=sum(line.vat_amount for line in lines),
        status=OPEN,
        type=21 if invoice.is_credit_note else 20,
        lines=lines,
    )

    return entry, 0 <= fate < DELETED


def entry_row(connection_id: int, entry: BookedEntry, now: datetime, *, gone: bool = False) -> dict[str, Any]:
    """Return an entry's row, as read just now."""
    gone_at = now if gone else None
    return {"connection_id": connection_id, "read_at": now, "gone_at": gone_at, **fields_of(entry)}


def a_stranger(invoice: Invoice, dice: random.Random) -> BookedEntry:
    """Return an entry that somebody booked by hand."""
    gross = dice.randrange(10_000, 400_000)
    return BookedEntry(
        id=new_id(),
        entry_number=dice.randrange(1, 999_999),
        invoice_number=None,
        customer_id=f"c{dice.randrange(400)}",
        journal=JOURNAL,
        entry_date=invoice.invoiced_on,
        due_date=None,
        your_ref="",
        description="By hand",
        currency=invoice.currency,
        gross=gross,
        vat=0,
        status=OPEN,
        type=20,
    )


def each_term(
    connection_id: int, invoice: Invoice, entry: BookedEntry, *, unseen: bool
) -> Iterator[dict[str, Any]]:
    """Yield the terms of an entry: what is paid, and what is open. ``unseen``: Exact has it all."""
    paid = entry.gross if unseen else min(invoice.amount_paid, entry.gross)
    paid_on = (invoice.pay_on or invoice.invoiced_on) + timedelta(days=entry.entry_number % 61 - 15)
    for amount, settled in ((paid, True), (entry.gross - paid, False)):
        if amount:
            yield a_term(connection_id, entry, amount, paid_on if settled else None)


def a_term(connection_id: int, entry: BookedEntry, amount: int, paid_on: date | None) -> dict[str, Any]:
    """Return one term's row, settled on a day or open."""
    return {
        "connection_id": connection_id,
        "id": str(UUID(new_id())),
        "timestamp": entry.entry_number,
        "entry_id": entry.id,
        "transaction_id": entry.id,
        "transaction_type": SALES if entry.gross >= 0 else CREDIT,
        "line_type": 20,
        "status": TERM_MATCHED if paid_on else TERM_OPEN,
        "account_id": entry.customer_id,
        "amount": -amount,
        "amount_dc": -amount,
        "transaction_amount": -entry.gross,
        "currency": entry.currency,
        "discount": 0,
        "last_payment_on": paid_on,
        "ended_on": paid_on,
        "due_on": entry.due_date,
        "your_ref": entry.your_ref,
        "invoice_number": entry.invoice_number,
        "entry_number": entry.entry_number,
        "journal": entry.journal,
        "fully_paid": paid_on is not None,
        "deleted_at": None,
    }


def each_payment(
    invoice: Invoice, copy: dict[str, Any], terms: list[dict[str, Any]], now: datetime, *, unseen: bool
) -> Iterator[dict[str, Any]]:
    """Yield the payment that a settled term made. What Productive has not seen is held."""
    for term in terms:
        if term["status"] == TERM_MATCHED and term["amount"] < 0:
            payment_id = new_id()
            yield {
                "id": payment_id,
                "connection_id": copy["connection_id"],
                "invoice_id": invoice.id,
                "copy_id": copy["id"],
                "term_id": term["id"],
                "amount": -term["amount"],
                "currency": term["currency"],
                "paid_on": term["last_payment_on"],
                "written_off": False,
                "marker": marker_of(payment_id),
                "state": PaymentState.HELD if unseen else PaymentState.MADE,
                "reason": PaymentReason.SETTLED,
                "created_at": now,
                "changed_at": now,
                "productive_id": None if unseen else payment_id,
                "wanted": "create",
                "tries": 0,
            }
