"""Compare both books anew wherever something changed."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portal.actions.books.being_read import not_being_read
from portal.actions.books.invoice_rows import each_row
from portal.actions.books.strangers import compare_strangers
from portal.actions.engine.desk import Clock
from portal.actions.engine.lanes import hold_lane
from portal.actions.engine.turn import transaction
from portal.store.book_moment import move_on
from portal.store.comparing import (
    Key,
    entries_numbered_as,
    invoices_of_entries,
    marked_alike,
    read_sources,
    spread_subsidiaries,
)
from portal.store.connections import ConnectionRow
from portal.store.keep_compared import replace_rows
from portal.store.receivables import keep_open
from portal.store.reconciliation import ComparedRow
from portal.store.sign_offs import count_again
from portal.store.stale import ENTRY, INVOICE, MONTH, SUBSIDIARY, StaleRow

LANE = "compare-books"
AT_ONCE = 400
# So many notes become visible together. More would keep others from writing for too long.
WHOLE = 2000


def compare_books(session: Session, *, clock: Clock) -> int:
    """Compare what is stale, and return how many notes that were.

    What is being read from Exact waits until its reading has ended, so that no half of it is shown.
    """
    done = 0
    with hold_lane(session, LANE, clock) as held:
        while held and (count := _compare_some(session, clock())):
            done += count
    return done


def compare_now(session: Session, row: ComparedRow, *, clock: Clock) -> None:
    """Compare one row at once, as where a person decided about it."""
    ids = [row.invoice_id] if row.invoice_id else []
    keys = {(row.connection_id or 0, row.entry_id or "")}

    with hold_lane(session, LANE, clock) as held:
        if held:
            with transaction(session):
                months = compare_invoices(session, ids) if ids else compare_strangers(session, keys)
                _publish(session, months, clock())


def _compare_some(session: Session, now: datetime) -> int:
    """Work off the oldest notes in one transaction, and return how many."""
    with transaction(session):
        columns = (StaleRow.id, StaleRow.kind, StaleRow.subject, StaleRow.connection_id)
        query = select(*columns).where(*not_being_read(session, now)).order_by(StaleRow.id)
        notes = session.execute(query.limit(WHOLE)).all()
        if notes:
            _work_off(session, notes, now)

    return len(notes)


def _work_off(session: Session, notes: Sequence[Any], now: datetime) -> None:
    # First of all, for SQLite gives the ids of what was deleted to what is noted next.
    session.execute(delete(StaleRow).where(StaleRow.id.in_([note.id for note in notes])))
    spread = {note.subject for note in notes if note.kind == SUBSIDIARY}
    spread_subsidiaries(session, spread)
    keys = {(note.connection_id or 0, note.subject) for note in notes if note.kind == ENTRY}
    invoices = {note.subject for note in notes if note.kind == INVOICE}
    of_entries = invoices_of_entries(session, keys) if keys else {}
    months = set()
    every_id = sorted(invoices.union(*of_entries.values()))
    for at in range(0, len(every_id), AT_ONCE):
        months |= compare_invoices(session, every_id[at : at + AT_ONCE])

    if keys:
        months |= compare_strangers(session, keys)

    paid = {(note.connection_id or 0, note.subject) for note in notes if note.kind == MONTH}
    among = spread | _subsidiaries_of(session, {connection_id for connection_id, _ in keys | paid})
    _publish(session, months, now, among=among)
    count_again(session, months | _months_of(session, paid))


def _publish(
    session: Session, months: set[tuple[str, str]], now: datetime, *, among: Iterable[str] = ()
) -> None:
    """Bring open receivables to what was compared, with the moment of all of it."""
    keep_open(session, {subsidiary_id for subsidiary_id, _ in months}.union(among))
    move_on(session, now)


def _subsidiaries_of(session: Session, connections: set[int]) -> set[str]:
    query = select(ConnectionRow.subsidiary_id).where(ConnectionRow.id.in_(connections))
    return set(session.scalars(query)) if connections else set()


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
