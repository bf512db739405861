"""What cannot be read, in sentences: which record it is, what is odd about it, and what to do."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.domain.unreadable import Fault, Kind, Reason, has_key
from portal.extensions import db
from portal.store.unreadable import PRODUCTIVE, UnreadableRow, is_within, open_for
from portal.web.common.access import subsidiary_scope
from portal.web.common.frame import places, singles

NAMES = {
    Kind.INVOICE: _l("Invoice"),
    Kind.LINE: _l("Line"),
    Kind.COMPANY: _l("Company"),
    Kind.BUYER: _l("Buyer"),
    Kind.PAYMENT: _l("Payment"),
    Kind.SUBSIDIARY: _l("Subsidiary"),
    Kind.SERVICE_TYPE: _l("Service type"),
    Kind.TAX_RATE: _l("Tax rate"),
    Kind.DIVISION: _l("Division"),
    Kind.CUSTOMER: _l("Customer"),
    Kind.LEDGER: _l("Ledger"),
    Kind.JOURNAL: _l("Journal"),
    Kind.VAT_CODE: _l("VAT code"),
    Kind.VAT_PERCENTAGE: _l("VAT percentage"),
    Kind.PERIOD: _l("Financial period"),
    Kind.CURRENCY: _l("Currency"),
    Kind.PAYMENT_CONDITION: _l("Payment condition"),
    Kind.COST_CENTER: _l("Cost centre"),
    Kind.TERM: _l("Receivable term"),
    Kind.TOMBSTONE: _l("Deleted record"),
    Kind.ENTRY: _l("Sales entry"),
    Kind.ENTRY_LINE: _l("Entry line"),
}

# What people call the fields. A field that is not here is called as the other system calls it.
FIELDS = {
    "invoiced_on": _l("invoice date"),
    "pay_on": _l("due date"),
    "sent_on": _l("sent date"),
    "finalized_on": _l("date on which it was finalised"),
    "unit_price": _l("unit price"),
    "amount": _l("net amount"),
    "amount_tax": _l("VAT amount"),
    "amount_with_tax": _l("total"),
    "amount_paid": _l("paid amount"),
    "amount_unpaid": _l("open amount"),
    "amount_written_off": _l("written-off amount"),
    "last_activity_at": _l("time of the last change"),
    "paid_on": _l("payment date"),
    "AmountFC": _l("amount"),
    "VATAmountFC": _l("VAT amount"),
    "AmountDC": _l("amount in the division's currency"),
    "TransactionAmountFC": _l("amount of the transaction"),
    "ID": _l("key"),
    "EntryID": _l("key"),
    "EntityKey": _l("key of what was deleted"),
    "EntityType": _l("kind of what was deleted"),
    "Timestamp": _l("version number"),
    "GLAccount": _l("ledger"),
    "EntryDate": _l("booking date"),
    "DueDate": _l("due date"),
    "EndDate": _l("end date"),
    "StartDate": _l("start date"),
    "LastPaymentDate": _l("date of the last payment"),
    "TransactionEntryID": _l("key of its entry"),
    "VATNumber": _l("VAT number"),
    "LineType": _l("kind of line"),
}

SENTENCES = {
    Reason.MISSING: _l("The %(field)s is missing."),
    Reason.NO_TEXT: _l("The %(field)s is “%(value)s”, which is no text."),
    Reason.NO_DATE: _l("The %(field)s is “%(value)s”, which is no date."),
    Reason.NO_NUMBER: _l("The %(field)s is “%(value)s”, which is no number."),
    Reason.NO_WHOLE_NUMBER: _l("The %(field)s is “%(value)s”, which is no whole number."),
    Reason.NO_CENTS: _l("The %(field)s is “%(value)s”, which is no amount in whole cents."),
    Reason.NO_KEY: _l("The %(field)s is “%(value)s”, which is no key."),
    Reason.NO_CHOICE: _l("The %(field)s is “%(value)s”, which is neither yes nor no."),
    Reason.TOO_LARGE: _l("The %(field)s is “%(value)s”, which is larger than any real amount or number."),
    Reason.TOO_LONG: _l("The %(field)s is longer than can be kept: “%(value)s”."),
    Reason.LEFT_OUT: _l("The %(field)s was not sent along."),
    Reason.NO_RECORD: _l("What was sent is no such record."),
}


@dataclass(frozen=True, slots=True)
class ShownRecord:
    """One record that cannot be read, as people read of it."""

    row: UnreadableRow
    title: str
    why: str
    todo: str


def show_unreadable(rows: Sequence[UnreadableRow]) -> list[ShownRecord]:
    """Say of each record which it is and what is odd about it."""
    return [_show(row) for row in rows]


def _show(row: UnreadableRow) -> ShownRecord:
    own = row.connection_id == PRODUCTIVE
    todo = _("Correct it in Productive.") if own else _("Correct it in Exact.")
    return ShownRecord(row, title_of(row), say_fault(row.record().fault), todo)


def unreadable_of(*kinds: Kind) -> list[ShownRecord]:
    """Return what of some kinds cannot be read and the person may see."""
    if not singles().has_unreadable:
        return []
    return show_unreadable(open_for(db.session(), subsidiary_scope(), kinds))


def show_within(rows: Sequence[UnreadableRow]) -> list[ShownRecord]:
    """Show of these records those that the person may see, by kind, oldest first."""
    scope = subsidiary_scope()
    live = {connection.id for connection in places().live(scope)}
    seen = [row for row in rows if is_within(row, scope, live)]
    return show_unreadable(sorted(seen, key=lambda row: (row.connection_id, row.kind, row.first_seen)))


def title_of(row: UnreadableRow) -> str:
    """Name a record by its number, else by its id."""
    known = row.number or (row.remote_id if has_key(row.remote_id) else _("without a number"))
    return f"{NAMES[Kind(row.kind)]} {known}"


def say_fault(fault: Fault) -> str:
    """Say what is odd about a value, and in which part it stands."""
    field = str(FIELDS.get(fault.field) or fault.field.replace("_", " "))
    said = str(SENTENCES[fault.reason]) % {"field": field, "value": fault.value}
    if fault.part is None:
        return said

    name = str(NAMES[fault.part])
    if not fault.part_name:
        return str(_("%(part)s: %(said)s", part=name, said=said))
    return str(_("%(part)s “%(name)s”: %(said)s", part=name, name=fault.part_name, said=said))
