"""What must not be compared yet, for a reading of Exact has brought only a part of it."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, not_, or_, select
from sqlalchemy.orm import Session

from portal.store.book_moment import moment_of_books
from portal.store.connections import live_connections
from portal.store.copies import CopyRow
from portal.store.invoices import InvoiceRow
from portal.store.lane_rows import LaneRow
from portal.store.stale import ENTRY, INVOICE, SUBSIDIARY, StaleRow


def entries_lane(connection_id: int) -> str:
    """Name the lane that lets one worker at a time read a connection's entries."""
    return f"entries:{connection_id}"


def read_now(session: Session, now: datetime) -> dict[int, str]:
    """Return the connections whose entries are being read, with their subsidiaries."""
    live = {row.id: row.subsidiary_id for row in live_connections(session)}
    names = {entries_lane(connection_id): connection_id for connection_id in live}
    busy = session.scalars(select(LaneRow.name).where(LaneRow.name.in_(names), LaneRow.lease_until > now))
    return {names[name]: live[names[name]] for name in busy}


def not_being_read(session: Session, now: datetime) -> list[ColumnElement[bool]]:
    """Leave out the notes of what is being read. What the portal itself booked meanwhile is known at once."""
    busy = read_now(session, now)
    if not busy:
        return []

    since = moment_of_books(session).compared_at or now
    just_booked = select(CopyRow.id).where(
        CopyRow.id == InvoiceRow.latest_copy_id, CopyRow.finished_at >= since
    )
    others = select(InvoiceRow.id).where(InvoiceRow.subsidiary_id.in_(busy.values()), ~just_booked.exists())

    waits = or_(
        and_(StaleRow.kind == ENTRY, StaleRow.connection_id.in_(busy)),
        and_(StaleRow.kind == SUBSIDIARY, StaleRow.subject.in_(busy.values())),
        and_(StaleRow.kind == INVOICE, StaleRow.subject.in_(others)),
    )
    return [not_(waits)]
