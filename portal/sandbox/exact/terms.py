"""Receivable terms: written with an entry, split by settlements, opened again when those are undone.

``AmountFC`` below 0 is to be received, above 0 is a credit. ``TransactionAmountFC`` has the sign of the
invoice.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from portal.sandbox.exact.matching import DELETE_INSERT, MATCHED_NEW
from portal.sandbox.exact.money import amount_of, to_cents
from portal.sandbox.exact.postings import RECEIVABLE_TYPE, find_ledger
from portal.sandbox.exact.store import Books, Row, Value, guid_of, new_guid

OPEN = 20
MATCHED = 50
_MOST_MONTHS = 120
_ENTRY_KINDS = (20, 21)
_SETTLEMENT_FIELDS = ("LastPaymentDate", "EndDate", "EndYear", "EndPeriod", "_Matching")


def terms_of(books: Books, entry_id: object) -> list[Row]:
    """The terms of a sales entry, first due first."""
    rows = books["PaymentTerms"].where("TransactionEntryID", str(entry_id).lower())
    own = [row for row in rows if row.get("TransactionType") in _ENTRY_KINDS]
    return sorted(own, key=lambda row: (str(row.get("DueDate")), str(row["_HID"])))


def open_terms_of(books: Books, entry_id: object) -> list[Row]:
    """The terms of a sales entry that are still to be settled."""
    return [row for row in terms_of(books, entry_id) if row["Status"] != MATCHED]


def outstanding(books: Books, entry_id: object) -> Decimal:
    """What is still to be received for an entry, below 0 for credit notes."""
    return -sum((amount_of(row, "AmountFC") for row in open_terms_of(books, entry_id)), Decimal(0))


def is_settled_in_part(books: Books, entry_id: object) -> bool:
    """Whether any term of an entry is matched."""
    return any(row["Status"] == MATCHED for row in terms_of(books, entry_id))


def add_term(books: Books, values: Mapping[str, Value]) -> Row:
    """A new term row."""
    row: Row = {
        "ID": new_guid(),
        "EntryID": new_guid(),
        "LineType": RECEIVABLE_TYPE,
        "Status": OPEN,
        "IsFullyPaid": False,
        "AmountDiscountFC": Decimal(0),
        "AmountDiscountDC": Decimal(0),
        "ApprovalStatus": 0,
        "Source": 4,
        "_HID": books.counters.next_hid(),
        **values,
    }

    row.setdefault("GLAccount", (find_ledger(books, RECEIVABLE_TYPE) or {}).get("ID"))
    return books.add("PaymentTerms", {name: value for name, value in row.items() if value is not None})


def write_terms(books: Books, entry: Row) -> None:
    """Bring the terms of an entry in line with it. Equal rows and settled ones stay untouched."""
    if is_settled_in_part(books, entry["EntryID"]):
        return

    wanted = [_describe(entry) | part for part in _instalments(books, entry)]
    present = terms_of(books, entry["EntryID"])

    if len(wanted) != len(present):
        for row in present:
            books.remove("PaymentTerms", str(row["ID"]))
        for values in wanted:
            add_term(books, values)
        return

    for row, values in zip(present, wanted, strict=True):
        if any(row.get(name) != value for name, value in values.items()):
            books.change("PaymentTerms", str(row["ID"]), values)


def retitle_terms(books: Books, entry: Row) -> None:
    """Write an entry's texts into its terms, settled ones too."""
    for row in terms_of(books, entry["EntryID"]):
        texts = {name: entry.get(name) for name in ("YourRef", "Description", "PaymentReference", "Document")}
        if any(row.get(name) != text for name, text in texts.items()):
            books.change("PaymentTerms", str(row["ID"]), texts)


def remove_terms(books: Books, entry_id: object) -> None:
    """Take an entry's terms out. Each leaves a line in the log of deletions."""
    for row in terms_of(books, entry_id):
        books.remove("PaymentTerms", str(row["ID"]))


def settle_part(books: Books, term: Row, part: Decimal, split: str, marks: Mapping[str, Value]) -> Row:
    """Settle a part of a term, of the same sign as it, and return the settled row. The rest stays open."""
    key = str(term["ID"])
    whole = amount_of(term, "AmountFC")
    settled: dict[str, Value] = {"Status": MATCHED, "IsFullyPaid": True, **marks, **_sized(term, part)}
    if "receipt-split" in books.readings:
        settled["TransactionEntryID"] = guid_of("receipt", marks.get("_Matching"))

    own_rest = amount_of(term, "AmountDC") - amount_of(settled, "AmountDC")
    rest: dict[str, Value] = {"AmountFC": whole - part, "AmountDC": own_rest}

    if split == DELETE_INSERT:
        books.remove("PaymentTerms", key)
        if part != whole:
            _add_sibling(books, term, rest)
        return _add_sibling(books, term, settled)

    if part == whole:
        settled["AmountDC"] = amount_of(term, "AmountDC")
        return books.change("PaymentTerms", key, settled)

    if split == MATCHED_NEW:
        books.change("PaymentTerms", key, rest)
        return _add_sibling(books, term, settled)

    _add_sibling(books, term, rest)
    return books.change("PaymentTerms", key, settled)


