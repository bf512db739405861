"""Disconnect a subsidiary. Its history and mappings stay."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.actions.copies.hold import drop_holds
from portal.actions.engine.turn import transaction
from portal.domain.connections.states import ConnectionState
from portal.domain.events import EventKind
from portal.domain.happened import Happened
from portal.domain.said import said
from portal.store.catalogue import forget_catalogue
from portal.store.connections import ConnectionRow, uses_of_grant
from portal.store.events import note_event
from portal.store.grants import GrantRow
from portal.store.mappings import forget_mappings


def disconnect(session: Session, connection_id: int, *, actor: str, now: datetime) -> None:
    """End a live connection. A second call changes nothing."""
    with transaction(session):
        row = session.get_one(ConnectionRow, connection_id, with_for_update=True)
        if row.state == ConnectionState.DISCONNECTED:
            return

        retire(session, row, now)
        note_event(
            session,
            at=now,
            actor=actor,
            kind=EventKind.DISCONNECTED,
            said=said(Happened.DISCONNECTED, division=row.division_name),
            subsidiary_id=row.subsidiary_id,
        )


def retire(session: Session, row: ConnectionRow, now: datetime) -> None:
    """Keep a connection for history only, without sign-in. Commits nothing."""
    grant_id = row.grant_id
    row.disconnect(now)
    drop_holds(session, row.id, now)
    session.flush()
    drop_tokens_if_unused(session, grant_id)


def discard_draft(session: Session, connection_id: int) -> None:
    """Give up a set-up."""
    # A connection that once was live goes back to history.
    with transaction(session):
        row = session.get(ConnectionRow, connection_id)
        if row and row.state == ConnectionState.DRAFT:
            release_draft(session, row)


def release_draft(session: Session, row: ConnectionRow) -> None:
    """Delete a draft that never was live, else return it to history. Commits nothing."""
    if row.disconnected_at is not None:
        return retire(session, row, row.disconnected_at)

    grant_id = row.grant_id
    forget_catalogue(session, row.id)
    forget_mappings(session, row.id)
    session.delete(row)
    session.flush()

    return drop_tokens_if_unused(session, grant_id)


def drop_tokens_if_unused(session: Session, grant_id: int | None) -> None:
    """Drop a grant's tokens when no connection uses it."""
    if grant_id is None or uses_of_grant(session, grant_id):
        return

    grant = session.get_one(GrantRow, grant_id, with_for_update=True)
    grant.drop_tokens()
