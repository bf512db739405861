"""What must be compared anew, as the rows that change say."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from sqlalchemy import event, inspect
from sqlalchemy.orm import Mapped, Session, UOWTransaction, mapped_column

from portal.store.base import Base

INVOICE = "invoice"
ENTRY = "entry"
SUBSIDIARY = "subsidiary"
# A month of a connection's subsidiary, whose sign-off is looked at again.
MONTH = "month"


class StaleKey(NamedTuple):
    """An invoice, an entry or a month of a connection, or all invoices of a subsidiary."""

    kind: str
    connection_id: int | None
    subject: str


class Compared:
    """A row that comparisons are made of. To write it makes them stale."""

    # ``update(…)`` and bulk inserts go past the session, so they add a ``StaleRow`` themselves.

    def each_stale(self) -> Iterator[StaleKey]:
        """Yield what to compare anew once this row is written."""
        raise NotImplementedError


class StaleRow(Base):
    """What must be compared anew. To be named twice does no harm."""

    __tablename__ = "stale_comparison"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    kind: Mapped[str]
    subject: Mapped[str]
    connection_id: Mapped[int | None] = mapped_column(default=None)


@event.listens_for(Session, "before_flush")
def note_stale(session: Session, _context: UOWTransaction, _instances: object) -> None:
    """Note what the rows about to be written make stale."""
    changed = [row for row in session.dirty if isinstance(row, Compared) and session.is_modified(row)]
    new = [row for row in session.new if isinstance(row, Compared)]
    found = {key for row in (*new, *changed) for key in row.each_stale()}
    session.add_all(
        StaleRow(kind=key.kind, connection_id=key.connection_id, subject=key.subject)
        for key in sorted(found, key=str)
    )


def old_and_new(row: object, name: str) -> set[Any]:
    """Return the value of a column and the one it had, without empty ones."""
    history = inspect(row, raiseerr=True).attrs[name].history
    return {value for value in (*history.deleted, getattr(row, name)) if value}


def has_changed(row: object, *names: str) -> bool:
    """Say whether one of these columns changed, or is new."""
    attributes = inspect(row, raiseerr=True).attrs
    return any(attributes[name].history.has_changes() for name in names)
