"""Bank receipts and other settlements: matched with terms, changed, taken back.

``split`` says how a term is split, for Exact's own way is not known:

* ``same-row`` (or 1): the term's row becomes the matched part and gets a new Timestamp. The rest is new.
* ``delete-insert`` (or 2): the term's row is deleted (a line in sync/Deleted) and both parts are new rows.
* ``matched-new`` (or 3): the matched part is a new row. The term's row keeps the rest.

A receipt is itself a term row of type 40 per customer, with the invoice's number and reference if it paid
just one. What it brought too much stays open on the customer. A discount or write-off is a matched row of
type 83 with the same account and end date. A credit note's own term is matched against the invoice's.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from portal.sandbox.exact.entries import next_number
from portal.sandbox.exact.entry_rules import period_of
from portal.sandbox.exact.matching import DELETE_INSERT, Allocation, Matching
from portal.sandbox.exact.money import amount_of, to_cents
from portal.sandbox.exact.statements import BANK_ENTRIES, find_bank_journal, statements_of, table_of
from portal.sandbox.exact.store import Books, Row, Value, guid_of, new_guid
from portal.sandbox.exact.terms import MATCHED, OPEN, add_term, open_terms_of, reopen, settle_part

_OWN_KINDS = {"receipt": 40, "discount": 83, "writeoff": 83, "exchange": 82}
_TITLES = {
    "receipt": "Bank receipt",
    "discount": "Payment discount",
    "writeoff": "Write-off",
    "exchange": "Exchange difference",
}


@dataclass(frozen=True)
class _Part:
    """A share of a settlement on one entry."""

    entry: Row
    amount: Decimal


def record_matching(
    books: Books,
    kind: str,
    day: datetime,
    amount: Decimal,
    split: str,
    allocations: list[Allocation],
    account: str | None = None,
) -> Matching:
    """Book a settlement and match it."""
    journal = find_bank_journal(books) if kind == "receipt" else "90"
    currencies = [str(_entry(books, each)["Currency"]) for each in allocations]
    matching = Matching(
        id=new_guid(),
        kind=kind,
        date=day,
        amount=amount,
        split=split,
        currency=currencies[0] if currencies else books.currency,
        number=next_number(books, journal, day.year),
        journal=journal,
        entry_id=new_guid(),
        account=account,
        allocations=allocations,
    )
    if kind == "receipt":
        books.add(BANK_ENTRIES, {"EntryID": matching.entry_id, "Status": 20, "Created": day})

    return book_matching(books, matching)


def book_matching(books: Books, matching: Matching) -> Matching:
    """Store a settlement and match it."""
    books.matchings[matching.id] = matching
    books.unstamped.add(matching.entry_id)
    _match(books, matching)
    return matching


def change_matching(
    books: Books,
    matching: Matching,
    *,
    day: datetime | None = None,
    amount: Decimal | None = None,
    allocations: list[Allocation] | None = None,
) -> None:
    """Edit a settlement: what it settled is opened, then matched anew."""
    _unmatch(books, matching)
    matching.date = day or matching.date
    matching.amount = matching.amount if amount is None else amount
    matching.allocations = matching.allocations if allocations is None else allocations
    _match(books, matching)


def remove_matching(books: Books, matching: Matching) -> None:
    """Take a settlement back: its own rows are deleted and the terms are open again."""
    _unmatch(books, matching)
    _rewrite_own_rows(books, matching, [])
    del books.matchings[matching.id]
    books.unstamped.add(matching.entry_id)
    table = table_of(books, matching.journal)
    if matching.entry_id in books[table].rows and matching.entry_id not in statements_of(books):
        books.remove(table, matching.entry_id)


def release_entry(books: Books, entry_id: str) -> None:
    """Un-match everything that settles an entry, before the entry goes."""
    for matching in list(books.matchings.values()):
        rest = [each for each in matching.allocations if each.entry != entry_id]
        if len(rest) == len(matching.allocations):
            continue

        if matching.kind == "receipt":
            matching.account = matching.account or str(_entry(books, matching.allocations[0])["Customer"])
            change_matching(books, matching, allocations=rest)
        else:
            remove_matching(books, matching)


def _entry(books: Books, allocation: Allocation) -> Row:
    return books["SalesEntries"].rows[allocation.entry]


def _match(books: Books, matching: Matching) -> None:
    marks = _marks(books, matching)
    parts = [
        _Part(_entry(books, each), amount)
        for each in matching.allocations
        if (amount := _settle(books, matching, each, marks))
    ]
    _rewrite_own_rows(books, matching, _own_rows(books, matching, parts, marks))


def _marks(books: Books, matching: Matching) -> dict[str, Value]:
    """What a match writes into every row that it covers: one end date, the latest of all that is matched."""
    days = [_entry(books, each)["EntryDate"] for each in matching.allocations]
    ends = max([matching.date, *(day for day in days if isinstance(day, datetime))])
    year, period = period_of(books, ends)

    return {
        "LastPaymentDate": matching.date,
        "EndDate": ends,
        "EndYear": year,
        "EndPeriod": period,
        "_Matching": matching.id,
    }


def _settle(books: Books, matching: Matching, allocation: Allocation, marks: dict[str, Value]) -> Decimal:
    """Settle open terms of an entry up to an amount, and return how much there was to settle."""
    left = allocation.amount
    for term in open_terms_of(books, allocation.entry):
        owed = -amount_of(term, "AmountFC")
        if not left or (owed > 0) != (left > 0):
            continue

        part = min(owed, left, key=abs)
        settle_part(books, term, -part, matching.split, marks)
        left -= part

    return allocation.amount - left


def _unmatch(books: Books, matching: Matching) -> None:
    for row in books["PaymentTerms"].where("_Matching", matching.id):
        still = books["PaymentTerms"].get(row["ID"])
        if still is not None and row.get("TransactionEntryID") != matching.entry_id:
            reopen(books, still, matching.split)


def _own_rows(books: Books, matching: Matching, parts: list[_Part], marks: dict[str, Value]) -> Iterable[Row]:
    if matching.kind == "credit":
        return

    for account in dict.fromkeys(str(part.entry["Customer"]) for part in parts):
        own = [part for part in parts if part.entry["Customer"] == account]
        total = sum((part.amount for part in own), Decimal(0))

        if total:
            single = own[0].entry if len({str(part.entry["EntryID"]) for part in own}) == 1 else {}
            yield (
                _own_row(books, matching, account, total, single)
                | marks
                | {
                    "Status": MATCHED,
                    "IsFullyPaid": True,
                }
            )

    excess = matching.amount - sum((part.amount for part in parts), Decimal(0))
    account_of_excess = matching.account or (str(parts[0].entry["Customer"]) if parts else None)
    if matching.kind == "receipt" and matching.is_receivable and excess and account_of_excess:
        yield _own_row(books, matching, account_of_excess, excess, {}) | {"Status": OPEN}


def _own_row(books: Books, matching: Matching, account: str, amount: Decimal, single: Row) -> Row:
    year, period = period_of(books, matching.date)
    rate = amount_of(single, "Rate") or _rate_of(books, matching)
    return {
        "Account": account,
        "AmountFC": amount,
        "AmountDC": to_cents(amount * rate),
        "RateFC": rate,
        "Currency": matching.currency,
        "Description": matching.description or _TITLES[matching.kind],
        "DueDate": matching.date,
        "InvoiceDate": matching.date,
        "EntryDate": matching.date,
        "EntryNumber": matching.number,
        "Journal": matching.journal,
        "YourRef": single.get("YourRef"),
        "InvoiceNumber": single.get("InvoiceNumber"),
        "TransactionAmountFC": -matching.amount,
        "TransactionAmountDC": -to_cents(matching.amount * rate),
        "TransactionEntryID": matching.entry_id,
        "TransactionID": guid_of("posting", matching.entry_id, account),
        "TransactionType": _OWN_KINDS[matching.kind],
        "TransactionReportingYear": year,
        "TransactionReportingPeriod": period,
        "_Matching": matching.id,
    }


def _rate_of(books: Books, matching: Matching) -> Decimal:
    for allocation in matching.allocations:
        return amount_of(_entry(books, allocation), "Rate")
    return Decimal(1)


def _rewrite_own_rows(books: Books, matching: Matching, rows: Iterable[Row]) -> None:
    """Bring a settlement's own rows in line. An edited one keeps its row, unless all are made anew.

    What was deleted never comes back under its old ID.
    """
    table = books["PaymentTerms"]
    before = {
        (row["Account"], row["Status"]): str(row["ID"])
        for row in table.where("TransactionEntryID", matching.entry_id)
        if row.get("_Matching") == matching.id
    }

    for row in rows:
        place = (row["Account"], row["Status"])
        if matching.split != DELETE_INSERT and place in before:
            books.change("PaymentTerms", before.pop(place), row)
        else:
            add_term(books, row)

    for key in before.values():
        books.remove("PaymentTerms", key)
