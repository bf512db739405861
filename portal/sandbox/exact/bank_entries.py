"""Bank and cash entries that a client posts: each line is a receipt of its own in one entry."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal

from portal.sandbox.exact.entries import next_number
from portal.sandbox.exact.entry_rules import each_closed_period, period_of
from portal.sandbox.exact.errors import Findings
from portal.sandbox.exact.matching import SAME_ROW, Allocation, Matching
from portal.sandbox.exact.money import amount_of, to_cents
from portal.sandbox.exact.postings import RECEIVABLE_TYPE
from portal.sandbox.exact.receipts import book_matching, remove_matching
from portal.sandbox.exact.statements import BANK_TYPES, CASH_ENTRIES, CASH_TYPES, statements_of
from portal.sandbox.exact.store import Books, Row, Value, guid_of, midnight, new_guid
from portal.sandbox.exact.terms import outstanding

Given = Mapping[str, Value]
Fault = tuple[str, ...]


def create_statement(books: Books, table: str, language: str, given: Given, lines: list[Given]) -> Row:
    """Book a bank or cash entry with its lines."""
    findings = Findings(language)
    findings.add_all(_each_header_fault(books, table, given))
    if not lines:
        findings.add("required", "Lines")

    for line in lines:
        findings.add_all(_each_line_fault(books, line))

    findings.refuse()
    journal = books["Journals"].first("Code", given["JournalCode"]) or {}
    day = _day_of(books, lines[0])
    year, period = period_of(books, day)
    kept = ("OpeningBalanceFC", "BankStatementDocument", "FinancialYear", "FinancialPeriod")
    code = str(journal["Code"])
    entry_id = new_guid()
    header: Row = {
        "EntryID": entry_id,
        "JournalCode": code,
        "Currency": given.get("Currency") or books.currency,
        "EntryNumber": next_number(books, code, day.year),
        "FinancialYear": year,
        "FinancialPeriod": period,
        "Status": 20,
        **{name: given[name] for name in kept if given.get(name) is not None},
    }

    made = books.add(table, header)
    for line in lines:
        _book_line(books, made, line)

    return made


def create_statement_line(books: Books, table: str, language: str, given: Given) -> Row:
    """Add a line to a bank or cash entry."""
    header = books[table].get(given.get("EntryID"))
    findings = Findings(language)

    if header is None:
        findings.add("required" if given.get("EntryID") is None else "reference", "EntryID")
    elif header.get("Status") != 20:
        findings.add("processed")

    findings.add_all(_each_line_fault(books, given))
    findings.refuse()
    matching = _book_line(books, header or {}, given)

    return {"ID": guid_of("bank line", matching.id)}


def delete_statement(books: Books, language: str, row: Row) -> None:
    """Delete an entry that was not processed. What it settled is open again."""
    findings = Findings(language)
    # Exact's documentation of BankEntries: only with status 20.
    if row.get("Status") != 20:
        findings.add("processed")
    findings.refuse()
    remove_statement(books, str(row["EntryID"]))


def remove_statement(books: Books, entry_id: str) -> None:
    """Take an entry out, whatever its status."""
    for matching in statements_of(books).get(entry_id, []):
        remove_matching(books, matching)


def _book_line(books: Books, header: Given, line: Given) -> Matching:
    ledger = books["GLAccounts"].get(line.get("GLAccount")) or {}
    amount = to_cents(amount_of(line, "AmountFC"))
    is_receivable = ledger.get("Type") == RECEIVABLE_TYPE
    reference = line.get("OurRef")

    return book_matching(
        books,
        Matching(
            id=new_guid(),
            kind="receipt",
            date=_day_of(books, line),
            amount=amount,
            split=SAME_ROW,
            currency=str(header["Currency"]),
            number=int(str(header["EntryNumber"])),
            entry_id=str(header["EntryID"]),
            account=str(line["Account"]) if line.get("Account") else None,
            journal=str(header["JournalCode"]),
            ledger=str(ledger.get("ID")),
            is_receivable=is_receivable,
            description=str(line["Description"]) if line.get("Description") else None,
            our_ref=reference if isinstance(reference, int) else None,
            notes=str(line["Notes"]) if line.get("Notes") else None,
            allocations=list(_each_allocation(books, line, amount)) if is_receivable else [],
        ),
    )


def _each_allocation(books: Books, line: Given, amount: Decimal) -> Iterator[Allocation]:
    """[L] A line on the receivable account with an invoice's number settles that invoice of its account.

    That lines cannot be matched through REST is said of matching afterwards, by MatchSets.
    """
    if line.get("OurRef") is None:
        return

    for entry in books["SalesEntries"].where("Customer", line.get("Account")):
        owed = outstanding(books, entry["EntryID"])
        if entry.get("InvoiceNumber") == line["OurRef"] and owed and (owed > 0) == (amount > 0):
            yield Allocation(str(entry["EntryID"]), min(owed, amount, key=abs))
            return


def _each_header_fault(books: Books, table: str, given: Given) -> Iterator[Fault]:
    journal = books["Journals"].first("Code", given.get("JournalCode"))
    if not given.get("JournalCode"):
        yield ("required", "Journal")
    elif journal is None or journal.get("Type") not in (CASH_TYPES if table == CASH_ENTRIES else BANK_TYPES):
        yield ("reference", "Journals")
    elif journal.get("IsBlocked"):
        yield ("blocked", "Journal")

    currency = given.get("Currency")
    if currency and not books["Currencies"].first("Code", currency):
        yield ("reference", "Currency")


def _each_line_fault(books: Books, line: Given) -> Iterator[Fault]:
    if line.get("AmountFC") is None:
        yield ("required", "AmountFC")

    ledger = books["GLAccounts"].get(line.get("GLAccount"))
    if line.get("GLAccount") is None:
        yield ("required", "GLAccount")
    elif ledger is None:
        yield ("reference", "GLAccount")
    elif ledger.get("IsBlocked"):
        yield ("blocked", "GLAccount")
    elif ledger.get("Type") == RECEIVABLE_TYPE and line.get("Account") is None:
        # [L] Nobody owes anything without a name.
        yield ("required", "Account")

    if line.get("Account") is not None and books["Accounts"].get(line["Account"]) is None:
        yield ("reference", "Account")

    yield from each_closed_period(books, *period_of(books, _day_of(books, line)))


def _day_of(books: Books, line: Given) -> datetime:
    day = line.get("Date")
    return midnight(day.date()) if isinstance(day, datetime) else books.today()
