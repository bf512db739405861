"""Bank and cash entries: one view over all receipts, whether a back door or a client's POST booked them."""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from portal.sandbox.exact.matching import Matching
from portal.sandbox.exact.money import amount_of
from portal.sandbox.exact.store import Books, Row, guid_of

BANK_TYPES = (12, 16)
CASH_TYPES = (10,)
BANK_ENTRIES = "BankEntries"
CASH_ENTRIES = "CashEntries"


def find_bank_journal(books: Books) -> str:
    """The code of the bank journal in which receipts are booked. The demo's if there is none any more."""
    journals = books["Journals"].rows.values()
    codes = [str(row["Code"]) for row in journals if row.get("Type") in BANK_TYPES and row.get("Code")]
    return codes[0] if codes else "20"


def table_of(books: Books, journal: str) -> str:
    """Whether a journal's entries are bank or cash entries."""
    row = books["Journals"].first("Code", journal) or {}
    return CASH_ENTRIES if row.get("Type") in CASH_TYPES else BANK_ENTRIES


def statements_of(books: Books) -> dict[str, list[Matching]]:
    """The lines of every bank and cash entry."""
    found: dict[str, list[Matching]] = {}
    for matching in books.matchings.values():
        if matching.kind == "receipt":
            found.setdefault(matching.entry_id, []).append(matching)
    return found


def each_bank_entry(books: Books) -> Iterator[Row]:
    """The bank entries."""
    return _each_entry(books, BANK_ENTRIES)


def each_cash_entry(books: Books) -> Iterator[Row]:
    """The cash entries."""
    return _each_entry(books, CASH_ENTRIES)


def each_bank_line(books: Books) -> Iterator[Row]:
    """The lines of bank entries."""
    return _each_line(books, BANK_ENTRIES)


def each_cash_line(books: Books) -> Iterator[Row]:
    """The lines of cash entries."""
    return _each_line(books, CASH_ENTRIES)


def _each_entry(books: Books, table: str) -> Iterator[Row]:
    for entry_id, parts in statements_of(books).items():
        first = parts[0]
        if table_of(books, first.journal) != table:
            continue

        header = books[table].get(entry_id) or {}
        opening = amount_of(header, "OpeningBalanceFC")
        yield {
            "EntryID": entry_id,
            "JournalCode": first.journal,
            "Currency": first.currency,
            "EntryNumber": first.number,
            "FinancialYear": first.date.year,
            "FinancialPeriod": first.date.month,
            "Status": 20,
            "OpeningBalanceFC": opening,
            "ClosingBalanceFC": opening + sum((part.amount for part in parts), Decimal(0)),
            "Created": first.date,
            "Modified": first.date,
            **header,
        }


def _each_line(books: Books, table: str) -> Iterator[Row]:
    for parts in statements_of(books).values():
        if table_of(books, parts[0].journal) == table:
            yield from statement_lines(books, parts)


def statement_lines(books: Books, parts: Iterable[Matching]) -> Iterator[Row]:
    """What was posted line by line, else one line per entry that a receipt paid, and one for what is left."""
    place = 0
    for matching in parts:
        for row in _posted_line(matching) if matching.ledger else _receipt_lines(books, matching):
            place += 1
            yield {
                "EntryID": matching.entry_id,
                "EntryNumber": matching.number,
                "LineNumber": place,
                "Date": matching.date,
                "ExchangeRate": Decimal(1),
                "Created": matching.date,
                "Modified": matching.date,
                **row,
            }


def _posted_line(matching: Matching) -> Iterator[Row]:
    yield {
        "ID": guid_of("bank line", matching.id),
        "Account": matching.account,
        "AmountFC": matching.amount,
        "AmountDC": matching.amount,
        "Description": matching.description,
        "GLAccount": matching.ledger,
        "OurRef": matching.our_ref,
        "Notes": matching.notes,
    }


def _receipt_lines(books: Books, matching: Matching) -> Iterator[Row]:
    for row in own_terms(books, matching):
        yield {
            "ID": guid_of("bank line", row["ID"]),
            "Account": row.get("Account"),
            "AmountFC": row["AmountFC"],
            "AmountDC": row["AmountDC"],
            "Description": "Bank receipt",
            "GLAccount": row.get("GLAccount"),
            "OurRef": row.get("InvoiceNumber"),
            "YourRef": row.get("YourRef"),
            "Modified": row["Modified"],
        }


def own_terms(books: Books, matching: Matching) -> list[Row]:
    """A receipt's own rows among the terms."""
    rows = books["PaymentTerms"].where("_Matching", matching.id)
    return [row for row in rows if row.get("TransactionEntryID") == matching.entry_id]
