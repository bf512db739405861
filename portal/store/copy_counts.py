"""How many copies of a connection wait, are held, and were made of late."""

from datetime import datetime

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from portal.domain.copies.states import IN_EXACT, CopyState
from portal.store.copies import CopyRow


def count_open(session: Session, connection_id: int) -> tuple[int, int]:
    """Count a connection's copies that wait to be sent, and those that are held unsent."""
    mine = select(func.count()).select_from(CopyRow).where(CopyRow.connection_id == connection_id)
    waits = and_(CopyRow.state.in_((CopyState.WAITING, CopyState.SENDING)), CopyRow.hold_id.is_(None))
    waiting, held = (session.scalar(mine.where(each)) or 0 for each in (waits, CopyRow.hold_id.is_not(None)))
    return waiting, held


def made_since(session: Session, connection_id: int, since: datetime) -> tuple[int, datetime | None]:
    """Count a connection's copies made since a moment, and say when the first of them was."""
    made = select(func.count(), func.min(CopyRow.finished_at)).where(
        CopyRow.connection_id == connection_id, CopyRow.state.in_(IN_EXACT), CopyRow.finished_at > since
    )
    count, first = session.execute(made).one()
    return count, first
