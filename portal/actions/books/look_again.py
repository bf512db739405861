"""Look again at entries that nothing else tells of: vanished ones, twins, unreadable ones."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from portal.actions.books.ask_for_entry import ask_for_entry
from portal.actions.engine.desk import Clock
from portal.actions.engine.ports import Ledger
from portal.actions.engine.turn import let_go
from portal.domain.books.states import Why
from portal.domain.unreadable import Kind, has_key
from portal.store.copies import CopyRow
from portal.store.entries import (
    EntryRow,
)
from portal.store.invoices import InvoiceRow
from portal.store.reconciliation import ComparedRow
from portal.store.terms import TermRow
from portal.store.unreadable import end_keyless, open_of

# Entries without lines that are read one by one at a time.
MOST_SUSPECTS = 20


MOST_AGAIN = 3


def look_at_twins(session: Session, ledger: Ledger, connection_id: int, clock: Clock) -> None:
    """Ask for the entries that a repeated request left, so that each ends once it is deleted."""
    marked = ComparedRow.codes == f",{Why.TWIN},"
    query = (
        select(EntryRow.id)
        .join(ComparedRow, ComparedRow.entry_id == EntryRow.id)
        .where(EntryRow.connection_id == connection_id, marked, EntryRow.gone_at.is_(None))
        .order_by(EntryRow.read_at)
    )

    twins = session.scalars(query.limit(MOST_SUSPECTS)).all()
    let_go(session)
    for entry_id in twins:
        ask_for_entry(session, ledger, connection_id, entry_id, clock)


def read_markers(session: Session, ledger: Ledger, connection_id: int, clock: Clock) -> None:
    """Read the lines of what stands beside an entry of ours, where Exact gave none along with entries."""
    owner = aliased(CopyRow)
    owned = select(owner.id).where(owner.entry_id == EntryRow.id)
    query = (
        select(EntryRow.id)
        .join(InvoiceRow, InvoiceRow.number == EntryRow.your_ref)
        .join(CopyRow, CopyRow.id == InvoiceRow.latest_copy_id)
        .where(
            EntryRow.connection_id == connection_id,
            CopyRow.connection_id == connection_id,
            EntryRow.lines.is_(None),
            EntryRow.gone_at.is_(None),
            ~owned.exists(),
        )
        .order_by(EntryRow.entry_number.desc())
    )

    suspects = session.scalars(query.limit(MOST_SUSPECTS)).all()
    let_go(session)
    for entry_id in suspects:
        ask_for_entry(session, ledger, connection_id, entry_id, clock)


def look_for_vanished(session: Session, ledger: Ledger, connection_id: int, clock: Clock) -> None:
    """Ask for the entries whose receivable terms were all deleted, as the pull of payments tells."""
    here = (TermRow.connection_id == EntryRow.connection_id, TermRow.entry_id == EntryRow.id)
    query = select(EntryRow.id).where(
        EntryRow.connection_id == connection_id,
        EntryRow.gone_at.is_(None),
        select(TermRow.id).where(*here, TermRow.deleted_at > EntryRow.read_at).exists(),
        ~select(TermRow.id).where(*here, TermRow.deleted_at.is_(None)).exists(),
    )

    suspects = session.scalars(query).all()
    let_go(session)
    for entry_id in suspects:
        ask_for_entry(session, ledger, connection_id, entry_id, clock)


def read_odd_again(
    session: Session, ledger: Ledger, connection_id: int, since: datetime, clock: Clock
) -> None:
    """Read again, one by one, the entries that could not be read and did not come by themselves."""
    waiting = [
        row.remote_id
        for row in open_of(session, connection_id, Kind.ENTRY)
        if row.last_seen < since and has_key(row.remote_id)
    ]

    end_keyless(session, connection_id, Kind.ENTRY, since)
    let_go(session)
    for entry_id in waiting[:MOST_AGAIN]:
        ask_for_entry(session, ledger, connection_id, entry_id, clock)
