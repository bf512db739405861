"""Look beforehand which invoices can be copied as they are, and what the others need. At no call."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.actions.copies.look_beforehand import Lookout
from portal.actions.engine.desk import Clock
from portal.actions.engine.lanes import hold_lane
from portal.actions.engine.turn import transaction
from portal.domain.copies.states import IN_FLIGHT, CopyState
from portal.store.invoices import FREE, InvoiceRow
from portal.store.readiness import Seen, keep_seen
from portal.store.unready import INVOICE
from portal.store.unready_invoices import (
    any_noted,
    begin_day,
    is_new_day,
    note_invoices,
    spread_notes,
    take_notes,
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
        ids = sorted({note.key.subject for note in notes if note.key.kind == INVOICE})
        left = keep_seen(session, look_at(session, ids, now))
        note_invoices(session, left)

    return bool(notes) and not left


def look_at(session: Session, invoice_ids: Sequence[str], now: datetime) -> Iterator[Seen]:
    """Yield what a look at each of these invoices finds."""
    chosen = (InvoiceRow.id.in_(invoice_ids), InvoiceRow.copy_state.in_(LOOKED_AT))
    rows = session.scalars(select(InvoiceRow).where(*chosen).order_by(InvoiceRow.id)).all()
    lookout = Lookout(session, now)
    return (lookout.look(row) for row in rows)
