"""Pull receivable terms and tombstones into the mirror, then compare what changed; two calls when idle."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.actions.ports import Ledger
from portal.domain.payments import TERM_MATCHED, Term, Tombstone
from portal.remote.errors import RemoteError
from portal.store.catalogue import CustomerRow
from portal.store.connections import FROM_NOW, ConnectionRow
from portal.store.payments import BaselineRow, TermRow, TouchedEntryRow

ACCOUNT, PAYMENT_TERM = 2, 10


def pull_terms(session: Session, ledger: Ledger, connection_id: int, *, now: datetime) -> None:
    """Bring the mirror up to date; each page is kept with its cursor, and nothing is compared in between."""
    connection = session.get_one(ConnectionRow, connection_id)
    session.commit()
    try:
        for terms, cursor in ledger.each_term_page(connection.term_cursor):
            _keep_terms(session, connection, terms, cursor)
        for tombstones, cursor in ledger.each_tombstone_page(connection.deleted_cursor):
            _keep_tombstones(session, connection, tombstones, cursor, now)
    except RemoteError as error:
        session.rollback()
        connection.payments_trouble = error.text
        session.commit()
        raise
    if not connection.baseline_done:
        _take_baseline(session, connection)
    connection.payments_pulled_at, connection.payments_trouble = now, None
    session.commit()


def _keep_terms(session: Session, connection: ConnectionRow, terms: Sequence[Term], cursor: int) -> None:
    for term in terms:
        before = session.get(TermRow, (connection.id, term.id))
        for entry_id in {term.entry_id, before.entry_id if before else term.entry_id}:
            session.merge(TouchedEntryRow(connection_id=connection.id, entry_id=entry_id))
        fields = {name: getattr(term, name) for name in Term.__slots__}
        session.merge(TermRow(connection_id=connection.id, **fields))
    connection.term_cursor = max(cursor, connection.term_cursor)
    session.commit()


def _keep_tombstones(
    session: Session, connection: ConnectionRow, tombstones: Sequence[Tombstone], cursor: int, now: datetime
) -> None:
    for tombstone in tombstones:
        if tombstone.entity_type == ACCOUNT:
            customer = session.get(CustomerRow, (connection.id, tombstone.key))
            if customer is not None:
                customer.deleted = True
        elif tombstone.entity_type == PAYMENT_TERM:
            _bury(session, connection, tombstone.key, now)
    connection.deleted_cursor = max(cursor, connection.deleted_cursor)
    session.commit()


def _bury(session: Session, connection: ConnectionRow, term_id: str, now: datetime) -> None:
    row = session.get(TermRow, (connection.id, term_id))
    if row is not None and row.deleted_at is None:
        row.deleted_at = now
        session.merge(TouchedEntryRow(connection_id=connection.id, entry_id=row.entry_id))


def _take_baseline(session: Session, connection: ConnectionRow) -> None:
    """After the first whole load, remember what "from now" found settled already."""
    if connection.payments_mode == FROM_NOW:
        settled = session.scalars(
            select(TermRow).where(
                TermRow.connection_id == connection.id,
                TermRow.status == TERM_MATCHED,
                TermRow.deleted_at.is_(None),
            )
        )
        for row in settled:
            if on := row.last_payment_on or row.ended_on:
                session.merge(
                    BaselineRow(
                        connection_id=connection.id,
                        term_id=row.id,
                        entry_id=row.entry_id,
                        amount=-row.amount,
                        settled_on=on,
                    )
                )
    connection.baseline_done = True
