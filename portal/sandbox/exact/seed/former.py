"""What another link booked before: the entries of the invoices that Productive's demo marks as exported."""

from datetime import date, timedelta
from decimal import Decimal

from portal.sandbox.common.doors import Backstage
from portal.sandbox.common.former_link import entry_of
from portal.sandbox.common.limits import Limits
from portal.sandbox.exact.entries import create_entry
from portal.sandbox.exact.matching import SAME_ROW, Allocation
from portal.sandbox.exact.money import amount_of
from portal.sandbox.exact.receipts import record_matching
from portal.sandbox.exact.store import Books, Row, Value, midnight
from portal.sandbox.productive.demo import fill_with_demo
from portal.sandbox.productive.rows import Invoice, LineItem
from portal.sandbox.productive.state import Sandbox

JOURNAL = "70"
# Whose entries do not say what the invoice says, by their place: the newest is the first.
MISSING = (28,)
OTHER_TOTAL = {16: Decimal("125.00"), 32: Decimal("-50.00")}
OTHER_CUSTOMER = {10: "Hotel De Vijverhof B.V.", 22: "Wijnhandel Bacchus B.V."}
# The older ones were paid meanwhile.
PAID_FROM = 22


def fill_former(books: Books) -> None:
    """Book the entries, and receive what was paid on them."""
    productive = Sandbox(Backstage(books.clock, Limits(1, 1)), fill_with_demo)
    tables = productive.tables
    former = [one for one in tables.invoices.values() if one.number and one.export_id == entry_of(one.number)]

    newest = max(one.id for one in former)
    for invoice in former:
        place = newest - invoice.id
        if place in MISSING:
            continue

        name = OTHER_CUSTOMER.get(place, tables.companies[invoice.company_id].name)
        lines = [tables.line_items[id_] for id_ in invoice.lines]
        entry = _book(books, invoice, lines, name, OTHER_TOTAL.get(place, Decimal(0)))
        if place >= PAID_FROM:
            _receive(books, entry)


def _book(books: Books, invoice: Invoice, lines: list[LineItem], name: str, more: Decimal) -> Row:
    customer = books["Accounts"].first("Name", name)
    header: dict[str, Value] = {
        "_EntryID": entry_of(str(invoice.number)),
        "Customer": customer["ID"] if customer else None,
        "Journal": JOURNAL,
        "EntryDate": midnight(date.fromisoformat(str(invoice.invoiced_on))),
        "YourRef": invoice.number,
        "Description": str(invoice.subject)[:60],
        "PaymentReference": invoice.number,
    }
    rows = [_line(books, line) for line in lines]
    rows[0]["AmountFC"] = amount_of(rows[0], "AmountFC") + more
    if more:
        del rows[0]["VATAmountFC"]

    return create_entry(books, "nl", header, [*rows])


def _line(books: Books, line: LineItem) -> dict[str, Value]:
    ledger = books["GLAccounts"].first("Code", "8000")
    return {
        "GLAccount": ledger["ID"] if ledger else None,
        "AmountFC": Decimal(line.amount) / 100,
        "VATAmountFC": Decimal(line.amount_tax) / 100,
        "VATCode": "2",
        "Description": line.description,
    }


def _receive(books: Books, entry: Row) -> None:
    amount = amount_of(entry, "AmountFC")
    paid_on = midnight(date.fromisoformat(str(entry["EntryDate"])[:10]) + timedelta(days=14))
    allocations = [Allocation(str(entry["EntryID"]), amount)]
    record_matching(books, "receipt", min(paid_on, books.today()), amount, SAME_ROW, allocations)
