"""The invoices that must be looked at anew: noted by what changed, worked off one by one."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, delete, insert, literal, or_, select, true, update
from sqlalchemy.orm import Session, aliased

from portal.domain.booking.mapping import MappingKind
from portal.domain.connections.states import ConnectionState
from portal.domain.copies.standing import Readiness
from portal.domain.here import begin_of, day_here
from portal.store.catalogue import CustomerRow
from portal.store.connections import ConnectionRow, find_live_connection
from portal.store.invoices import FREE, InvoiceRow, LineUseRow
from portal.store.needs import NeedRow
from portal.store.slots import SlotRow
from portal.store.unready import (
    ALL,
    COMPANY,
    CONNECTION,
    INVOICE,
    NUMBER,
    SERVICE,
    SUBSIDIARY,
    TAX,
    UnreadyKey,
    UnreadyRow,
    note_keys,
)

# The slot of the last day that was looked at.
DAY = "readiness by day"
USES = {SERVICE: MappingKind.SERVICE, TAX: MappingKind.TAX}


class Note(NamedTuple):
    """A note of invoices to look at."""

    id: int
    key: UnreadyKey


def take_notes(session: Session, most: int) -> list[Note]:
    """Take the oldest notes. What is noted from now on is looked at after these."""
    columns = (UnreadyRow.id, UnreadyRow.kind, UnreadyRow.subject, UnreadyRow.connection_id)
    found = session.execute(select(*columns).order_by(UnreadyRow.id).limit(most)).all()
    # First of all, for SQLite gives the ids of what was deleted to what is noted next.
    session.execute(delete(UnreadyRow).where(UnreadyRow.id.in_([row.id for row in found])))
    return [Note(row.id, UnreadyKey(row.kind, row.subject, row.connection_id)) for row in found]


def any_noted(session: Session) -> bool:
    """Say whether any invoice waits to be looked at."""
    return session.scalar(select(UnreadyRow.id).limit(1)) is not None


def spread_notes(session: Session, keys: Iterable[UnreadyKey]) -> None:
    """Turn notes of many invoices into one for each. What needs no look is settled at once."""
    wide = sorted({key for key in keys if key.kind != INVOICE}, key=str)
    whole = {key.subject for key in wide if key.kind == SUBSIDIARY}
    if any(key.kind == ALL for key in wide):
        whole |= set(session.scalars(select(InvoiceRow.subsidiary_id).distinct()))

    for subsidiary_id in sorted(whole):
        _spread_subsidiary(session, subsidiary_id)

    for key in wide:
        if key.kind not in (ALL, SUBSIDIARY):
            _spread_connection(session, key)


def _spread_subsidiary(session: Session, subsidiary_id: str) -> None:
    connection = find_live_connection(session, subsidiary_id)
    mine = InvoiceRow.subsidiary_id == subsidiary_id
    if connection is None:
        _settle(session, mine, Readiness.UNCONNECTED)
        return

    since = connection.copy_from
    if since is not None:
        _settle(session, mine & (InvoiceRow.invoiced_on < since), Readiness.EARLIER)

    _note_each(session, mine & (InvoiceRow.invoiced_on >= since) if since else mine)


def _spread_connection(session: Session, key: UnreadyKey) -> None:
    connection = session.get(ConnectionRow, key.connection_id)
    if connection is None or connection.state != ConnectionState.LIVE:
        return

    _note_each(session, (InvoiceRow.subsidiary_id == connection.subsidiary_id) & _those(key))


def _those(key: UnreadyKey) -> ColumnElement[bool]:
    """Choose the invoices of a connection that a note is about."""
    if key.kind == COMPANY:
        return InvoiceRow.company_id == key.subject

    if key.kind == NUMBER:
        return InvoiceRow.number == key.subject

    if key.kind in USES:
        uses = select(LineUseRow.invoice_id).where(
            LineUseRow.kind == USES[key.kind], LineUseRow.source_id == key.subject
        )
        return InvoiceRow.id.in_(uses)

    return true()


def _note_each(session: Session, those: ColumnElement[bool]) -> None:
    """Note each invoice that may be copied, the newest first. One that is noted already is left out."""
    noted = select(UnreadyRow.id).where(UnreadyRow.kind == INVOICE, UnreadyRow.subject == InvoiceRow.id)
    every = (
        select(literal(INVOICE), InvoiceRow.id)
        .where(those, InvoiceRow.copy_state.in_(FREE), ~noted.exists())
        .order_by(InvoiceRow.invoiced_on.desc(), InvoiceRow.id.desc())
    )
    session.execute(insert(UnreadyRow).from_select(["kind", "subject"], every))


def _settle(session: Session, those: ColumnElement[bool], readiness: Readiness) -> None:
    """Say of all these at once why they are not looked at."""
    chosen = (those, InvoiceRow.copy_state.in_(FREE))
    other = or_(InvoiceRow.readiness != readiness, InvoiceRow.need.is_not(None))
    ids = select(InvoiceRow.id).where(*chosen)
    session.execute(delete(NeedRow).where(NeedRow.invoice_id.in_(ids)))
    session.execute(
        update(InvoiceRow)
        .where(*chosen, other)
        .values(readiness=readiness, need=None)
        .execution_options(synchronize_session=False)
    )


def with_namesakes(session: Session, invoice_ids: Sequence[str]) -> list[str]:
    """Return invoices with those of the same numbers, which stand beside what the others are linked to."""
    same = aliased(InvoiceRow)
    query = (
        select(InvoiceRow.id)
        .join(same, (same.number == InvoiceRow.number) & (same.subsidiary_id == InvoiceRow.subsidiary_id))
        .where(same.id.in_(invoice_ids), InvoiceRow.copy_state.in_(FREE))
    )
    return sorted({*invoice_ids, *session.scalars(query)})


def note_invoices(session: Session, invoice_ids: Sequence[str]) -> None:
    """Note that some invoices must be looked at. Commits nothing."""
    note_keys(session, (UnreadyKey(INVOICE, invoice_id) for invoice_id in invoice_ids))


def is_new_day(session: Session, now: datetime) -> bool:
    """Say whether a day began since the last look."""
    slot = session.get(SlotRow, DAY)
    return slot is None or slot.next_run_at <= now


def begin_day(session: Session, now: datetime) -> None:
    """Note the invoices of each connection with a customer that ended since the last look."""
    today = day_here(now)
    slot = session.get(SlotRow, DAY)
    ended = select(CustomerRow.connection_id).where(CustomerRow.ended_on < today).distinct()
    tomorrow = begin_of(today + timedelta(days=1)).astimezone(UTC)

    if slot is None:
        session.add(SlotRow(name=DAY, next_run_at=tomorrow))
    else:
        ended = ended.where(CustomerRow.ended_on >= day_here(slot.next_run_at) - timedelta(days=1))
        slot.next_run_at = tomorrow

    note_keys(session, (UnreadyKey(CONNECTION, "", each) for each in session.scalars(ended).all()))
