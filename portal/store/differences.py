"""The kept count of what both books differ in by month, besides what other lines of Overview tell."""

from sqlalchemy import ColumnElement, and_, case, func, or_

from portal.domain.books.states import Part, Why
from portal.store.reconciliation import ComparedRow
from portal.store.tallies import Tally, month_of

# Other lines of the page tell these: what is not in Exact yet, and what changed since it was copied.
TOLD_ELSEWHERE = (
    Why.NOT_COPIED,
    Why.ON_ITS_WAY,
    Why.UNCERTAIN,
    Why.REFUSED,
    Why.UNDONE,
    Why.NOT_CONNECTED,
    Why.CHANGED,
)


def is_difference() -> ColumnElement[bool]:
    """Choose the rows in which both books differ, besides what other lines of the page tell."""
    told = [f",{code}," for code in TOLD_ELSEWHERE]
    return and_(ComparedRow.differs.is_(True), ComparedRow.codes.not_in(told))


# Where Productive holds nothing of it, Exact's currency counts.
CURRENCY = case(
    (or_(ComparedRow.part == Part.THEIRS, ComparedRow.ours.is_(None)), ComparedRow.their_currency),
    else_=ComparedRow.currency,
)
# Exact minus Productive, as it counts in this month.
OURS = case((ComparedRow.part == Part.THEIRS, 0), else_=func.coalesce(ComparedRow.ours, 0))
THEIRS = case((ComparedRow.part == Part.OURS, 0), else_=func.coalesce(ComparedRow.theirs, 0))

DIFFERENCES = Tally(
    "difference",
    ComparedRow,
    keys={
        "subsidiary_id": ComparedRow.subsidiary_id,
        "month": month_of(ComparedRow.day),
        "currency": CURRENCY,
    },
    sums={"amount": THEIRS - OURS},
    where=(is_difference(),),
    indexes=[("month", "subsidiary_id")],
)
