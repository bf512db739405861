"""Sessions: begin, renew and end what keeps a person signed in."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from portal.actions.engine.turn import transaction
from portal.store.people import UserRow
from portal.store.sessions import (
    SessionRow,
    delete_ended,
    delete_session,
    delete_sessions,
    hash_of,
    sessions_of,
)
from portal.store.tries import delete_old_tries

TOKEN_BYTES = 32
# A person has so many at most. The oldest one ends.
MOST_OF_ONE = 20


def begin_session(
    session: Session, user: UserRow, *, address: str, browser: str, idle: timedelta, now: datetime
) -> tuple[SessionRow, str]:
    """Begin a session. Return its row and the token, which is shown once."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    row = SessionRow(
        user_id=user.id,
        token_hash=hash_of(token),
        began_at=now,
        seen_at=now,
        confirmed_at=now,
        address=address,
        browser=browser,
    )

    with transaction(session):
        for oldest in sessions_of(session, user.id, idle=idle, now=now)[MOST_OF_ONE - 1 :]:
            delete_session(session, user.id, oldest.id)
        session.add(row)

    return row, token


def renew_token(session: Session, session_id: int) -> str:
    """Give a session that goes on a new token. The old one opens nothing any more."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    with transaction(session):
        session.get_one(SessionRow, session_id).take_token(token)
    return token


def confirm_session(session: Session, session_id: int, *, now: datetime) -> None:
    """Note that the person has just given their password."""
    with transaction(session):
        session.get_one(SessionRow, session_id).confirm(now)


def end_session(session: Session, user_id: int, session_id: int) -> bool:
    """End one of a person's sessions. Say whether there was one."""
    with transaction(session):
        return delete_session(session, user_id, session_id)


def end_other_sessions(session: Session, user_id: int, *, but: int) -> int:
    """End all of a person's sessions but one. Return how many."""
    with transaction(session):
        return delete_sessions(session, user_id, but=but)


def clean_sessions(session: Session, *, idle: timedelta, now: datetime) -> int:
    """Delete the sessions that ended by themselves, and old tries. Return how many ended."""
    with transaction(session):
        delete_old_tries(session, now=now)
        return delete_ended(session, idle=idle, now=now)
