"""Which entries must be compared besides those that the feeds showed."""

from datetime import datetime

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from portal.domain.payments.terms import SALES, TERM_MATCHED
from portal.store.connections import ConnectionRow
from portal.store.copies import CopyRow, has_receivable
from portal.store.findings import FindingRow
from portal.store.invoices import InvoiceRow
from portal.store.terms import Days, TermRow, TouchedEntryRow, find_settled, settled_on, touch


def ours(connection_id: int) -> Select[str | None]:
    """Select the entries that copies of a connection made."""
    return select(CopyRow.entry_id).where(CopyRow.connection_id == connection_id, has_receivable())


def touch_unconfirmed(session: Session, connection: ConnectionRow, now: datetime) -> None:
    """Touch our entries with rows that did not come again when the feed was read anew. Bury others' rows."""
    unseen = (
        TermRow.connection_id == connection.id,
        TermRow.timestamp == 0,
        TermRow.deleted_at.is_(None),
    )

    # Most often there are none.
    if session.scalar(select(TermRow.id).where(*unseen).limit(1)) is None:
        return

    mine = ours(connection.id)
    found = session.scalars(select(TermRow.entry_id).where(*unseen, TermRow.entry_id.in_(mine)).distinct())
    touch(session, connection.id, found)
    session.execute(
        update(TermRow)
        .where(*unseen, TermRow.entry_id.not_in(mine))
        .values(deleted_at=now)
        .execution_options(synchronize_session="fetch")
    )


def touch_related(session: Session, connection: ConnectionRow) -> None:
    """Touch our entries that were settled on the same day as a changed posting of the same account."""
    touched = select(TouchedEntryRow.entry_id).where(TouchedEntryRow.connection_id == connection.id)
    if session.scalar(touched.limit(1)) is None:
        return

    changed = select(TermRow.account_id, settled_on).where(
        TermRow.connection_id == connection.id,
        TermRow.entry_id.in_(touched),
        TermRow.transaction_type != SALES,
        TermRow.status == TERM_MATCHED,
    )

    days: Days = {}
    for account_id, day in session.execute(changed.distinct()):
        days.setdefault(account_id, set()).add(day)

    mine = TermRow.entry_id.in_(ours(connection.id))
    touch(session, connection.id, find_settled(session, connection.id, days, mine))


def touch_copies(session: Session, connection: ConnectionRow) -> None:
    """Touch entries that became ours since the last pull began, and those whose finding may have ended."""
    mine = ours(connection.id)
    since = connection.payments.began_at

    if since is not None and connection.payments.baseline_done:
        asked = (
            select(FindingRow.invoice_id)
            .join(InvoiceRow, InvoiceRow.id == FindingRow.invoice_id)
            .where(FindingRow.resolved_at.is_(None), InvoiceRow.read_at >= since)
        )
        mine = mine.where((CopyRow.finished_at >= since) | CopyRow.invoice_id.in_(asked))

    touch(session, connection.id, [entry_id for entry_id in session.scalars(mine) if entry_id])
