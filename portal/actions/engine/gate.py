"""Close copying on a restored database until what was written since is adopted."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.actions.engine.ports import Marks
from portal.actions.engine.turn import transaction
from portal.domain.booking.problems import problem
from portal.domain.booking.sales_entry import Problem
from portal.domain.events import EventKind
from portal.domain.happened import Happened
from portal.domain.said import Said, said
from portal.store.connections import live_connections
from portal.store.events import note_event
from portal.store.gate import (
    AdoptionRow,
    GateRow,
    find_gate,
    find_last_moment,
    find_table_number,
    take_counted,
    the_gate,
)
from portal.store.looks import forget_looks
from portal.store.rules import switch_off_every_rule
from portal.store.sessions import delete_every_session


def may_write(session: Session, marks: Marks, *, now: datetime) -> bool:
    """Say whether anything may be written to the outside."""
    # A database that turns out to be restored is closed here.
    with transaction(session):
        gate = the_gate(session)
        number = find_table_number(session)
        if gate.closed_at is not None:
            return False

    seen = marks.highest(gate.database_id)
    with transaction(session):
        if _find_restored(gate, seen, number):
            # The count only rises, and others may have written or closed since it was read.
            gate = the_gate(session)

        why = _find_restored(gate, seen, number)
        if why and gate.closed_at is None:
            _close(session, gate, why, now)

        if gate.closed_at is not None:
            return False

        if gate.table_number != number:
            gate.table_number = number

        writes = gate.writes

    marks.remember(gate.database_id, writes)
    return True


def _find_restored(gate: GateRow, seen: int, number: str | None) -> Said | None:
    """Say what shows that the database was restored, if anything does."""
    if gate.known_until is not None:
        return said(Happened.RESTORED_FROM_BACKUP, moment=gate.known_until)
    if gate.table_number not in (None, number):
        return said(Happened.RESTORED_FROM_DUMP)
    if seen > gate.writes:
        return said(Happened.DATABASE_BEHIND, known=gate.writes, seen=seen)

    return None


def remember_writes(session: Session, marks: Marks) -> None:
    """Keep the count of what this session wrote to the outside beside the database."""
    counted = take_counted(session)
    if counted is not None:
        marks.remember(*counted)


def close_copying(session: Session, *, now: datetime) -> None:
    """Close copying because an administrator says so."""
    # Nothing may show that a database was restored, see docs/operating.md.
    with transaction(session):
        gate = the_gate(session)
        if gate.closed_at is None:
            why = _find_restored(gate, 0, find_table_number(session)) or said(Happened.CLOSED_BY_HAND)
            _close(session, gate, why, now)


def _close(session: Session, gate: GateRow, why: Said, now: datetime) -> None:
    gate.known_until = gate.known_until or find_last_moment(session)
    gate.closed_at = now
    gate.closed_why = why
    switch_off_every_rule(session)
    # What was ended since the backup must not live again.
    delete_every_session(session)
    note_event(session, at=now, actor="portal", kind=EventKind.COPYING_CLOSED, said=why)


def open_copying(session: Session, marks: Marks, *, now: datetime) -> bool:
    """Open copying once every live connection is adopted."""
    with transaction(session):
        database_id = the_gate(session).database_id

    seen = marks.highest(database_id)
    with transaction(session):
        gate = the_gate(session)
        if gate.closed_at is not None and not waiting_connections(session, gate):
            _open(session, gate, seen, now)

        is_open = gate.closed_at is None
        writes = gate.writes

    if is_open:
        marks.remember(database_id, writes)

    return is_open


def _open(session: Session, gate: GateRow, seen: int, now: datetime) -> None:
    # One more than was ever seen, so that this database counts as the youngest from now on.
    gate.writes = max(gate.writes, seen) + 1
    gate.table_number = find_table_number(session)
    gate.closed_at = None
    gate.closed_why = None
    gate.known_until = None
    # What was looked up before the backup is older than what was booked since.
    forget_looks(session)
    opened = said(Happened.COPYING_OPENED)
    note_event(session, at=now, actor="portal", kind=EventKind.COPYING_OPENED, said=opened)


def waiting_connections(session: Session, gate: GateRow) -> list[int]:
    """Return the live connections that are not adopted since the gate closed."""
    done = set(
        session.scalars(select(AdoptionRow.connection_id).where(AdoptionRow.closed_at == gate.closed_at))
    )
    return [row.id for row in live_connections(session) if row.id not in done]


def find_closed(session: Session) -> tuple[Problem, ...]:
    """Return the problem that a closed gate is for a copy."""
    return closed_by(find_gate(session))


def closed_by(gate: GateRow | None) -> tuple[Problem, ...]:
    """Return the problem that a gate is for a copy while it is closed."""
    if gate is None or gate.closed_at is None:
        return ()
    return (problem("copying_closed"),)
