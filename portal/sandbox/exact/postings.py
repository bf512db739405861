"""Postings, computed from sales entries and from bank and cash entries."""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from portal.sandbox.exact.matching import Matching
from portal.sandbox.exact.money import amount_of
from portal.sandbox.exact.statements import statement_lines, statements_of
from portal.sandbox.exact.store import Books, Row, Value, guid_of

RECEIVABLE_TYPE = 20
VAT_TYPE = 24


def find_ledger(books: Books, kind: int) -> Row | None:
    """The first ledger account of a type."""
    return next((row for row in books["GLAccounts"].rows.values() if row.get("Type") == kind), None)


def each_transaction_line(books: Books) -> Iterator[Row]:
    """All postings of sales, bank and cash journals, each with the Timestamp of its last change."""
    for entry_id in books["SalesEntries"].rows:
        yield from _stamped(books, entry_id, each_posting_of(books, entry_id, []))
    for entry_id, parts in statements_of(books).items():
        yield from _stamped(books, entry_id, each_posting_of(books, entry_id, parts))


def each_posting_of(books: Books, entry_id: str, parts: list[Matching]) -> Iterator[Row]:
    """The postings of a sales entry, or of a bank or cash entry with these lines."""
    entry = books["SalesEntries"].get(entry_id)
    if entry is not None:
        yield from _entry_postings(books, entry)
    elif parts:
        yield from _statement_postings(books, parts)


def _stamped(books: Books, entry_id: str, rows: Iterable[Row]) -> Iterator[Row]:
    stamps = books.stamps.get(entry_id, {})
    for row in rows:
        yield {**row, "Timestamp": stamps.get(str(row["ID"]), 0)}


def _posting(entry_id: str, place: int, kind: int, **values: Value) -> Row:
    return {
        "ID": guid_of("posting", entry_id, place),
        "EntryID": entry_id,
        "LineNumber": place,
        "Type": kind,
        "Status": 20,
        **values,
    }


def _entry_postings(books: Books, entry: Row) -> Iterator[Row]:
    entry_id = str(entry["EntryID"])
    lines = books["SalesEntryLines"].where("EntryID", entry["EntryID"])
    receivable = find_ledger(books, RECEIVABLE_TYPE) or {}
    vat = find_ledger(books, VAT_TYPE) or {}
    whole = (amount_of(entry, "AmountFC"), amount_of(entry, "AmountDC"))
    parts: list[tuple[Value, Decimal, Decimal, Value]] = [(receivable.get("ID"), *whole, None)]

    for line in lines:
        net = (-amount_of(line, "AmountFC"), -amount_of(line, "AmountDC"))
        parts.append((line.get("GLAccount"), *net, line.get("VATCode")))

    for line in lines:
        if amount_of(line, "VATAmountFC"):
            tax = (-amount_of(line, "VATAmountFC"), -amount_of(line, "VATAmountDC"))
            parts.append((vat.get("ID"), *tax, line.get("VATCode")))

    for place, (ledger, foreign, own, code) in enumerate(parts):
        yield _posting(
            entry_id,
            place,
            int(str(entry["Type"])),
            EntryNumber=entry["EntryNumber"],
            JournalCode=entry["Journal"],
            Date=entry["EntryDate"],
            GLAccount=ledger,
            Account=entry["Customer"],
            AmountFC=foreign,
            AmountDC=own,
            Currency=entry["Currency"],
            InvoiceNumber=entry.get("InvoiceNumber"),
            YourRef=entry.get("YourRef"),
            PaymentReference=entry.get("PaymentReference"),
            Description=entry.get("Description"),
            DueDate=entry.get("DueDate"),
            VATCode=code,
            FinancialYear=entry["ReportingYear"],
            FinancialPeriod=entry["ReportingPeriod"],
            Created=entry["Created"],
            Modified=entry["Modified"],
        )


def _statement_postings(books: Books, parts: list[Matching]) -> Iterator[Row]:
    first = parts[0]
    common: Row = {
        "EntryNumber": first.number,
        "JournalCode": first.journal,
        "Date": first.date,
        "Currency": first.currency,
        "FinancialYear": first.date.year,
        "FinancialPeriod": first.date.month,
        "Created": first.date,
        "Modified": first.date,
    }

    bank = (books["Journals"].first("Code", first.journal) or {}).get("GLAccount")
    total = sum((part.amount for part in parts), Decimal(0))
    yield _posting(first.entry_id, 0, 40, GLAccount=bank, AmountFC=total, AmountDC=total, **common)

    for place, row in enumerate(statement_lines(books, parts), 1):
        yield _posting(
            first.entry_id,
            place,
            40,
            GLAccount=row.get("GLAccount"),
            Account=row.get("Account"),
            AmountFC=-amount_of(row, "AmountFC"),
            AmountDC=-amount_of(row, "AmountDC"),
            InvoiceNumber=row.get("OurRef"),
            YourRef=row.get("YourRef"),
            Description=row.get("Description"),
            **common,
        )
