"""The kept counts of both books: what is open by due date, how late invoices are paid, net and VAT."""

from sqlalchemy import ColumnElement, case
from sqlalchemy.orm import InstrumentedAttribute

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


def _vat_of(
    name: str,
    currency: InstrumentedAttribute[str],
    gross: InstrumentedAttribute[int | None],
    vat: InstrumentedAttribute[int | None],
    here: ColumnElement[bool],
) -> Tally:
    """Declare what one side of a journal adds up to."""
    return Tally(
        name,
        ComparedRow,
        keys={
            "month": ComparedRow.month,
            "subsidiary_id": ComparedRow.subsidiary_id,
            "journal": ComparedRow.journal,
            "currency": currency,
        },
        # Where a document's VAT is not known, it counts as unknown.
        sums={"gross": gross, "vat": vat, "unknown": case((vat.is_(None), 1), else_=0)},
        where=(here, gross.is_not(None)),
        indexes=OF_MONTH,
    )


OUR_VAT = _vat_of("our_vat", ComparedRow.currency, ComparedRow.ours, ComparedRow.ours_vat, OURS_HERE)
THEIR_VAT = _vat_of(
    "their_vat", ComparedRow.their_currency, ComparedRow.theirs, ComparedRow.theirs_vat, THEIRS_HERE
)
