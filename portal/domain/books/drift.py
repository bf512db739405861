"""What somebody changed in Exact after a copy: the entry as it was booked against the entry as it is now."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence

from portal.domain.booking.catalogue import shown
from portal.domain.booking.sales_entry import BookedEntry, SalesEntry
from portal.domain.books.states import Why
from portal.domain.copies.changes import Field, FieldChange, list_line_changes
from portal.domain.copies.differences import Scalar, content_of

# Which difference a changed field is, for filters and for totals.
KINDS = {
    Field.CUSTOMER: Why.CUSTOMER,
    Field.BOOKING_DATE: Why.DATE,
    Field.LEDGER: Why.LEDGER,
    Field.COST_CENTRE: Why.LEDGER,
    Field.NET: Why.AMOUNT,
    Field.VAT_CODE: Why.VAT,
    Field.VAT: Why.VAT,
}


def find_drift(
    now: BookedEntry, sent: SalesEntry, names: Mapping[str, str] | None = None
) -> tuple[FieldChange, ...]:
    """List what changed: ``old`` as it was booked, ``new`` as it is now."""
    # An entry whose lines were not read is compared by its header alone. What Exact fills in by itself is no
    # change: a cost centre, a due date, an exchange rate that was not sent.
    names = names or {}
    lines = list_line_changes(now.lines, sent.lines, names) if now.lines else ()
    turned = (FieldChange(each.field, each.new, each.old, each.line) for each in lines)
    kept = (each for each in turned if each.field != Field.COST_CENTRE or each.old is not None)
    return (*_each_header_change(now, sent, names), *kept)


def _each_header_change(
    now: BookedEntry, sent: SalesEntry, names: Mapping[str, str]
) -> Iterator[FieldChange]:
    pairs: Sequence[tuple[Field, Scalar, Scalar]] = (
        (Field.CUSTOMER, sent.customer_id.lower(), now.customer_id.lower()),
        (Field.JOURNAL, shown(sent.journal), shown(now.journal)),
        (Field.BOOKING_DATE, sent.entry_date, now.entry_date),
        (Field.DUE_DATE, sent.due_date or now.due_date, now.due_date),
        (Field.REFERENCE, sent.your_ref.strip() or now.your_ref.strip(), now.your_ref.strip()),
        (Field.DESCRIPTION, sent.description.strip(), now.description.strip()),
        (Field.CURRENCY, shown(sent.currency), shown(now.currency)),
    )
    for field, old, new in pairs:
        if old != new:
            yield FieldChange(field, _spell(old, names), _spell(new, names))


def _spell(value: Scalar, names: Mapping[str, str]) -> Scalar:
    return names.get(value, value) if isinstance(value, str) else value


def kinds_of(changes: Sequence[FieldChange]) -> frozenset[Why]:
    """Return which kinds of differences these changes are."""
    return frozenset(KINDS.get(change.field, Why.DETAILS) for change in changes)


def content_key(entry: BookedEntry) -> str:
    """Hash what an entry says, whatever its status."""
    # A version that was accepted is recognised by it.
    said = [
        [entry.customer_id, entry.journal, entry.entry_date, entry.due_date, entry.currency],
        [entry.your_ref, entry.description, entry.gross, entry.vat],
        sorted(content_of(line) for line in entry.lines),
    ]
    return hashlib.sha256(json.dumps(said, default=str, ensure_ascii=False).encode()).hexdigest()[:32]
