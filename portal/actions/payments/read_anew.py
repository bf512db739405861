"""Begin the feeds anew: nothing that the mirror holds is forgotten, but each row must be shown again."""

from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from portal.actions.engine.turn import let_go
from portal.domain.connections.states import PaymentsMode
from portal.domain.copies.states import IN_EXACT
from portal.domain.events import EventKind
from portal.domain.failed import Failed
from portal.domain.happened import Happened
from portal.domain.payments.feeds import BEGINNING
from portal.domain.said import said
from portal.remote.errors import BadAnswerError
from portal.store.connections import ConnectionRow
from portal.store.copies import CopyRow
from portal.store.events import note_event
from portal.store.terms import TermRow

# So many entries in doubt are read one by one; more mean that the answer was wrong, not the mirror.
MOST_DOUBTS = 100


def begin_anew(session: Session, connection: ConnectionRow, why: Happened, now: datetime) -> None:
    """Start both cursors anew. Rows that do not come again are looked at one by one. Commits nothing."""
    connection.payments.start_anew()
    session.execute(
        update(TermRow)
        .where(TermRow.connection_id == connection.id)
        .values(timestamp=0)
        .execution_options(synchronize_session="fetch")
    )

    note_event(
        session,
        at=now,
        actor="portal",
        kind=EventKind.RECEIVABLES_READ_ANEW,
        said=said(why),
        subsidiary_id=connection.subsidiary_id,
    )


def check_load(session: Session, connection: ConnectionRow) -> None:
    """Refuse a whole load that brought nothing although there should be something."""
    if connection.payments.term_cursor > BEGINNING:
        return

    needs_baseline = (
        not connection.payments.baseline_done and connection.payments.mode == PaymentsMode.FROM_NOW
    )
    should_be = _copied(session, connection) if needs_baseline else 0

    is_wrong = bool(should_be) or _unconfirmed(session, connection) > MOST_DOUBTS
    let_go(session)
    if is_wrong:
        raise BadAnswerError(said(Failed.NO_RECEIVABLES))


def _copied(session: Session, connection: ConnectionRow) -> int:
    query = select(func.count()).where(
        CopyRow.connection_id == connection.id, CopyRow.state.in_(IN_EXACT), CopyRow.gross_booked != 0
    )
    return session.scalar(query) or 0


def _unconfirmed(session: Session, connection: ConnectionRow) -> int:
    query = select(func.count()).where(
        TermRow.connection_id == connection.id, TermRow.timestamp == 0, TermRow.deleted_at.is_(None)
    )
    return session.scalar(query) or 0
