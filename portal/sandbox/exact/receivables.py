"""Lists of open items: all of them, of one account, by age, overdue, and in sums."""

from collections.abc import Iterator
from decimal import Decimal

from portal.sandbox.exact.money import amount_of
from portal.sandbox.exact.postings import RECEIVABLE_TYPE
from portal.sandbox.exact.store import Books, Row, Value

# [L] The limits of the age groups, in days after the invoice date.
AGES = ((1, 0, 30), (2, 31, 60), (3, 61, 90), (4, 91, None))


def each_open_item(books: Books) -> Iterator[Row]:
    """The open receivable terms as ReceivablesList has them: in the division's currency, owed above 0."""
    for row in _each_open(books, RECEIVABLE_TYPE):
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


def each_overdue_item(books: Books) -> Iterator[Row]:
    """The open items whose day has passed."""
    return (row for row in each_open_item(books) if _is_past(books, row.get("DueDate")))


def is_of_account(_books: Books, row: Row, account: Value) -> bool:
    """Whether an open item is this account's."""
    return row.get("AccountId") == account


def is_of_age(books: Books, row: Row, group: Value) -> bool:
    """Whether an open item is of this age group."""
    return _age_group(books, row.get("InvoiceDate")) == group


def has_age(_books: Books, row: Row, group: Value) -> bool:
    """Whether an account owes anything of this age group."""
    return bool(amount_of(row, f"AgeGroup{group}Amount"))


def each_aged_account(books: Books) -> Iterator[Row]:
    """What each account owes, by age."""
    found: dict[Value, Row] = {}
    for item in each_open_item(books):
        row = found.setdefault(item["AccountId"], _aged(books, item))
        group = _age_group(books, item.get("InvoiceDate"))
        for name in (f"AgeGroup{group}Amount", "TotalAmount"):
            row[name] = amount_of(row, name) + amount_of(item, "Amount")

    yield from found.values()


def _aged(books: Books, item: Row) -> Row:
    row: Row = {name: item[name] for name in ("AccountId", "AccountCode", "AccountName")}
    row["CurrencyCode"] = books.currency

    for group, first, last in AGES:
        row[f"AgeGroup{group}"] = group
        row[f"AgeGroup{group}Description"] = f"{first} - {last}" if last else f"> {first - 1}"
        row[f"AgeGroup{group}Amount"] = Decimal(0)

    return row


def each_overview(books: Books) -> Iterator[Row]:
    """One row per currency: what is outstanding and what of it is overdue, on both sides."""
    found: dict[str, Row] = {}
    for side, kind in (("Receivable", RECEIVABLE_TYPE), ("Payable", 22)):
        for term in _each_open(books, kind):
            currency = str(term.get("Currency") or books.currency)
            row = found.setdefault(currency, _overview(currency))
            owed = -amount_of(term, "AmountFC") if side == "Receivable" else amount_of(term, "AmountFC")

            for state in ("Outstanding", *(["Overdue"] if _is_past(books, term.get("DueDate")) else [])):
                row[f"{state}{side}InvoiceAmount"] = amount_of(row, f"{state}{side}InvoiceAmount") + owed
                row[f"{state}{side}InvoiceCount"] = amount_of(row, f"{state}{side}InvoiceCount") + 1

    yield from found.values()


def _overview(currency: str) -> Row:
    sums = [
        f"{state}{side}Invoice{what}"
        for state in ("Outstanding", "Overdue")
        for side in ("Payable", "Receivable")
        for what in ("Amount", "Count")
    ]
    return {"CurrencyCode": currency, **dict.fromkeys(sums, Decimal(0))}


def _each_open(books: Books, kind: int) -> Iterator[Row]:
    for row in books["PaymentTerms"].rows.values():
        if row.get("LineType") == kind and row.get("Status") != 50:
            yield row


def _is_past(books: Books, day: Value) -> bool:
    return day is not None and str(day) < str(books.today())


def _age_group(books: Books, day: Value) -> int:
    days = (books.today() - day).days if hasattr(day, "year") else 0  # type: ignore[operator]
    return next(group for group, _, last in AGES if last is None or days <= last)
