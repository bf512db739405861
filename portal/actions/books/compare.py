"""Compare both books anew wherever something changed."""

from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portal.actions.books.invoice_rows import each_row
from portal.actions.books.strangers import compare_strangers
from portal.actions.engine.desk import Clock
from portal.actions.engine.lanes import hold_lane
from portal.store.book_sums import sum_months
from portal.store.comparing import (
    Key,
    entries_numbered_as,
    invoices_of_entries,
    marked_alike,
    read_sources,
    spread_subsidiaries,
)
from portal.store.connections import ConnectionRow
from portal.store.reconciliation import ComparedRow, replace_rows
from portal.store.sign_offs import count_again
from portal.store.stale import ENTRY, INVOICE, MONTH, SUBSIDIARY, StaleRow

LANE = "compare-books"
AT_ONCE = 400


def compare_books(session: Session, *, clock: Clock) -> int:
    """Compare what is stale, and return how many notes that were."""
    done = 0
    with hold_lane(session, LANE, clock) as held:
        while held and (count := _compare_some(session)):
            done += count
    return done


def _compare_some(session: Session) -> int:
    """Work off the oldest notes, and return how many."""
    columns = (StaleRow.id, StaleRow.kind, StaleRow.subject, StaleRow.connection_id)
    notes = session.execute(select(*columns).order_by(StaleRow.id).limit(AT_ONCE)).all()
    # First of all, for SQLite gives the ids of what was deleted to what is noted next.
    session.execute(delete(StaleRow).where(StaleRow.id.in_([note.id for note in notes])))
    spread_subsidiaries(session, [note.subject for note in notes if note.kind == SUBSIDIARY])
    keys = {(note.connection_id or 0, note.subject) for note in notes if note.kind == ENTRY}
    invoices = {note.subject for note in notes if note.kind == INVOICE}
    of_entries = invoices_of_entries(session, keys) if keys else {}
    months = set()
    every_id = sorted(invoices.union(*of_entries.values()))
    for at in range(0, len(every_id), AT_ONCE):
        months |= compare_invoices(session, every_id[at : at + AT_ONCE])

    if keys:
        months |= compare_strangers(session, keys)

    sum_months(session, months)
    paid = {(note.connection_id or 0, note.subject) for note in notes if note.kind == MONTH}
    count_again(session, months | _months_of(session, paid))
    session.commit()
    return len(notes)


def _months_of(session: Session, asked: set[tuple[int, str]]) -> set[tuple[str, str]]:
    """Turn months of connections into months of their subsidiaries."""
    if not asked:
        return set()

    columns = (ConnectionRow.id, ConnectionRow.subsidiary_id)
    query = select(*columns).where(ConnectionRow.id.in_([connection_id for connection_id, _ in asked]))
    names = {row[0]: row[1] for row in session.execute(query)}
    return {(names[connection_id], month) for connection_id, month in asked if connection_id in names}


def compare_invoices(session: Session, ids: Sequence[str]) -> set[tuple[str, str]]:
    """Compare some invoices, and return the months whose sums changed."""
    sources = read_sources(session, ids)
    fresh = {row["key"]: row for invoice in sources.invoices for row in each_row(sources, invoice)}
    months, theirs = replace_rows(session, ComparedRow.invoice_id.in_(ids), fresh)
    # An entry that was compared with one of these stands for itself again, or no longer does.
    theirs |= {(row["connection_id"], row["entry_id"]) for row in fresh.values() if row["entry_id"]}
    theirs |= _stranded(session, ids)

    return months | compare_strangers(session, theirs)


def _stranded(session: Session, ids: Sequence[str]) -> set[Key]:
    """Return the entries beside these invoices' own, whose reason may be another one now."""
    marked = marked_alike(session, ids)
    return marked | entries_numbered_as(session, ids)
