"""Holds: copies that are not sent, because others like them failed alike."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import JSON, ForeignKey, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.store.base import Base, Instant


class HoldRow(Base):
    """One cause for which copies with these traits wait; ``probe_id`` is the one copy that may try."""

    __tablename__ = "hold"

    id: Mapped[str] = mapped_column(primary_key=True)
    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id"))
    cause: Mapped[str]
    words: Mapped[str]
    traits: Mapped[list[str]] = mapped_column(JSON)
    held_at: Mapped[datetime] = mapped_column(Instant)
    probe_id: Mapped[str | None] = mapped_column(default=None)


def holds_of(session: Session, connection_id: int) -> Sequence[HoldRow]:
    """Return what a connection's copies are held for, the oldest first."""
    query = select(HoldRow).where(HoldRow.connection_id == connection_id)
    return session.scalars(query.order_by(HoldRow.held_at, HoldRow.id)).all()


def holds_for(session: Session, connection_id: int, cause: str, words: str) -> list[HoldRow]:
    """Return the holds for a cause and its words; each has traits of its own."""
    return [hold for hold in holds_of(session, connection_id) if (hold.cause, hold.words) == (cause, words)]
