"""From Exact's rows to entries, receivable terms and tombstones, beside the names to select."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from portal.domain.booking.sales_entry import BookedEntry, BookedLine
from portal.domain.connections.hints import Subscription
from portal.domain.copies.strangers import HeldEntry
from portal.domain.ids import find_marker
from portal.domain.payments.terms import Term, Tombstone
from portal.domain.unreadable import Kind
from portal.exact.odata import Json, find_expanded
from portal.exact.row import Row
from portal.remote.errors import BadAnswerError
from portal.remote.odd import part

T = TypeVar("T")

RECEIVABLE = 20

LINES = "SalesEntryLines"
LINE = "ID,GLAccount,AmountFC,VATCode,VATAmountFC,Description,CostCenter,Notes"
ENTRY = (
    "EntryID,EntryNumber,InvoiceNumber,Customer,Journal,EntryDate,DueDate,YourRef,Description,Currency,"
    "AmountFC,VATAmountFC,Status,Type,Rate"
)
ENTRY_WITH_LINES = ",".join([ENTRY, *(f"{LINES}/{name}" for name in LINE.split(","))])
# What the readings of many entries ask for: also when Exact first saw them and last saw a change.
READ_ENTRY = f"Created,Modified,{ENTRY}"
READ_ENTRY_WITH_LINES = f"Created,Modified,{ENTRY_WITH_LINES}"
# What a look by number asks for: enough to name an entry and to find a marker.
HELD = "EntryID,EntryNumber,InvoiceNumber,Customer,Journal,EntryDate,YourRef,Currency,AmountFC"
HELD_WITH_NOTES = f"{HELD},{LINES}/Notes"
RECEIVED_TERM = (
    "ID,TransactionEntryID,TransactionID,TransactionType,Status,Account,AmountFC,AmountDC,TransactionAmountFC,"
    "Currency,AmountDiscountFC,LastPaymentDate,EndDate,DueDate,YourRef,InvoiceNumber,EntryNumber,Journal,"
    "IsFullyPaid,Modified"
)
TERM = f"Timestamp,LineType,{RECEIVED_TERM}"
TOMBSTONE = "Timestamp,EntityType,EntityKey"
HOOK = "ID,Topic,CallbackURL"


def parse_line(fields: Json) -> BookedLine:
    """Read a line of an entry."""
    row = Row(fields)
    return BookedLine(
        id=row.guid("ID"),
        ledger_id=row.guid("GLAccount"),
        amount=row.cents("AmountFC"),
        vat_code=row.find_text("VATCode"),
        vat_amount=row.find_cents("VATAmountFC"),
        description=row.find_text("Description") or "",
        cost_center=row.find_text("CostCenter"),
        notes=row.find_lines("Notes") or "",
    )


def find_lines(fields: Json) -> tuple[BookedLine, ...] | None:
    """Read the lines that came with an entry, None if they did not come or not all."""
    rows = find_expanded(fields.get(LINES))
    return None if rows is None else parse_lines(rows)


def parse_lines(rows: Iterable[Json]) -> tuple[BookedLine, ...]:
    """Read the lines of an entry. One that comes twice is one line."""
    found: dict[str, BookedLine] = {}
    for row in rows:
        with part(Kind.ENTRY_LINE):
            line = parse_line(row)
        found[line.id] = line
    return tuple(found.values())


def parse_entry(fields: Json, lines: tuple[BookedLine, ...] = ()) -> BookedEntry:
    """Read the header of an entry. Its lines are read apart."""
    row = Row(fields)
    return BookedEntry(
        id=row.guid("EntryID"),
        entry_number=row.integer("EntryNumber"),
        invoice_number=row.find_integer("InvoiceNumber") or None,
        customer_id=row.guid("Customer"),
        journal=row.text("Journal"),
        entry_date=row.date("EntryDate"),
        due_date=row.find_date("DueDate"),
        your_ref=row.find_text("YourRef") or "",
        description=row.find_text("Description") or "",
        currency=row.text("Currency").strip(),
        gross=row.cents("AmountFC"),
        vat=row.find_cents("VATAmountFC"),
        status=row.integer("Status"),
        type=row.integer("Type"),
        lines=lines,
        rate=row.find_decimal("Rate"),
        created=row.find_moment("Created"),
        modified=row.find_moment("Modified"),
    )


def parse_held(fields: Json) -> HeldEntry:
    """Read an entry that stands under a number. Only its keys must be readable."""
    row = Row(fields)
    return HeldEntry(
        id=row.guid("EntryID"),
        entry_number=row.integer("EntryNumber"),
        your_ref=_if_readable(row.find_text, "YourRef") or "",
        journal=_if_readable(row.find_text, "Journal") or "",
        entry_date=_if_readable(row.find_date, "EntryDate"),
        customer_id=_if_readable(row.find_guid, "Customer"),
        currency=(_if_readable(row.find_text, "Currency") or "").strip(),
        gross=_if_readable(row.cents, "AmountFC"),
        markers=_find_markers(fields),
        invoice_number=_if_readable(row.find_integer, "InvoiceNumber") or None,
    )


def _if_readable(read: Callable[[str], T | None], name: str) -> T | None:
    try:
        return read(name)
    except BadAnswerError:
        return None


def _find_markers(fields: Json) -> tuple[str, ...]:
    """Return the markers in the notes of the lines that came along."""
    rows = find_expanded(fields.get(LINES)) or ()
    found = {find_marker(_if_readable(Row(each).find_text, "Notes")) for each in rows}
    return tuple(sorted(marker for marker in found if marker))


def parse_key(fields: Json, name: str) -> str:
    """Read only the key of what was created."""
    return Row(fields).guid(name)


def is_payable(fields: Json) -> bool:
    """Say whether a payment term is certainly to be paid, so that it is none of ours."""
    try:
        kind = Row(fields).find_integer("LineType")
    except BadAnswerError:
        return False
    return kind not in (None, RECEIVABLE)


def parse_synced_term(fields: Json) -> Term:
    """Read a receivable term from the feed of changes."""
    row = Row(fields)
    row.integer("LineType")
    return parse_term(fields, timestamp=row.place("Timestamp"))


def parse_term(fields: Json, *, timestamp: int = 0) -> Term:
    """Read a receivable term. Its amount keeps Exact's sign."""
    row = Row(fields)
    return Term(
        id=row.guid("ID"),
        timestamp=timestamp,
        entry_id=row.find_guid("TransactionEntryID") or "",
        transaction_id=row.find_guid("TransactionID") or "",
        transaction_type=row.find_integer("TransactionType") or 0,
        line_type=RECEIVABLE,
        status=row.integer("Status"),
        account_id=row.find_guid("Account") or "",
        amount=row.cents("AmountFC"),
        amount_dc=row.find_cents("AmountDC"),
        transaction_amount=row.find_cents("TransactionAmountFC"),
        currency=(row.find_text("Currency") or "").strip(),
        discount=row.find_cents("AmountDiscountFC"),
        last_payment_on=row.find_date("LastPaymentDate"),
        ended_on=row.find_date("EndDate"),
        due_on=row.find_date("DueDate"),
        your_ref=row.find_text("YourRef") or "",
        invoice_number=row.find_integer("InvoiceNumber"),
        entry_number=row.find_integer("EntryNumber"),
        journal=row.find_text("Journal") or "",
        fully_paid=row.flag("IsFullyPaid"),
        modified=row.find_moment("Modified"),
    )


def parse_tombstone(fields: Json) -> Tombstone:
    """Read what vanished."""
    row = Row(fields)
    return Tombstone(row.place("Timestamp"), row.integer("EntityType"), row.guid("EntityKey"))


def parse_hook(fields: Json) -> Subscription:
    """Read a webhook that Exact sends."""
    row = Row(fields)
    return Subscription(row.guid("ID"), row.text("Topic"), row.text("CallbackURL"))
