"""The baseline of "from now": what was settled already, while Exact leaves it so. Commits nothing."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, insert, literal, select
from sqlalchemy.orm import Session

from portal.domain.payments import TERM_MATCHED, Settled, Term, still_old
from portal.store.connections import FROM_NOW, ConnectionRow
from portal.store.copies import CopyRow
from portal.store.events import note_event
from portal.store.payments import BaselineRow, TermRow

REDATED = (
    "A part that was settled before payments were switched on has another date in Exact now. "
    "It makes no payment; if it is new money, record it in Productive."
)


def take_baseline(session: Session, connection: ConnectionRow) -> None:
    """After the first whole load, remember what "from now" found settled already."""
    session.execute(delete(BaselineRow).where(BaselineRow.connection_id == connection.id))
    if connection.payments_mode == FROM_NOW:
        on = func.coalesce(TermRow.last_payment_on, TermRow.ended_on)
        settled = select(literal(connection.id), TermRow.id, TermRow.entry_id, -TermRow.amount, on).where(
            TermRow.connection_id == connection.id,
            TermRow.status == TERM_MATCHED,
            TermRow.deleted_at.is_(None),
            on.is_not(None),
        )
        columns = ["connection_id", "term_id", "entry_id", "amount", "settled_on"]
        session.execute(insert(BaselineRow).from_select(columns, settled))
    connection.baseline_done = True


def baseline_of(session: Session, connection_id: int, entry_id: str | None) -> tuple[Settled, ...]:
    """Return what was settled of an entry before payments were switched on."""
    rows = session.scalars(
        select(BaselineRow).where(
            BaselineRow.connection_id == connection_id, BaselineRow.entry_id == entry_id
        )
    )
    return tuple(Settled(row.term_id, row.amount, row.settled_on) for row in rows)


def follow_baseline(session: Session, copy: CopyRow, terms: Sequence[Term], now: datetime) -> None:
    """Let the baseline follow what Exact still shows; what was taken back is new when it comes again."""
    before = baseline_of(session, copy.connection_id, copy.entry_id)
    pairs = still_old(terms, before)
    if {old for _, old in pairs} == set(before) and all(part == old for part, old in pairs):
        return
    here = (BaselineRow.connection_id == copy.connection_id, BaselineRow.entry_id == copy.entry_id)
    session.execute(delete(BaselineRow).where(*here))
    session.add_all(
        BaselineRow(
            connection_id=copy.connection_id,
            term_id=part.term_id,
            entry_id=copy.entry_id or "",
            amount=part.amount,
            settled_on=part.on,
        )
        for part, _ in pairs
    )
    if any(part.on != old.on for part, old in pairs):
        note_event(
            session,
            at=now,
            actor="portal",
            kind="settled before",
            text=REDATED,
            subsidiary_id=session.get_one(ConnectionRow, copy.connection_id).subsidiary_id,
            invoice_id=copy.invoice_id,
            copy_id=copy.id,
        )
