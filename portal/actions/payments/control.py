"""The nightly control: Exact's list of open receivables held against the mirror, and repaired one by one.

The list costs one call per 1,000 open terms. It only says which entries to read again. If an entry's own
terms add up, they take the mirror's place. So a list that is cut off costs reads, not payments. The list has
open amounts only, so a wrong date of a settled part is not seen here.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.actions.engine.desk import Desk
from portal.actions.engine.jobs import Job
from portal.actions.engine.ports import Ledger, Nudge
from portal.actions.engine.turn import let_go, transaction
from portal.actions.payments.compare import compare_touched
from portal.actions.payments.make import make_payments
from portal.actions.payments.synchronize import alone
from portal.domain.assumptions import Feature
from portal.domain.events import EventKind
from portal.domain.failed import Failed
from portal.domain.happened import Happened
from portal.domain.here import HERE, day_here
from portal.domain.payments.terms import TERM_MATCHED, read_state
from portal.domain.said import Amount, said
from portal.domain.unreadable import readable
from portal.remote.errors import BadAnswerError, RemoteError
from portal.remote.odd import UnreadableError
from portal.store.connections import ConnectionRow, live_connections
from portal.store.copies import CopyRow
from portal.store.events import note_event
from portal.store.leases import is_held
from portal.store.terms import TermRow, keep_read, live_rows, touch
from portal.store.touched import ours
from portal.store.trials import kept_off

NIGHT = time(2)
MOST_REPAIRS = 500


def request_controls(session: Session, nudge: Nudge, *, now: datetime) -> int:
    """Nudge a control for every connection that had none since the last night. Returns how many."""
    due = [
        row.id
        for row in live_connections(session)
        if row.payments.on
        and row.payments.baseline_done
        and not kept_off(row, Feature.CONTROL)
        and (row.payments.controlled_at is None or row.payments.controlled_at < last_night(now))
    ]

    let_go(session)
    for connection_id in due:
        nudge(Job.CONTROL_PAYMENTS, str(connection_id))

    return len(due)


def last_night(now: datetime) -> datetime:
    """Return when controls were last due, at night where the house is."""
    tonight = datetime.combine(day_here(now), NIGHT, HERE)
    last = tonight if now >= tonight else tonight - timedelta(days=1)
    return last.astimezone(UTC)


def control_payments(session: Session, desk: Desk, connection_id: int) -> None:
    """Control one connection. While a pull works on it, the timetable asks again later."""
    off = kept_off(session.get_one(ConnectionRow, connection_id), Feature.CONTROL)
    let_go(session)
    if off:
        return

    with alone(session, desk, connection_id) as is_alone:
        if is_alone:
            _control(session, desk, connection_id)


def _control(session: Session, desk: Desk, connection_id: int) -> None:
    began = desk.clock()
    try:
        ledger = desk.ledger(connection_id)
        listed = _read_open(ledger)
        differing = _differing(session, connection_id, listed)
        for entry_id in differing[:MOST_REPAIRS]:
            _repair(session, ledger, connection_id, entry_id, desk.clock())

        compare_touched(session, ledger, connection_id, now=desk.clock())
        make_payments(session, desk, connection_id)
        trouble = None
    except RemoteError as error:
        session.rollback()
        trouble = error.said

    if not is_held(session):
        session.rollback()
        return

    with transaction(session):
        connection = session.get_one(ConnectionRow, connection_id, populate_existing=True)
        connection.payments.control_trouble = trouble
        if trouble is None:
            connection.payments.controlled_at = began


def _read_open(ledger: Ledger) -> Counter[str]:
    """Return what is open by entry, once the whole list was read."""
    listed: Counter[str] = Counter()
    for terms in ledger.each_open_term_page():
        for term in readable(terms):
            listed[term.entry_id] += term.owed
    return listed


def _differing(session: Session, connection_id: int, listed: Counter[str]) -> Sequence[str]:
    """Return our entries of which the list and the mirror disagree."""
    mirrored = _mirrored_open(session, connection_id)
    mine = {entry_id for entry_id in session.scalars(ours(connection_id)) if entry_id}
    let_go(session)
    if not listed and any(mirrored.values()):
        raise BadAnswerError(said(Failed.NOTHING_OPEN))

    return sorted(entry_id for entry_id in mine if listed[entry_id] != mirrored[entry_id])


def _mirrored_open(session: Session, connection_id: int) -> Counter[str]:
    rows = session.execute(
        select(TermRow.entry_id, func.sum(-TermRow.amount))
        .where(
            TermRow.connection_id == connection_id,
            TermRow.status != TERM_MATCHED,
            TermRow.deleted_at.is_(None),
        )
        .group_by(TermRow.entry_id)
    )

    return Counter({entry_id: int(owed) for entry_id, owed in rows})


def _repair(session: Session, ledger: Ledger, connection_id: int, entry_id: str, now: datetime) -> None:
    """Read one entry's terms. If they add up they replace the mirror's, else the comparison asks further."""
    let_go(session)
    try:
        terms = ledger.read_terms(entry_id)
    except UnreadableError:
        # The comparison says so; the mirror stays as it is.
        with transaction(session):
            touch(session, connection_id, [entry_id])

        return

    with transaction(session):
        copy = _copy_of(session, connection_id, entry_id)
        state = read_state(terms, gross=copy.gross_booked or 0, currency=copy.currency)
        rows = live_rows(session, connection_id, entry_id)
        before = sum(-row.amount for row in rows if row.status != TERM_MATCHED)
        touch(session, connection_id, [entry_id])

        if terms and not state.doubtful:
            keep_read(session, connection_id, entry_id, terms, now)
            if before != state.outstanding:
                _note_repair(session, copy, before, state.outstanding, now)
        elif not terms:
            # The comparison reads what is not confirmed, and sees that the entry is gone.
            for row in rows:
                row.timestamp = 0


def _copy_of(session: Session, connection_id: int, entry_id: str) -> CopyRow:
    query = select(CopyRow).where(CopyRow.connection_id == connection_id, CopyRow.entry_id == entry_id)
    return session.scalars(query.order_by(CopyRow.requested_at.desc(), CopyRow.id).limit(1)).one()


def _note_repair(session: Session, copy: CopyRow, before: int, now_open: int, now: datetime) -> None:
    connection = session.get_one(ConnectionRow, copy.connection_id)
    repaired = said(
        Happened.REPAIRED,
        open=Amount(now_open, copy.currency),
        entry=copy.entry_number or "",
        before=Amount(before, copy.currency),
    )

    note_event(
        session,
        at=now,
        actor="portal",
        kind=EventKind.RECEIVABLES_REPAIRED,
        said=repaired,
        subsidiary_id=connection.subsidiary_id,
        invoice_id=copy.invoice_id,
        copy_id=copy.id,
    )
