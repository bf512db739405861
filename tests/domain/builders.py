"""Believable invoices, catalogues, entries and terms, with a word for whatever a test cares about."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from portal.domain.booking.catalogue import (
    Catalogue,
    CostCenter,
    Customer,
    Division,
    Journal,
    LedgerAccount,
    Period,
    VatCode,
)
from portal.domain.booking.draft import Draft, Policy
from portal.domain.booking.invoice import CREDIT_NOTE, INVOICE, Invoice, InvoiceLine
from portal.domain.booking.mapping import Choices, MappingRules
from portal.domain.booking.sales_entry import BookedEntry, BookedLine, SalesEntry, SalesEntryLine
from portal.domain.booking.translate import translate
from portal.domain.payments.terms import SALES, TERM_MATCHED, TERM_OPEN, Term

DAY = date(2026, 11, 2)


def a_line(**given: Any) -> InvoiceLine:
    usual: dict[str, Any] = {
        "id": "1",
        "position": 1,
        "description": "Design",
        "quantity": Decimal(1),
        "unit_price": 10000,
        "amount": 10000,
        "amount_tax": 2100,
        "service_type_id": "design",
        "service_type": "Design work",
        "tax_rate_id": "high",
        "tax_rate": "VAT 21%",
        "tax_percentage": Decimal(21),
    }
    return InvoiceLine(**(usual | given))


def some_lines(*amounts: tuple[int, int]) -> tuple[InvoiceLine, ...]:
    return tuple(
        a_line(id=str(at), position=at, amount=net, amount_tax=vat)
        for at, (net, vat) in enumerate(amounts, start=1)
    )


def an_invoice(**given: Any) -> Invoice:
    lines = given.get("lines", (a_line(),))
    usual: dict[str, Any] = {
        "id": "105",
        "number": "2026-0042",
        "subject": "Website",
        "kind": INVOICE,
        "subsidiary_id": "1",
        "company_id": "7",
        "company_name": "Acme",
        "bill_to": None,
        "invoiced_on": DAY,
        "pay_on": date(2026, 12, 2),
        "sent_on": None,
        "finalized_on": DAY,
        "deleted": False,
        "sample": False,
        "currency": "EUR",
        "currency_default": "EUR",
        "exchange_rate": Decimal(1),
        "discount": None,
        "amount": sum(line.amount for line in lines),
        "amount_tax": sum(line.amount_tax for line in lines),
        "amount_paid": 0,
        "amount_unpaid": 0,
        "amount_written_off": 0,
        "credited": False,
        "parent_invoice_id": None,
        "purchase_order_number": None,
        "exported": False,
        "export_id": None,
        "export_url": None,
        "export_integration": None,
        "last_activity_at": datetime(2026, 11, 2, tzinfo=UTC),
        "lines": lines,
    }
    usual |= given
    usual.setdefault("amount_with_tax", usual["amount"] + usual["amount_tax"])
    return Invoice(**usual)


def a_mirror(invoice: Invoice) -> Invoice:
    """Return the credit note of a whole invoice."""
    lines = tuple(
        replace(line, quantity=-line.quantity, amount=-line.amount, amount_tax=-line.amount_tax)
        for line in invoice.lines
    )
    return replace(
        invoice,
        kind=CREDIT_NOTE,
        lines=lines,
        amount=-invoice.amount,
        amount_tax=-invoice.amount_tax,
        amount_with_tax=-invoice.amount_with_tax,
    )


def a_vat_code(code: str, percentage: int, **given: Any) -> VatCode:
    usual: dict[str, Any] = {
        "description": code,
        "percentage": Decimal(percentage),
        "kind": "E",
        "used_for": "S",
        "blocked": False,
        "charged": False,
    }
    return VatCode(code=code, **(usual | given))


def an_account(code: str, **given: Any) -> LedgerAccount:
    usual: dict[str, Any] = {
        "id": f"gl-{code}",
        "description": "Revenue",
        "type": 110,
        "balance_type": "W",
        "blocked": False,
        "cost_center": 0,
    }
    return LedgerAccount(code=code, **(usual | given))


def a_journal(code: str, **given: Any) -> Journal:
    usual: dict[str, Any] = {
        "description": "Sales",
        "type": 20,
        "currency": "EUR",
        "any_currency": False,
        "any_rate": False,
        "blocked": False,
    }
    return Journal(code=code, **(usual | given))


def a_customer(**given: Any) -> Customer:
    usual: dict[str, Any] = {
        "id": "cust-1",
        "code": "               123",
        "name": "Acme",
        "status": "C",
        "blocked": False,
        "ended_on": None,
        "vat_number": None,
        "chamber_of_commerce": None,
        "email": None,
        "city": None,
        "country": "NL",
        "payment_condition": None,
    }
    return Customer(**(usual | given))


CATALOGUE = Catalogue(
    journals=(
        a_journal("70 "),
        a_journal("71", type=21),
        a_journal("72", any_currency=True, any_rate=True),
        a_journal("73", any_currency=True),
        a_journal("74", blocked=True),
        a_journal("90", type=90),
        a_journal("75", currency=None),
    ),
    accounts=(
        an_account("8000"),
        an_account("8001", blocked=True),
        an_account("8002", cost_center=1),
        an_account("8003", cost_center=2),
        an_account("1300", type=20),
        an_account("1500", type=24),
    ),
    vat_codes=(
        a_vat_code("2  ", 21),
        a_vat_code("1  ", 9),
        a_vat_code("0  ", 0, kind="N"),
        a_vat_code("7  ", 21, kind="B", charged=True),
        a_vat_code("3  ", 21, kind="I"),
        a_vat_code("4  ", 21, blocked=True),
        a_vat_code("5  ", 21, used_for="P"),
        a_vat_code("6  ", 21, used_for="B"),
    ),
    vat_percentages=(),
    periods=(Period(2026, 11, date(2026, 11, 1), date(2026, 11, 30)),),
    currencies=("EUR", "USD"),
    payment_conditions=(),
    cost_centers=(CostCenter("ONE ", "One", None), CostCenter("OLD", "Old", date(2026, 10, 31))),
)
DIVISION = Division(code=1, hid="1", name="Acme NL", country="NL", currency="EUR")
RULES = MappingRules(
    ledgers={"design": "gl-8000"}, vat_codes={"high": "2", "low": "1", "": "0"}, default_ledger=None
)
POLICY = Policy(default_journal="70")


def a_draft(invoice: Invoice | None = None, **given: Any) -> Draft:
    """Translate an invoice with everything in order but what is given."""
    usual: dict[str, Any] = {
        "rules": RULES,
        "choices": Choices(),
        "catalogue": CATALOGUE,
        "division": DIVISION,
        "customer": a_customer(),
        "policy": POLICY,
    }
    return translate(invoice or an_invoice(), **(usual | given))


def codes_of(draft: Draft) -> list[str]:
    return [problem.code for problem in draft.problems]


def an_entry_line(**given: Any) -> SalesEntryLine:
    usual: dict[str, Any] = {
        "invoice_line_id": "1",
        "ledger_id": "gl-8000",
        "amount": 10000,
        "vat_code": "2  ",
        "vat_amount": 2100,
        "description": "Design",
        "quantity": Decimal("1.5"),
        "cost_center": None,
        "ledger_source": "mapping",
        "vat_source": "mapping",
    }
    return SalesEntryLine(**(usual | given))


def an_entry(**given: Any) -> SalesEntry:
    usual: dict[str, Any] = {
        "customer_id": "cust-1",
        "journal": "70 ",
        "entry_date": DAY,
        "due_date": date(2026, 12, 2),
        "your_ref": "2026-0042",
        "payment_reference": "2026-0042",
        "description": "2026-0042 Website",
        "currency": "EUR",
        "rate": None,
        "type": None,
        "lines": (an_entry_line(),),
    }
    return SalesEntry(**(usual | given))


def as_booked(line: SalesEntryLine, line_id: str) -> BookedLine:
    return BookedLine(
        line_id,
        line.ledger_id,
        line.amount,
        line.vat_code,
        line.vat_amount,
        line.description,
        line.cost_center,
        notes="",
    )


def a_booking(entry: SalesEntry | None = None, **given: Any) -> BookedEntry:
    """Return an entry as Exact has it after it was booked."""
    entry = entry or an_entry()
    usual: dict[str, Any] = {
        "id": "entry-1",
        "entry_number": 26700001,
        "invoice_number": 26700001,
        "customer_id": entry.customer_id,
        "journal": entry.journal.strip(),
        "entry_date": entry.entry_date,
        "due_date": entry.due_date,
        "your_ref": entry.your_ref,
        "description": entry.description,
        "currency": entry.currency,
        "gross": entry.gross,
        "vat": entry.vat,
        "status": 20,
        "type": 20,
        "lines": tuple(as_booked(line, f"old-{at}") for at, line in enumerate(entry.lines)),
    }
    return BookedEntry(**(usual | given))


def a_term(owed: int, **given: Any) -> Term:
    """Return a term of one of our entries; with a day it is settled on that day."""
    on = given.pop("on", None)
    usual: dict[str, Any] = {
        "id": "t1",
        "timestamp": 1,
        "entry_id": "entry-1",
        "transaction_id": "tr-1",
        "transaction_type": SALES,
        "line_type": 20,
        "status": TERM_MATCHED if on else TERM_OPEN,
        "account_id": "cust-1",
        "amount": -owed,
        "amount_dc": -owed,
        "transaction_amount": owed,
        "currency": "EUR",
        "discount": 0,
        "last_payment_on": on,
        "ended_on": on,
        "due_on": None,
        "your_ref": "2026-0042",
        "invoice_number": None,
        "entry_number": None,
        "journal": "70",
        "fully_paid": bool(on),
    }
    return Term(**(usual | given))


def a_posting(amount: int, kind: int, on: date, **given: Any) -> Term:
    """Return a receipt, credit or difference that settles something of the same customer."""
    usual = {"id": f"p-{kind}-{amount}", "entry_id": "bank-1", "transaction_type": kind, "your_ref": ""}
    return a_term(-amount, on=on, **(usual | given))
