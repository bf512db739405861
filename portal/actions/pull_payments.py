"""Pull receivable terms and tombstones into the mirror; two calls when idle. Nothing is compared here."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, delete, func, insert, literal, select
from sqlalchemy.orm import Session

from portal.actions.ports import Ledger
from portal.domain.payments import SALES, TERM_MATCHED, Term, Tombstone
from portal.remote.errors import RemoteError
from portal.store.catalogue import CustomerRow
from portal.store.connections import FROM_NOW, ConnectionRow
from portal.store.copies import CopyRow, has_receivable
from portal.store.invoices import InvoiceRow
from portal.store.payments import BaselineRow, FindingRow, TermRow, TouchedEntryRow

ACCOUNT, PAYMENT_TERM = 2, 10
SOME = 500


def pull_terms(session: Session, ledger: Ledger, connection_id: int, *, now: datetime) -> None:
    """Bring the mirror up to date; each page is kept with its cursor, and nothing is compared in between."""
    connection = session.get_one(ConnectionRow, connection_id)
    term_cursor, deleted_cursor = connection.term_cursor, connection.deleted_cursor
    session.commit()
    try:
        for terms, cursor in ledger.each_term_page(term_cursor):
            _keep_terms(session, connection, terms, cursor)
        for tombstones, cursor in ledger.each_tombstone_page(deleted_cursor):
            _keep_tombstones(session, connection, tombstones, cursor, now)
    except RemoteError as error:
        session.rollback()
        connection.payments_trouble = error.text
        session.commit()
        raise
    _touch_related(session, connection)
    _touch_copies(session, connection, connection.payments_pulled_at if connection.baseline_done else None)
    if not connection.baseline_done:
        _take_baseline(session, connection)
    connection.payments_pulled_at, connection.payments_trouble = now, None
    session.commit()


def _keep_terms(session: Session, connection: ConnectionRow, terms: Sequence[Term], cursor: int) -> None:
    known = _known_terms(session, connection, [term.id for term in terms])
    touched = {term.entry_id for term in terms} | {row.entry_id for row in known.values()}
    for term in terms:
        fields = {name: getattr(term, name) for name in Term.__slots__}
        session.merge(TermRow(connection_id=connection.id, **fields))
    touch(session, connection.id, touched)
    connection.term_cursor = max(cursor, connection.term_cursor)
    session.commit()


def _known_terms(session: Session, connection: ConnectionRow, ids: Sequence[str]) -> dict[str, TermRow]:
    """Return the rows of these ids that the mirror has, in one query; merging them then costs none."""
    found: dict[str, TermRow] = {}
    for at in range(0, len(ids), SOME):
        some = (TermRow.connection_id == connection.id, TermRow.id.in_(ids[at : at + SOME]))
        found |= {row.id: row for row in session.scalars(select(TermRow).where(*some))}
    return found


def _keep_tombstones(
    session: Session, connection: ConnectionRow, tombstones: Sequence[Tombstone], cursor: int, now: datetime
) -> None:
    for tombstone in tombstones:
        if tombstone.entity_type == ACCOUNT:
            customer = session.get(CustomerRow, (connection.id, tombstone.key))
            if customer is not None:
                customer.deleted = True
    keys = [each.key for each in tombstones if each.entity_type == PAYMENT_TERM]
    buried = [row for row in _known_terms(session, connection, keys).values() if row.deleted_at is None]
    for row in buried:
        row.deleted_at = now
    touch(session, connection.id, {row.entry_id for row in buried})
    connection.deleted_cursor = max(cursor, connection.deleted_cursor)
    session.commit()


def touch(session: Session, connection_id: int, entry_ids: Iterable[str]) -> None:
    """Remember that entries are to be compared. Commits nothing."""
    ids = sorted(set(entry_ids))
    for at in range(0, len(ids), SOME):
        some = ids[at : at + SOME]
        here = (TouchedEntryRow.connection_id == connection_id, TouchedEntryRow.entry_id.in_(some))
        there = set(session.scalars(select(TouchedEntryRow.entry_id).where(*here)))
        session.add_all(
            TouchedEntryRow(connection_id=connection_id, entry_id=entry_id)
            for entry_id in some
            if entry_id not in there
        )
        session.flush()


def _touch_related(session: Session, connection: ConnectionRow) -> None:
    """Touch our entries that were settled on the same day as a changed posting of the same account."""
    touched = select(TouchedEntryRow.entry_id).where(TouchedEntryRow.connection_id == connection.id)
    if session.scalar(touched.limit(1)) is None:
        return
    changed = select(TermRow.account_id, _settled_on()).where(
        TermRow.connection_id == connection.id,
        TermRow.entry_id.in_(touched),
        TermRow.transaction_type != SALES,
        TermRow.status == TERM_MATCHED,
    )
    days: dict[str, set[date | None]] = {}
    for account_id, day in session.execute(changed.distinct()):
        days.setdefault(account_id, set()).add(day)
    ours = select(TermRow.account_id, _settled_on(), TermRow.entry_id).join(
        CopyRow, (CopyRow.entry_id == TermRow.entry_id) & (CopyRow.connection_id == TermRow.connection_id)
    )
    found = session.execute(
        ours.where(TermRow.connection_id == connection.id, TermRow.status == TERM_MATCHED)
    )
    touch(
        session,
        connection.id,
        [entry_id for account_id, day, entry_id in found if day in days.get(account_id, ())],
    )


def _settled_on() -> ColumnElement[date | None]:
    return func.coalesce(TermRow.ended_on, TermRow.last_payment_on)


def _touch_copies(session: Session, connection: ConnectionRow, since: datetime | None) -> None:
    """Touch the entries that became ours since the last pull, and those whose finding may have ended."""
    ours = select(CopyRow.entry_id).where(CopyRow.connection_id == connection.id, has_receivable())
    if since is None:
        touch(session, connection.id, [entry_id for entry_id in session.scalars(ours) if entry_id])
        return
    asked = (
        select(FindingRow.invoice_id)
        .join(InvoiceRow, InvoiceRow.id == FindingRow.invoice_id)
        .where(FindingRow.resolved_at.is_(None), InvoiceRow.read_at >= since)
    )
    changed = ours.where((CopyRow.finished_at >= since) | CopyRow.invoice_id.in_(asked))
    touch(session, connection.id, [entry_id for entry_id in session.scalars(changed) if entry_id])


def _take_baseline(session: Session, connection: ConnectionRow) -> None:
    """After the first whole load, remember what "from now" found settled already."""
    session.execute(delete(BaselineRow).where(BaselineRow.connection_id == connection.id))
    if connection.payments_mode == FROM_NOW:
        on = func.coalesce(TermRow.last_payment_on, TermRow.ended_on)
        settled = select(literal(connection.id), TermRow.id, TermRow.entry_id, -TermRow.amount, on).where(
            TermRow.connection_id == connection.id,
            TermRow.status == TERM_MATCHED,
            TermRow.deleted_at.is_(None),
            on.is_not(None),
        )
        columns = ["connection_id", "term_id", "entry_id", "amount", "settled_on"]
        session.execute(insert(BaselineRow).from_select(columns, settled))
    connection.baseline_done = True
