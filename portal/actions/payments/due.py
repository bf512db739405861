"""Which connections have payments that may go on now, and asking for the work on them."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.actions.engine.jobs import Job
from portal.actions.engine.ports import Nudge
from portal.actions.engine.turn import let_go
from portal.domain.connections.states import ConnectionState
from portal.store.connections import ConnectionRow
from portal.store.feeds import PaymentFeedRow
from portal.store.payments import PaymentRow, is_payment_due


def due_connections(session: Session, now: datetime) -> list[int]:
    """Return the connections with payments that may go on now."""
    query = (
        select(PaymentRow.connection_id)
        .join(ConnectionRow, ConnectionRow.id == PaymentRow.connection_id)
        .join(PaymentFeedRow, PaymentFeedRow.connection_id == PaymentRow.connection_id)
        .where(is_payment_due(now))
        .where(ConnectionRow.state == ConnectionState.LIVE, PaymentFeedRow.on.is_(True))
    )
    return list(session.scalars(query.distinct()))


def request_due(session: Session, nudge: Nudge, *, now: datetime) -> None:
    """Nudge the work on payments that may go on, as after invoices were read."""
    due = due_connections(session, now)
    let_go(session)
    for connection_id in due:
        nudge(Job.PAY, str(connection_id))
