"""Settling an invoice without money: by a credit note, a payment discount or a write-off."""

from datetime import datetime
from decimal import Decimal

from portal.sandbox.exact.entries import create_entry
from portal.sandbox.exact.matching import Allocation, Matching
from portal.sandbox.exact.money import amount_of, to_cents
from portal.sandbox.exact.receipts import record_matching
from portal.sandbox.exact.store import Books, Row, Value

KINDS = ("credit", "discount", "writeoff", "exchange")


def settle_entry(
    books: Books,
    entry: Row,
    kind: str,
    amount: Decimal,
    day: datetime,
    split: str,
    credit: Row | None = None,
) -> Matching:
    """Settle a part of an entry. A credit note is made unless one is given."""
    allocations = [Allocation(str(entry["EntryID"]), amount)]
    if kind == "credit":
        credit = credit or _create_credit(books, entry, amount, day)
        allocations.append(Allocation(str(credit["EntryID"]), -amount))
    return record_matching(books, kind, day, amount, split, allocations)


def _create_credit(books: Books, entry: Row, amount: Decimal, day: datetime) -> Row:
    line = books["SalesEntryLines"].where("EntryID", entry["EntryID"])[0]
    net = to_cents(amount / (1 + amount_of(line, "VATPercentage")))
    header: dict[str, Value] = {
        "Customer": entry["Customer"],
        "Journal": entry["Journal"],
        "Currency": entry["Currency"],
        "EntryDate": day,
        "Description": f"Credit {entry['InvoiceNumber']}",
    }

    credited: dict[str, Value] = {
        "GLAccount": line["GLAccount"],
        "VATCode": line.get("VATCode"),
        "CostCenter": line.get("CostCenter"),
        "CostUnit": line.get("CostUnit"),
        "AmountFC": -net,
        "VATAmountFC": net - amount,
    }

    return create_entry(books, "en", header, [credited])
