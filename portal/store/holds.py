"""Holds: copies that are not sent, because others like them failed alike."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import JSON, ForeignKey, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.store.base import Base, Instant


class HoldRow(Base):
    """One cause for which copies with these traits wait."""

    # ``probe_id`` is the one copy that may try.

    __tablename__ = "hold"

    id: Mapped[str] = mapped_column(primary_key=True)
    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id"))
    cause: Mapped[str]
    words: Mapped[str]
    traits: Mapped[list[str]] = mapped_column(JSON)
    held_at: Mapped[datetime] = mapped_column(Instant)
    probe_id: Mapped[str | None] = mapped_column(default=None)
    reasonless: Mapped[bool] = mapped_column(default=False)

    def concerns(self, traits: Collection[str]) -> bool:
        """Say whether what has these traits is held."""
        return set(self.traits).issubset(traits)


def holds_of(
    session: Session, connection_id: int, cause: str | None = None, words: str | None = None
) -> Sequence[HoldRow]:
    """Return what a connection's copies are held for, the oldest first."""
    query = select(HoldRow).where(HoldRow.connection_id == connection_id)
    if cause is not None:
        query = query.where(HoldRow.cause == cause)
    if words is not None:
        query = query.where(HoldRow.words == words)
    return session.scalars(query.order_by(HoldRow.held_at, HoldRow.id)).all()
