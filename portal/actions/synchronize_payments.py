"""One whole pull of a connection: mirror, compare, pay."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from portal.actions.compare_payments import compare_touched
from portal.actions.make_payments import make_payments
from portal.actions.perform_copy import Desk
from portal.actions.ports import Nudge
from portal.actions.pull_payments import pull_terms
from portal.domain.ids import new_id
from portal.store.connections import LIVE, ConnectionRow, live_connections
from portal.store.leases import leave_lane, take_lane

PULL, PAY = "jobs.payments.pull_connection", "jobs.payments.pay_connection"
LEASE = 300


def request_pulls(session: Session, nudge: Nudge) -> int:
    """Nudge a pull for every live connection that synchronises payments; returns how many."""
    ids = [row.id for row in live_connections(session) if row.payments_on]
    session.commit()
    for connection_id in ids:
        nudge(PULL, str(connection_id))
    return len(ids)


def synchronize_payments(session: Session, desk: Desk, connection_id: int) -> None:
    """Pull and pay once; a second worker at the same connection leaves it to the first."""
    with _alone(session, desk, connection_id) as alone:
        if alone:
            ledger = desk.ledger(connection_id)
            pull_terms(session, ledger, connection_id, now=desk.clock())
            compare_touched(session, ledger, connection_id, now=desk.clock())
            _pay(session, desk, connection_id)


def pay_due(session: Session, desk: Desk, connection_id: int) -> None:
    """Go on with payments that wait for another try, without asking Exact."""
    with _alone(session, desk, connection_id) as alone:
        if alone:
            _pay(session, desk, connection_id)


def _pay(session: Session, desk: Desk, connection_id: int) -> None:
    make_payments(session, desk.billing(), connection_id, clock=desk.clock, quiet=desk.quiet)


@contextmanager
def _alone(session: Session, desk: Desk, connection_id: int) -> Iterator[bool]:
    """Hold the connection's payments for the block; False when they are off or another holds them."""
    connection = session.get_one(ConnectionRow, connection_id)
    wanted = connection.payments_on and connection.state == LIVE
    name = f"pull:{connection_id}"
    fence = take_lane(session, name, new_id(), now=desk.clock(), seconds=LEASE) if wanted else None
    session.commit()
    try:
        yield fence is not None
    finally:
        session.rollback()
        if fence is not None:
            leave_lane(session, name, fence)
            session.commit()
