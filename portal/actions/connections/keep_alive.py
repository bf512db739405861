"""Which sign-ins to renew though nobody uses them."""

from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from portal.actions.engine.turn import transaction
from portal.domain.connections.states import GrantState
from portal.store.grants import GrantRow

KEEP_ALIVE = timedelta(days=7)


def due_grants(session: Session, now: datetime) -> list[int]:
    """Return the live grants that are to be renewed by now."""
    # They lay idle for a week, or their failed renewal is to be tried again.
    query = select(GrantRow).where(
        GrantRow.state == GrantState.LIVE,
        GrantRow.refresh_sealed.is_not(None),
        or_(GrantRow.next_renewal_at.is_(None), GrantRow.next_renewal_at <= now),
    )
    rows = session.scalars(query.order_by(GrantRow.id))
    return [row.id for row in rows if row.failing_since or row.obtained_here <= now - KEEP_ALIVE]


def try_renewal_now(session: Session, grant_id: int) -> None:
    """Let a sign-in be renewed at once, for a person may have mended it."""
    with transaction(session):
        session.execute(update(GrantRow).where(GrantRow.id == grant_id).values(next_renewal_at=None))
