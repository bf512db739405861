"""Views that are computed from entries, terms and receipts: postings, bank entries, open items."""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from portal.sandbox.exact.matching import Matching
from portal.sandbox.exact.money import amount_of
from portal.sandbox.exact.store import Books, Row, Value, guid_of

RECEIVABLE_TYPE = 20
VAT_TYPE = 24
BANK_JOURNAL_TYPE = 12


def find_ledger(books: Books, kind: int) -> Row | None:
    """The first ledger account of a type."""
    return next((row for row in books["GLAccounts"].rows.values() if row.get("Type") == kind), None)


def find_bank_journal(books: Books) -> str:
    """The code of the bank journal in which receipts are booked; the demo's if there is none any more."""
    journals = books["Journals"].rows.values()
    codes = [str(row["Code"]) for row in journals if row.get("Type") == BANK_JOURNAL_TYPE and row.get("Code")]
    return codes[0] if codes else "20"


def posting_ids(books: Books, entry_id: str) -> list[str]:
    """The ids of an entry's postings: the total, each line, and each line's VAT."""
    lines = books["SalesEntryLines"].where("EntryID", entry_id)
    taxed = [line for line in lines if amount_of(line, "VATAmountFC")]
    return [guid_of("posting", entry_id, place) for place in range(1 + len(lines) + len(taxed))]


def each_transaction_line(books: Books) -> Iterator[Row]:
    """All postings of sales and bank journals."""
    for entry in books["SalesEntries"].rows.values():
        yield from _entry_postings(books, entry)
    for matching in _receipts(books):
        yield from _receipt_postings(books, matching)


def each_bank_entry(books: Books) -> Iterator[Row]:
    """One bank entry per receipt."""
    for matching in _receipts(books):
        yield {
            "EntryID": matching.entry_id,
            "JournalCode": matching.journal,
            "Currency": matching.currency,
            "EntryNumber": matching.number,
            "FinancialYear": matching.date.year,
            "FinancialPeriod": matching.date.month,
            "Status": 20,
            "StatusDescription": "Open",
            "OpeningBalanceFC": Decimal(0),
            "ClosingBalanceFC": matching.amount,
            "Created": matching.date,
            "Modified": matching.date,
        }


def each_bank_entry_line(books: Books) -> Iterator[Row]:
    """One bank line per entry that a receipt paid, and one for what is left."""
    for matching in _receipts(books):
        for place, row in enumerate(_receipt_terms(books, matching), 1):
            yield {
                "ID": guid_of("bank line", row["ID"]),
                "EntryID": matching.entry_id,
                "EntryNumber": matching.number,
                "LineNumber": place,
                "Account": row.get("Account"),
                "AmountFC": row["AmountFC"],
                "AmountDC": row["AmountDC"],
                "Date": matching.date,
                "Description": "Bank receipt",
                "GLAccount": row.get("GLAccount"),
                "OurRef": row.get("InvoiceNumber"),
                "Created": matching.date,
                "Modified": row["Modified"],
            }


def each_open_item(books: Books) -> Iterator[Row]:
    """The open receivable terms as ReceivablesList has them: in the division's currency, owed above 0."""
    for row in books["PaymentTerms"].rows.values():
        if row.get("LineType") != RECEIVABLE_TYPE or row.get("Status") == 50:
            continue
        account = books["Accounts"].get(row.get("Account")) or {}
        yield {
            "HID": row["_HID"],
            "Id": row["ID"],
            "AccountId": row.get("Account"),
            "AccountCode": account.get("Code"),
            "AccountName": account.get("Name"),
            "Amount": -amount_of(row, "AmountDC"),
            "AmountInTransit": Decimal(0),
            "CurrencyCode": row.get("Currency"),
            "Description": row.get("Description"),
            "DueDate": row.get("DueDate"),
            "InvoiceDate": row.get("InvoiceDate"),
            "EntryNumber": row.get("EntryNumber"),
            "InvoiceNumber": row.get("InvoiceNumber"),
            "JournalCode": row.get("Journal"),
            "YourRef": None if row.get("TransactionType") == 40 else row.get("YourRef"),
        }


def _receipts(books: Books) -> Iterable[Matching]:
    return [matching for matching in books.matchings.values() if matching.kind == "receipt"]


def _receipt_terms(books: Books, matching: Matching) -> list[Row]:
    rows = books["PaymentTerms"].where("_Matching", matching.id)
    return [row for row in rows if row.get("TransactionEntryID") == matching.entry_id]


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
    entry_id, lines = str(entry["EntryID"]), books["SalesEntryLines"].where("EntryID", entry["EntryID"])
    receivable, vat = find_ledger(books, RECEIVABLE_TYPE) or {}, find_ledger(books, VAT_TYPE) or {}
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
            InvoiceNumber=entry["InvoiceNumber"],
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


def _receipt_postings(books: Books, matching: Matching) -> Iterator[Row]:
    common: Row = {
        "EntryNumber": matching.number,
        "JournalCode": matching.journal,
        "Date": matching.date,
        "Currency": matching.currency,
        "FinancialYear": matching.date.year,
        "FinancialPeriod": matching.date.month,
        "Created": matching.date,
        "Modified": matching.date,
    }
    bank = (books["Journals"].first("Code", matching.journal) or {}).get("GLAccount")
    yield _posting(matching.entry_id, 0, 40, GLAccount=bank, AmountFC=matching.amount, **common)
    for place, row in enumerate(_receipt_terms(books, matching), 1):
        yield _posting(
            matching.entry_id,
            place,
            40,
            GLAccount=row.get("GLAccount"),
            Account=row.get("Account"),
            AmountFC=-amount_of(row, "AmountFC"),
            AmountDC=-amount_of(row, "AmountDC"),
            InvoiceNumber=row.get("InvoiceNumber"),
            YourRef=row.get("YourRef"),
            **common,
        )