def reopen(books: Books, term: Row, split: str) -> None:
    """Undo a settled part: it is open again, together with the open rest of the same line if there is one."""
    key = str(term["ID"])
    rest = next((row for row in _siblings(books, term) if row["Status"] != MATCHED), None)
    total = {
        name: amount_of(term, name) + (amount_of(rest, name) if rest else 0)
        for name in ("AmountFC", "AmountDC")
    }

    cleared: dict[str, Value] = dict.fromkeys(_SETTLEMENT_FIELDS)
    fresh: dict[str, Value] = {**cleared, "Status": OPEN, "IsFullyPaid": False, **total}

    if split == MATCHED_NEW and rest:
        books.remove("PaymentTerms", key)
        books.change("PaymentTerms", str(rest["ID"]), total)
        return

    if rest:
        books.remove("PaymentTerms", str(rest["ID"]))

    if split == DELETE_INSERT:
        books.remove("PaymentTerms", key)
        _add_sibling(books, term, fresh)
        return

    books.change("PaymentTerms", key, fresh)


def due_date(condition: Row | None, day: datetime) -> datetime:
    """When an invoice of this day is due under a payment condition."""
    days, months = (_number_of(condition, name) for name in ("PaymentDays", "PaymentEndOfMonths"))
    try:
        due = day + timedelta(days=days)
        for _ in range(min(months, _MOST_MONTHS)):
            due = (due.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    except OverflowError:
        return day

    return due


def _number_of(condition: Row | None, name: str) -> int:
    return int(str((condition or {}).get(name) or 0))


def _siblings(books: Books, term: Row) -> list[Row]:
    rows = terms_of(books, term["TransactionEntryID"])
    same = [row for row in rows if row.get("TransactionID") == term.get("TransactionID")]
    return [row for row in same if row["ID"] != term["ID"]]


def _add_sibling(books: Books, term: Row, values: Mapping[str, Value]) -> Row:
    own = ("ID", "EntryID", "Timestamp", "Created", "Modified", "_HID")
    return add_term(books, {name: value for name, value in term.items() if name not in own} | dict(values))


def _sized(term: Row, amount: Decimal) -> dict[str, Decimal]:
    return {"AmountFC": amount, "AmountDC": to_cents(amount * amount_of(term, "RateFC"))}


def _describe(entry: Row) -> dict[str, Value]:
    same = (
        "Currency",
        "EntryNumber",
        "InvoiceNumber",
        "Journal",
        "YourRef",
        "PaymentReference",
        "PaymentCondition",
        "Description",
        "Document",
        "OrderNumber",
        "EntryDate",
    )

    return {name: entry.get(name) for name in same} | {
        "Account": entry["Customer"],
        "InvoiceDate": entry["EntryDate"],
        "RateFC": entry["Rate"],
        "TransactionEntryID": entry["EntryID"],
        "TransactionType": entry["Type"],
        "TransactionAmountFC": entry["AmountFC"],
        "TransactionAmountDC": entry["AmountDC"],
        "TransactionReportingYear": entry["ReportingYear"],
        "TransactionReportingPeriod": entry["ReportingPeriod"],
    }


def _instalments(books: Books, entry: Row) -> list[dict[str, Value]]:
    total = amount_of(entry, "AmountFC")
    own = amount_of(entry, "AmountDC")
    if not total:
        return []

    condition = books["PaymentConditions"].first("Code", entry.get("PaymentCondition"))
    plan = str((condition or {}).get("_Instalments") or "")
    parts: list[tuple[Value, Decimal, Decimal]] = []
    left = total
    own_left = own

    # "0.5@14;0.5@30": half after 14 days; the last one takes what is left, at the due date.
    for piece in plan.split(";")[:-1]:
        share, _, days = piece.partition("@")
        part = to_cents(total * Decimal(share))
        own_part = to_cents(own * Decimal(share))
        parts.append((_days_after(entry["EntryDate"], int(days)), part, own_part))
        left = left - part
        own_left = own_left - own_part

    parts.append((entry.get("DueDate"), left, own_left))
    return [
        {
            "DueDate": due,
            "AmountFC": -part,
            "AmountDC": -own_part,
            "TransactionID": guid_of("posting", entry["EntryID"], place),
        }
        for place, (due, part, own_part) in enumerate(parts)
    ]


def _days_after(day: Value, days: int) -> Value:
    try:
        return day + timedelta(days=days) if isinstance(day, datetime) else day
    except OverflowError:
        return day
