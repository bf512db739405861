"""Find the work that the queue forgot: the rows are the wishes, the queue is only a nudge."""

from datetime import datetime

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session

from portal.actions.finish_copy import SIGN_IN_LOST
from portal.actions.make_payments import OPEN
from portal.actions.ports import Nudge
from portal.actions.request_copy import PERFORM
from portal.actions.synchronize_payments import PAY
from portal.store.connections import LIVE, ConnectionRow
from portal.store.copies import WAITING, CopyRow
from portal.store.payments import PaymentRow


def sweep(session: Session, nudge: Nudge, *, now: datetime) -> int:
    """Nudge the worker for every copy that is due and that nobody holds; returns how many."""
    ids = due_copies(session, now)
    session.commit()
    for copy_id in ids:
        nudge(PERFORM, copy_id)
    paying = due_connections(session, now)
    session.commit()
    for connection_id in paying:
        nudge(PAY, str(connection_id))
    return len(ids) + len(paying)


def due_connections(session: Session, now: datetime) -> list[int]:
    """Return the connections with payments that may go on now."""
    query = (
        select(PaymentRow.connection_id)
        .join(ConnectionRow, ConnectionRow.id == PaymentRow.connection_id)
        .where(PaymentRow.state.in_(OPEN), PaymentRow.next_try_at <= now)
        .where(ConnectionRow.state == LIVE, ConnectionRow.payments_on.is_(True))
    )
    return list(session.scalars(query.distinct()))


def due_copies(session: Session, now: datetime) -> list[str]:
    """Return the ids of copies that may go on now, oldest wish first."""
    open_work = or_(
        CopyRow.in_flight.is_not(None), CopyRow.mark_due.is_(True), CopyRow.number_due.is_not(None)
    )
    due = and_(
        open_work,
        or_(CopyRow.next_try_at.is_(None), CopyRow.next_try_at <= now),
        or_(CopyRow.lease_until.is_(None), CopyRow.lease_until <= now),
    )
    return list(session.scalars(select(CopyRow.id).where(due).order_by(CopyRow.requested_at).limit(500)))


def wake_copies(session: Session, grant_id: int, now: datetime) -> None:
    """Let copies that waited for a sign-in go on at the next sweep. Commits nothing."""
    served = select(ConnectionRow.id).where(ConnectionRow.grant_id == grant_id)
    session.execute(
        update(CopyRow)
        .where(CopyRow.in_flight.is_not(None), or_(CopyRow.cause == SIGN_IN_LOST, CopyRow.state == WAITING))
        .where(CopyRow.connection_id.in_(served))
        .values(next_try_at=now)
        .execution_options(synchronize_session=False)
    )
