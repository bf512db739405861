"""Wake copies that waited for a sign-in."""

from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from portal.actions.copies.hold import see_fix
from portal.domain.copies.failures import Cause, Remedy
from portal.domain.copies.states import CopyState
from portal.store.connections import ConnectionRow
from portal.store.copies import CopyRow


def wake_copies(session: Session, grant_id: int, now: datetime) -> None:
    """Let copies that waited for a sign-in go on at the next sweep."""
    served = select(ConnectionRow.id).where(ConnectionRow.grant_id == grant_id)
    session.execute(
        update(CopyRow)
        .where(
            CopyRow.in_flight.is_not(None),
            or_(CopyRow.cause == Cause.SIGN_IN_LOST, CopyRow.state == CopyState.WAITING),
        )
        .where(CopyRow.connection_id.in_(served))
        .values(next_try_at=now)
        .execution_options(synchronize_session=False)
    )
    for connection_id in session.scalars(served).all():
        see_fix(session, connection_id, now, Remedy.CONNECT)
