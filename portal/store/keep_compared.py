"""Bring the kept comparison, and what its months add up to, to what was compared."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from sqlalchemy import and_, delete, insert, select, tuple_, update
from sqlalchemy.orm import Session

from portal.domain.books.states import Part
from portal.store.base import insert_or, table_of
from portal.store.book_sums import SUMMED, ComparedTotalRow
from portal.store.comparing import Key
from portal.store.pulse import note_written
from portal.store.reconciliation import COMPARED, ComparedRow

Fields = Mapping[str, Any]


class Place(NamedTuple):
    """Where a row is added up."""

    subsidiary_id: str
    month: str
    journal: str
    currency: str


# What each place adds up to, by the names of ``SUMMED``.
Sums = dict[Place, Counter[str]]


def replace_rows(
    session: Session, where: Any, fresh: dict[str, dict[str, Any]]
) -> tuple[set[tuple[str, str]], set[Key]]:
    """Bring the kept rows to what was compared, and return the months and entries that it touched."""
    old = {row.key: row._asdict() for row in session.execute(select(*COMPARED).where(where))}
    months = {(row["subsidiary_id"], row["month"]) for row in (*old.values(), *fresh.values())}
    entries = {
        (row["connection_id"], row["entry_id"])
        for row in old.values()
        if row["entry_id"] and row["connection_id"]
    }

    gone = sorted(old.keys() - fresh.keys())
    new = [fields for key, fields in fresh.items() if key not in old]
    changed = [fields for key, fields in fresh.items() if key in old and old[key] != fields]
    if gone:
        session.execute(delete(ComparedRow).where(ComparedRow.key.in_(gone)))

    # By the table, for all of them are written by one statement then.
    if new:
        session.execute(insert(table_of(ComparedRow)), new)
        note_written(session)

    if changed:
        session.execute(update(ComparedRow), changed)

    before = [old[key] for key in (*gone, *(fields["key"] for fields in changed))]
    add_to_totals(session, add_up((*new, *changed), less=before))
    return months, entries


def add_up(rows: Iterable[Fields], *, less: Iterable[Fields] = ()) -> Sums:
    """Return what some rows add to the totals of their places, less what others did."""
    sums: Sums = {}
    for each, sign in ((rows, 1), (less, -1)):
        for row in each:
            _add(sums, row, sign)

    return sums


def _add(sums: Sums, row: Fields, sign: int) -> None:
    # A row is counted once, in its own currency: Productive's where it has one.
    here = (row["subsidiary_id"], row["month"], row["journal"])
    ours = sums.setdefault(Place(*here, row["currency"]), Counter())
    ours[row["verdict"]] += sign
    if row["part"] != Part.THEIRS and row["ours"] is not None:
        ours["ours"] += sign * row["ours"]
        ours["ours_count"] += sign

    if row["part"] != Part.OURS and row["theirs"] is not None:
        theirs = sums.setdefault(Place(*here, row["their_currency"]), Counter())
        theirs["theirs"] += sign * row["theirs"]
        theirs["theirs_count"] += sign


def add_to_totals(session: Session, sums: Sums) -> None:
    """Add to the totals of some places. A place of no row at all is forgotten. Commits nothing."""
    added = {place: each for place, each in sums.items() if any(each.values())}
    if not added:
        return

    rows = [place._asdict() | {name: added[place][name] for name in SUMMED} for place in sorted(added)]
    new = insert_or(session, ComparedTotalRow).values(rows)
    columns = {name: getattr(ComparedTotalRow, name) + getattr(new.excluded, name) for name in SUMMED}
    session.execute(new.on_conflict_do_update(index_elements=list(Place._fields), set_=columns))
    _forget_empty(session, added)


def _forget_empty(session: Session, places: Iterable[Place]) -> None:
    """Forget places that have no rows any more."""
    key = tuple_(*(getattr(ComparedTotalRow, name) for name in Place._fields))
    empty = and_(*(getattr(ComparedTotalRow, name) == 0 for name in SUMMED))
    session.execute(delete(ComparedTotalRow).where(key.in_([tuple(place) for place in places]), empty))


def find_wrong_totals(session: Session) -> Sums:
    """Return what lacks in the totals of each place, which is nothing where all are right."""
    columns = [getattr(ComparedRow, name) for name in _NEEDED]
    rows = session.execute(select(*columns).execution_options(yield_per=5000))
    wrong = add_up(dict(zip(_NEEDED, row, strict=True)) for row in rows)

    # As the database has them, whatever this session read before.
    kept = [getattr(ComparedTotalRow, name) for name in (*Place._fields, *SUMMED)]
    for row in session.execute(select(*kept)):
        lacking = wrong.setdefault(Place(*row[:4]), Counter())
        for name, amount in zip(SUMMED, row[4:], strict=True):
            lacking[name] -= amount

    return {place: each for place, each in wrong.items() if any(each.values())}


_NEEDED = (
    "subsidiary_id",
    "month",
    "journal",
    "currency",
    "their_currency",
    "part",
    "verdict",
    "ours",
    "theirs",
)
