"""Take something off the list of what a restore could not match, once a person has looked at it."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.actions.engine.turn import transaction
from portal.domain.events import EventKind
from portal.domain.happened import Happened
from portal.domain.said import said
from portal.store.connections import ConnectionRow
from portal.store.events import note_event
from portal.store.gate import UnmatchedRow


def settle_unmatched(session: Session, unmatched_id: int, *, actor: str, now: datetime) -> None:
    """Mark it as settled, so that a later adoption does not report it again."""
    with transaction(session):
        row = session.get_one(UnmatchedRow, unmatched_id, with_for_update=True, populate_existing=True)
        if row.settled_at is not None:
            return

        row.settled_at = now
        settled = said(Happened.SETTLED_BY_HAND, number=row.number, reference=row.reference, why=row.why)
        note_event(
            session,
            at=now,
            actor=actor,
            kind=EventKind.SETTLED,
            said=settled,
            subsidiary_id=session.get_one(ConnectionRow, row.connection_id).subsidiary_id,
        )
