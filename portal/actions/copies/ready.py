"""Look beforehand which invoices can be copied as they are, and what the others need. At no call."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.actions.copies.run_draft import plan_copies
from portal.actions.engine.desk import Clock
from portal.actions.engine.lanes import hold_lane
from portal.actions.engine.turn import transaction
from portal.domain.copies.needs import Need, need_of_cause, needs_of
from portal.domain.copies.standing import Readiness
from portal.domain.copies.states import IN_FLIGHT, CopyState
from portal.domain.here import day_here
from portal.store.connections import ConnectionRow, live_connections
from portal.store.copies import CopyRow
from portal.store.holds import HoldRow
from portal.store.invoices import FREE, InvoiceRow
from portal.store.proposals import forget_outdated, forget_proposals
from portal.store.readiness import Seen, keep_seen
from portal.store.unready import ALL, CONNECTION, INVOICE, SUBSIDIARY, UnreadyKey
from portal.store.unready_invoices import (
    any_noted,
    begin_day,
    is_new_day,
    note_invoices,
    spread_notes,
    take_notes,
    with_namesakes,
)

LANE = "keep-ready"
AT_ONCE = 200
# What may have changed of an invoice that is copied is nothing that a look would find.
LOOKED_AT = (*FREE, *IN_FLIGHT, CopyState.REFUSED)
LONGEST = timedelta(seconds=20)


def keep_ready(session: Session, *, clock: Clock) -> bool:
    """Look at what is noted until nothing is. True says that others wait their turn and more is left."""
    now = clock()
    if not _is_due(session, now):
        return False

    until = now + LONGEST
    with hold_lane(session, LANE, clock) as held:
        while held and _look_at_some(session, clock()):
            if clock() >= until:
                return _is_due(session, clock())

    return False


def _is_due(session: Session, now: datetime) -> bool:
    with transaction(session):
        return any_noted(session) or is_new_day(session, now)


def _look_at_some(session: Session, now: datetime) -> bool:
    """Look at the invoices of the oldest notes. False once nothing more can be done."""
    # Another process may have changed what this one read before.
    session.expire_all()
    with transaction(session):
        if is_new_day(session, now):
            begin_day(session, now)
            session.flush()

        notes = take_notes(session, AT_ONCE)
        spread_notes(session, (note.key for note in notes))
        _forget_suggestions(session, [note.key for note in notes])
        noted = {note.key.subject for note in notes if note.key.kind == INVOICE}
        ids = with_namesakes(session, sorted(noted))
        left = keep_seen(session, look_at(session, ids, now))
        note_invoices(session, left)
        forget_outdated(session, noted)

    return bool(notes) and not left


def _forget_suggestions(session: Session, keys: Sequence[UnreadyKey]) -> None:
    """Forget what was suggested where customers, or what a division offers, may be others now."""
    if any(key.kind in (ALL, SUBSIDIARY) for key in keys):
        forget_proposals(session)
        return

    changed = {key.connection_id for key in keys if key.kind == CONNECTION and key.connection_id is not None}
    if changed:
        forget_proposals(session, changed)


def look_at(session: Session, invoice_ids: Sequence[str], now: datetime) -> Iterator[Seen]:
    """Yield what a look at each of these invoices finds."""
    chosen = (InvoiceRow.id.in_(invoice_ids), InvoiceRow.copy_state.in_(LOOKED_AT))
    rows = session.scalars(select(InvoiceRow).where(*chosen).order_by(InvoiceRow.id)).all()
    connections = {row.subsidiary_id: row for row in live_connections(session)}
    free: list[InvoiceRow] = []

    for row in rows:
        if row.copy_state not in FREE:
            yield _look_at_stuck(session, row)
        elif (readiness := _settled(row, connections.get(row.subsidiary_id))) is not None:
            yield _seen(row, readiness)
        else:
            free.append(row)

    # The dialog and the action would say the same, were it opened and left as it is.
    for plan in plan_copies(session, free, now=now, today=day_here(now)):
        needs = needs_of(plan.problems, plan.row.invoice())
        yield _seen(plan.row, Readiness.NEEDS_YOU if needs else Readiness.READY, needs)


def _settled(row: InvoiceRow, connection: ConnectionRow | None) -> Readiness | None:
    """Say why an invoice needs no look, None where it does."""
    if connection is None:
        return Readiness.UNCONNECTED

    since = connection.copy_from
    return Readiness.EARLIER if since is not None and row.invoiced_on < since else None


def _look_at_stuck(session: Session, row: InvoiceRow) -> Seen:
    """Say why a copy that was asked for was refused, or is held."""
    if row.copy_state == CopyState.REFUSED:
        latest = session.get(CopyRow, row.latest_copy_id) if row.latest_copy_id else None
        cause = latest.cause if latest else None
        readiness = Readiness.NEEDS_YOU
    else:
        cause = _held_for(session, row)
        readiness = Readiness.HELD

    if cause is None:
        return _seen(row, Readiness.UNSURE)
    return _seen(row, readiness, (need_of_cause(cause),))


def _held_for(session: Session, row: InvoiceRow) -> str | None:
    """Return the cause for which the copy of an invoice is held, None where it is not."""
    query = (
        select(HoldRow.cause).join(CopyRow, CopyRow.hold_id == HoldRow.id).where(CopyRow.in_flight == row.id)
    )
    return session.scalar(query)


def _seen(row: InvoiceRow, readiness: Readiness, needs: tuple[Need, ...] = ()) -> Seen:
    return Seen(row.id, row.fingerprint, row.copy_state, readiness, needs)
