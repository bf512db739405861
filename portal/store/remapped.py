"""Connections whose mappings changed, until their held copies were looked at again."""

from collections.abc import Sequence

from sqlalchemy import ForeignKey, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.store.base import Base


class RemappedRow(Base):
    """A change of a connection's mappings. Two rows do no harm."""

    __tablename__ = "remapped"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id", ondelete="CASCADE"), index=True)


def note_remapped(session: Session, connection_id: int) -> None:
    """Note that the held copies of a connection should be looked at again."""
    session.add(RemappedRow(connection_id=connection_id))


def remapped_connections(session: Session) -> Sequence[int]:
    """Return the connections whose held copies should be looked at."""
    query = select(RemappedRow.connection_id).distinct().order_by(RemappedRow.connection_id)
    return session.scalars(query).all()


def claim_remapped(session: Session, connection_id: int) -> list[int]:
    """Lock and return the changes of a connection that nobody else is working on."""
    query = select(RemappedRow.id).where(RemappedRow.connection_id == connection_id)
    return list(session.scalars(query.with_for_update(skip_locked=True)))


def forget_remapped(session: Session, ids: Sequence[int]) -> None:
    """Forget changes whose copies were looked at."""
    session.execute(delete(RemappedRow).where(RemappedRow.id.in_(ids)))
