"""Find the work that the queue forgot: the rows are the wishes, the queue is only a nudge."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.orm import Session

from portal.actions.copies.finish import SIGN_IN_LOST
from portal.actions.copies.hold import see_fix
from portal.actions.copies.request import PERFORM
from portal.actions.engine.gate import may_write
from portal.actions.engine.ports import NO_MARKS, Marks, Nudge
from portal.actions.payments.make import OPEN
from portal.actions.payments.synchronize import PAY
from portal.domain.copies.failures import CONNECT
from portal.store.connections import LIVE, ConnectionRow
from portal.store.copies import WAITING, CopyRow, is_due
from portal.store.payments import PaymentRow

RUN = "jobs.copies.run_copies"
SIDE_BY_SIDE = 2
WATCHED = timedelta(minutes=10)


def sweep(session: Session, nudge: Nudge, *, now: datetime, marks: Marks = NO_MARKS) -> int:
    """Nudge the worker for every copy that is due and that nobody holds; returns how often."""
    if not may_write(session, marks, now=now):
        return 0
    watched = due_copies(session, now, watched=True)
    running = _due_runs(session, now)
    paying = due_connections(session, now)
    session.commit()
    nudges = [(PERFORM, copy_id) for copy_id in watched]
    nudges += [(RUN, subject) for subject in running]
    nudges += [(PAY, str(connection_id)) for connection_id in paying]
    for job, subject in nudges:
        nudge(job, subject)
    return len(nudges)


def _due_runs(session: Session, now: datetime) -> list[str]:
    """Return what to run: a connection and a number, for while one waits for Productive another books."""
    query = (
        select(CopyRow.connection_id, func.count())
        .where(is_due(now), ~_is_watched(now))
        .group_by(CopyRow.connection_id)
    )
    return [
        f"{connection_id}/{number}"
        for connection_id, count in session.execute(query)
        for number in range(1, min(count, SIDE_BY_SIDE) + 1)
    ]


def due_connections(session: Session, now: datetime) -> list[int]:
    """Return the connections with payments that may go on now."""
    query = (
        select(PaymentRow.connection_id)
        .join(ConnectionRow, ConnectionRow.id == PaymentRow.connection_id)
        .where(PaymentRow.state.in_(OPEN), PaymentRow.next_try_at <= now)
        .where(ConnectionRow.state == LIVE, ConnectionRow.payments_on.is_(True))
    )
    return list(session.scalars(query.distinct()))


def due_copies(
    session: Session, now: datetime, *, connection_id: int | None = None, watched: bool | None = None
) -> list[str]:
    """Return the ids of copies that may go on now, oldest wish first; of one connection, or (un)watched."""
    query = select(CopyRow.id).where(is_due(now))
    if connection_id is not None:
        query = query.where(CopyRow.connection_id == connection_id)
    if watched is not None:
        query = query.where(_is_watched(now) if watched else ~_is_watched(now))
    return list(session.scalars(query.order_by(CopyRow.requested_at, CopyRow.id).limit(500)))


def _is_watched(now: datetime) -> ColumnElement[bool]:
    """Say in SQL that somebody may still wait for a copy in front of a screen."""
    return and_(CopyRow.batch.is_(False), CopyRow.requested_at > now - WATCHED)


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
    for connection_id in session.scalars(served).all():
        see_fix(session, connection_id, now, CONNECT)
