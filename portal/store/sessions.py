"""Sessions: who is signed in with which browser. Of the token only a hash is kept."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, ForeignKey, bindparam, delete, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.domain.house.sessions import LONGEST
from portal.store.base import Base, Instant
from portal.store.people import UserRow


class SessionRow(Base):
    """One browser that somebody signed in with. What has no row is not signed in."""

    __tablename__ = "web_session"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    began_at: Mapped[datetime] = mapped_column(Instant)
    seen_at: Mapped[datetime] = mapped_column(Instant)
    confirmed_at: Mapped[datetime] = mapped_column(Instant)
    address: Mapped[str] = mapped_column(default="")
    browser: Mapped[str] = mapped_column(default="")

    def confirm(self, at: datetime) -> None:
        """Keep that the person has just given their password."""
        self.confirmed_at = at

    def take_token(self, token: str) -> None:
        """Go on under another token. The old one opens nothing any more."""
        self.token_hash = hash_of(token)


# Asked by every request, so it is put together once.
BY_TOKEN = (
    select(SessionRow, UserRow)
    .join(UserRow, UserRow.id == SessionRow.user_id)
    .where(SessionRow.token_hash == bindparam("hash"))
)


def hash_of(token: str) -> str:
    """Return what is kept of a token."""
    # A token is long and by chance, so that a plain hash cannot be undone.
    return hashlib.sha256(token.encode()).hexdigest()


def find_session(session: Session, token: str) -> tuple[SessionRow, UserRow] | None:
    """Find a session and its person by the browser's token."""
    found = session.execute(BY_TOKEN, {"hash": hash_of(token)}).first()
    return None if found is None else (found[0], found[1])


def sessions_of(session: Session, user_id: int, *, idle: timedelta, now: datetime) -> Sequence[SessionRow]:
    """Return a person's sessions that have not ended, the one used last first."""
    query = select(SessionRow).where(SessionRow.user_id == user_id, ~_is_over(idle, now))
    return session.scalars(query.order_by(SessionRow.seen_at.desc(), SessionRow.id.desc())).all()


def touch_session(session: Session, session_id: int, *, now: datetime) -> None:
    """Note that the person was here."""
    session.execute(update(SessionRow).where(SessionRow.id == session_id).values(seen_at=now))


def delete_session(session: Session, user_id: int, session_id: int) -> bool:
    """Delete one of a person's sessions. Say whether there was one."""
    mine = (SessionRow.user_id == user_id, SessionRow.id == session_id)
    return session.execute(delete(SessionRow).where(*mine).returning(SessionRow.id)).first() is not None


def delete_sessions(session: Session, user_id: int, *, but: int | None = None) -> int:
    """Delete a person's sessions, all or all but one. Return how many."""
    query = delete(SessionRow).where(SessionRow.user_id == user_id)
    if but is not None:
        query = query.where(SessionRow.id != but)
    return len(session.execute(query.returning(SessionRow.id)).all())


def delete_every_session(session: Session) -> None:
    """Delete the sessions of everybody."""
    session.execute(delete(SessionRow))


def delete_ended(session: Session, *, idle: timedelta, now: datetime) -> int:
    """Delete what ended by itself. Return how many."""
    return len(session.execute(delete(SessionRow).where(_is_over(idle, now)).returning(SessionRow.id)).all())


def _is_over(idle: timedelta, now: datetime) -> ColumnElement[bool]:
    return or_(SessionRow.began_at <= now - LONGEST, SessionRow.seen_at <= now - idle)
