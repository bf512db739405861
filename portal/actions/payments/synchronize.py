"""One whole pull of a connection: mirror, compare, pay."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy.orm import Session

from portal.actions.engine.desk import Desk
from portal.actions.engine.gate import may_write, remember_writes
from portal.actions.engine.jobs import Job
from portal.actions.engine.lanes import hold_lane
from portal.actions.engine.ports import Billing, Nudge
from portal.actions.engine.turn import let_go, transaction
from portal.actions.invoices.pull import pull_some
from portal.actions.payments.compare import compare_touched
from portal.actions.payments.differences import check_differences
from portal.actions.payments.make import make_payments
from portal.actions.payments.pull import pull_terms
from portal.domain.assumptions import Feature
from portal.domain.connections.states import ConnectionState
from portal.domain.payments.tally import Tally
from portal.domain.said import Said
from portal.remote.errors import RemoteError
from portal.store.connections import ConnectionRow, live_connections
from portal.store.hints import note_hint
from portal.store.leases import is_held
from portal.store.payment_list import pull_lane
from portal.store.payments import waited_for
from portal.store.pulls import keep_pull
from portal.store.trials import kept_off


def request_pulls(session: Session, nudge: Nudge, subsidiaries: Sequence[str] | None = None) -> int:
    """Nudge a pull for every live connection that synchronises payments. Returns how many."""
    rows = [
        row for row in live_connections(session) if row.payments.on and not kept_off(row, Feature.PAYMENTS)
    ]
    ids = [row.id for row in rows if subsidiaries is None or row.subsidiary_id in subsidiaries]
    let_go(session)
    for connection_id in ids:
        nudge(Job.PULL_PAYMENTS, str(connection_id))

    return len(ids)


def request_pulls_now(session: Session, nudge: Nudge, subsidiaries: Sequence[str] | None = None) -> int:
    """Ask for pulls as a person does: trouble of an earlier pull goes, so that trouble means this one's."""
    with transaction(session):
        for row in live_connections(session):
            if row.payments.on and (subsidiaries is None or row.subsidiary_id in subsidiaries):
                row.payments.trouble = None

    return request_pulls(session, nudge, subsidiaries)


def synchronize_payments(session: Session, desk: Desk, connection_id: int) -> None:
    """Pull and pay once. While another worker is at the connection, ask for it again a little later."""
    with alone(session, desk, connection_id, or_later=Job.PULL_PAYMENTS) as is_alone:
        if is_alone:
            began = desk.clock()
            found, trouble = _pull(session, desk, connection_id)
            paid, unpaid = _pay(session, desk, connection_id)
            _finish(session, desk, connection_id, began, found + paid, unpaid or trouble)


def pay_due(session: Session, desk: Desk, connection_id: int) -> None:
    """Go on with payments that wait for another try, without asking Exact."""
    with alone(session, desk, connection_id) as is_alone:
        if is_alone:
            _pay(session, desk, connection_id)


def _pull(session: Session, desk: Desk, connection_id: int) -> tuple[Tally, Said | None]:
    """Mirror and compare. Returns what was found and what failed, for what is due goes on all the same."""
    since = session.get_one(ConnectionRow, connection_id).payments.began_at
    began = desk.clock()
    let_go(session)

    try:
        billing = desk.billing()
        _read_waited_for(session, billing, connection_id, now=began)
        check_differences(session, billing, connection_id, since=since, now=desk.clock())
        ledger = desk.ledger(connection_id)
        pull_terms(session, ledger, connection_id, now=began)
        found = compare_touched(session, ledger, connection_id, now=desk.clock())
    except RemoteError as error:
        session.rollback()
        return Tally(), error.said

    return found, None


def _read_waited_for(session: Session, billing: Billing, connection_id: int, *, now: datetime) -> None:
    """Read the invoices anew that payments wait for, so that what changed lets them go on."""
    ids = waited_for(session, connection_id)
    if ids:
        let_go(session)
        pull_some(session, billing, ids, now=now)


def _pay(session: Session, desk: Desk, connection_id: int) -> tuple[Tally, Said | None]:
    """Record what is due. Returns what was recorded, and what went wrong."""
    try:
        return Tally(recorded=make_payments(session, desk, connection_id)), None
    except RemoteError as error:
        session.rollback()
        return Tally(), error.said


def _finish(
    session: Session, desk: Desk, connection_id: int, began: datetime, found: Tally, trouble: Said | None
) -> None:
    """Say when the pull ended and what it found. Who was overtaken leaves that to the other."""
    if not is_held(session):
        session.rollback()
        return

    now = desk.clock()
    with transaction(session):
        connection = session.get_one(ConnectionRow, connection_id, populate_existing=True)
        connection.payments.trouble = trouble
        if trouble is None:
            connection.payments.pulled_at = now
        keep_pull(session, connection_id, began, found, trouble, now)


@contextmanager
def alone(session: Session, desk: Desk, connection_id: int, *, or_later: str = "") -> Iterator[bool]:
    """Hold the connection's payments for the block. False when off, kept off, closed or held by another.

    ``or_later`` is the job to be asked for soon where another holds them, for it may not do the same.
    """
    if not may_write(session, desk.marks, now=desk.clock()):
        yield False
        return

    connection = session.get_one(ConnectionRow, connection_id, populate_existing=True)
    on = connection.payments.on and not kept_off(connection, Feature.PAYMENTS)
    wanted = on and connection.state == ConnectionState.LIVE
    if not wanted:
        let_go(session)
        yield False
        return

    with hold_lane(session, pull_lane(connection_id), desk.clock) as held:
        if or_later and not held:
            with transaction(session):
                note_hint(session, or_later, str(connection_id), desk.clock())

        yield held

    remember_writes(session, desk.marks)
