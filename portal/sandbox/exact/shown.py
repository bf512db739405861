"""Entries and settlements as the back doors and the web page show them."""

from datetime import datetime

from portal.sandbox.exact.matching import Matching
from portal.sandbox.exact.money import amount_of
from portal.sandbox.exact.store import Books, Row, Value
from portal.sandbox.exact.terms import open_terms_of, outstanding, terms_of

_ENTRY_AMOUNTS = ("AmountFC", "AmountDC", "VATAmountFC", "VATAmountDC")
_ENTRY_FIELDS = (
    "EntryID",
    "EntryNumber",
    "InvoiceNumber",
    "Journal",
    "Customer",
    "YourRef",
    "Description",
    "PaymentReference",
    "PaymentCondition",
    "EntryDate",
    "DueDate",
    "Currency",
    "ReportingYear",
    "ReportingPeriod",
    "Status",
    "Type",
    "Document",
    "ExternalLinkReference",
)
_LINE_FIELDS = (
    "ID",
    "LineNumber",
    "GLAccount",
    "VATCode",
    "Description",
    "CostCenter",
    "CostUnit",
    "Notes",
    "AmountFC",
    "AmountDC",
    "VATAmountFC",
    "VATAmountDC",
    "Quantity",
)
_TERM_FIELDS = (
    "ID",
    "Timestamp",
    "TransactionID",
    "TransactionType",
    "Status",
    "AmountFC",
    "AmountDC",
    "DueDate",
    "LastPaymentDate",
    "EndDate",
)


def show_entry(books: Books, entry: Row) -> dict[str, object]:
    """An entry with its lines and terms. Amounts are texts, dates YYYY-MM-DD."""
    key = entry["EntryID"]
    account = books["Accounts"].get(entry["Customer"]) or {}
    return {
        "division": books.code,
        **_picked(entry, (*_ENTRY_FIELDS, *_ENTRY_AMOUNTS)),
        "Rate": str(entry.get("Rate")),
        "CustomerName": account.get("Name"),
        "outstanding": f"{outstanding(books, key):.2f}",
        "state": paid_state(books, entry),
        "lines": [_picked(row, _LINE_FIELDS) for row in books["SalesEntryLines"].where("EntryID", key)],
        "terms": [_picked(row, _TERM_FIELDS) for row in terms_of(books, key)],
    }


def paid_state(books: Books, entry: Row) -> str:
    """open, partly paid or settled."""
    if not open_terms_of(books, entry["EntryID"]):
        return "settled"
    return "open" if outstanding(books, entry["EntryID"]) == amount_of(entry, "AmountFC") else "partly paid"


def show_matching(matching: Matching) -> dict[str, object]:
    """A settlement as JSON."""
    return {
        "id": matching.id,
        "kind": matching.kind,
        "date": matching.date.date().isoformat(),
        "amount": f"{matching.amount:.2f}",
        "currency": matching.currency,
        "split": matching.split,
        "number": matching.number,
        "allocations": [
            {"entry": each.entry, "amount": f"{each.amount:.2f}"} for each in matching.allocations
        ],
    }


def _picked(row: Row, names: tuple[str, ...]) -> dict[str, object]:
    return {name: _spelled(name, row.get(name)) for name in names}


def _spelled(name: str, value: Value) -> object:
    if value is not None and "Amount" in name:
        return f"{value:.2f}"
    if isinstance(value, datetime):
        return value.date().isoformat()
    return value if value is None or isinstance(value, str | int) else str(value)
