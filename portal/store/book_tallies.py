"""The kept counts of both books: what is open by due date, how late invoices are paid, net and VAT."""

from sqlalchemy import case

from portal.domain.books.aging import DELAYS
from portal.domain.books.states import Part
from portal.store.reconciliation import ComparedRow
from portal.store.tallies import Tally

# Both sides of a row count in its month, unless one of them counts in another.
OURS_HERE = ComparedRow.part != Part.THEIRS
THEIRS_HERE = ComparedRow.part != Part.OURS
OF_MONTH = [("month", "subsidiary_id")]

# What is open in Productive, by due date.
OUR_OPEN = Tally(
    "our_open",
    ComparedRow,
    keys={
        "subsidiary_id": ComparedRow.subsidiary_id,
        "currency": ComparedRow.currency,
        "due_on": ComparedRow.due_on,
    },
    sums={"amount": ComparedRow.ours_open},
    where=(OURS_HERE, ComparedRow.ours_open != 0),
)

# How many days after the due date invoices were paid, by the classes of the chart.
_late = ComparedRow.days_late
_DELAY = case(
    *((_late <= span.last, span.code) for span in DELAYS if span.last is not None), else_=DELAYS[-1].code
)
PAID_LATE = Tally(
    "paid_late",
    ComparedRow,
    keys={"month": ComparedRow.month, "subsidiary_id": ComparedRow.subsidiary_id, "delay": _DELAY},
    sums={},
    where=(OURS_HERE, _late.is_not(None)),
    indexes=OF_MONTH,
)

# What each side of a journal adds up to. Where a document's VAT is not known, it counts as unknown.
OUR_VAT = Tally(
    "our_vat",
    ComparedRow,
    keys={
        "month": ComparedRow.month,
        "subsidiary_id": ComparedRow.subsidiary_id,
        "journal": ComparedRow.journal,
        "currency": ComparedRow.currency,
    },
    sums={
        "gross": ComparedRow.ours,
        "vat": ComparedRow.ours_vat,
        "unknown": case((ComparedRow.ours_vat.is_(None), 1), else_=0),
    },
    where=(OURS_HERE, ComparedRow.ours.is_not(None)),
    indexes=OF_MONTH,
)
THEIR_VAT = Tally(
    "their_vat",
    ComparedRow,
    keys={
        "month": ComparedRow.month,
        "subsidiary_id": ComparedRow.subsidiary_id,
        "journal": ComparedRow.journal,
        "currency": ComparedRow.their_currency,
    },
    sums={
        "gross": ComparedRow.theirs,
        "vat": ComparedRow.theirs_vat,
        "unknown": case((ComparedRow.theirs_vat.is_(None), 1), else_=0),
    },
    where=(THEIRS_HERE, ComparedRow.theirs.is_not(None)),
    indexes=OF_MONTH,
)
