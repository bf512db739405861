"""Which sign-ins to renew though nobody uses them, so that none lapses and a mended one goes on by itself."""

from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from portal.store.grants import LIVE, GrantRow

KEEP_ALIVE = timedelta(days=7)


def due_grants(session: Session, now: datetime) -> list[int]:
    """Return the live grants that lay idle for a week, or whose failed renewal is to be tried again."""
    idle = GrantRow.obtained_at <= now - KEEP_ALIVE
    query = select(GrantRow.id).where(
        GrantRow.state == LIVE,
        GrantRow.refresh_sealed.is_not(None),
        or_(GrantRow.next_renewal_at.is_(None), GrantRow.next_renewal_at <= now),
        or_(idle, GrantRow.failing_since.is_not(None)),
    )
    return list(session.scalars(query.order_by(GrantRow.id)))
