"""The bookings of the demo: a few invoices in each paid state, and some purchases that sync shows too."""

from datetime import timedelta
from decimal import Decimal

from portal.sandbox.common.former_link import long_ago
from portal.sandbox.exact.entries import create_entry
from portal.sandbox.exact.matching import SAME_ROW, Allocation
from portal.sandbox.exact.money import amount_of
from portal.sandbox.exact.receipts import record_matching
from portal.sandbox.exact.store import Books, Row, Value, guid_of
from portal.sandbox.exact.terms import add_term

# customer, days ago, net: of the invoices that another link copied long ago
_LONG_AGO = ((1, 70, "1850.00"), (4, 62, "920.50"))
# customer, reference, days ago, net, VAT code, share that was paid
_DUTCH = (
    (5, "INV-OLD-0001", 55, "3400.00", "2", "1"),
    (2, "2026-118", 40, "775.00", "2", "0.5"),
    (6, "2026-121", 33, "5000.00", "2", "0"),
    (7, "2026-124", 21, "1250.00", "7", "0"),
    (1, "2026-130", 12, "-150.00", "2", "0"),
)
_BELGIAN = (
    (1, "A-2026-011", 45, "640.00", "4", "1"),
    (2, "A-2026-014", 30, "1120.00", "4", "0"),
    (3, "A-2026-019", 18, "2300.00", "7", "0"),
)


def fill_entries(books: Books) -> None:
    """Sales entries, some of them paid, and three purchase terms."""
    if books.code == 1001:
        for number, (customer, ago, net) in zip(long_ago(books.today().date()), _LONG_AGO, strict=True):
            _book(books, customer, number, ago, net, "2")

    for customer, reference, ago, net, vat, share in _DUTCH if books.code == 1001 else _BELGIAN:
        entry = _book(books, customer, reference, ago, net, vat)
        paid = round(amount_of(entry, "AmountFC") * Decimal(share), 2)

        if paid:
            allocations = [Allocation(str(entry["EntryID"]), paid)]
            day = books.today() - timedelta(days=ago - 10)
            record_matching(books, "receipt", day, paid, SAME_ROW, allocations)

    for place in range(1, 4):
        _add_purchase_term(books, place)


def _book(books: Books, customer: int, reference: str, ago: int, net: str, vat: str) -> Row:
    header: dict[str, Value] = {
        "Customer": guid_of(books.code, "account", customer),
        "Journal": "70",
        "EntryDate": books.today() - timedelta(days=ago),
        "YourRef": reference,
        "Description": f"Factuur {reference}",
        "PaymentReference": reference,
    }

    line: dict[str, Value] = {
        "GLAccount": guid_of(books.code, "GLAccounts", "8000"),
        "AmountFC": Decimal(net),
        "VATCode": vat,
        "Description": "Werkzaamheden",
    }

    return create_entry(books, "nl", header, [line])


def _add_purchase_term(books: Books, place: int) -> None:
    day = books.today() - timedelta(days=20 * place)
    supplier = next(row for row in books["Accounts"].rows.values() if row.get("IsSupplier"))
    amount = Decimal(121) * place
    add_term(
        books,
        {
            "LineType": 22,
            "Account": supplier["ID"],
            "AmountFC": amount,
            "AmountDC": amount,
            "RateFC": Decimal(1),
            "Currency": books.currency,
            "EntryDate": day,
            "InvoiceDate": day,
            "DueDate": day + timedelta(days=30),
            "EntryNumber": 26600000 + place,
            "Journal": "60",
            "YourRef": f"PAPIER-{place}",
            "GLAccount": guid_of(books.code, "GLAccounts", "1600"),
            "TransactionAmountFC": amount,
            "TransactionAmountDC": amount,
            "TransactionEntryID": guid_of(books.code, "purchase", place),
            "TransactionID": guid_of(books.code, "purchase line", place),
            "TransactionType": 30,
        },
    )
