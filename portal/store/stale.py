"""What must be compared anew, as the rows that change say."""

from collections.abc import Hashable, Iterable, Iterator
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import event, inspect
from sqlalchemy.orm import Mapped, Session, SessionTransaction, UOWTransaction, mapped_column

from portal.store.base import Base

INVOICE = "invoice"
ENTRY = "entry"
SUBSIDIARY = "subsidiary"
# A month of a connection's subsidiary, whose sign-off is looked at again.
MONTH = "month"

Key = TypeVar("Key", bound=Hashable)

# In the info of a session: the keys that its running transaction has noted.
_NOTED = "noted keys"


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
        for key in sorted(first_noted(session, found), key=str)
    )


def first_noted(session: Session, keys: Iterable[Key]) -> set[Key]:
    """Return which of these keys were not noted before in the same transaction."""
    noted: set[Key] = session.info.setdefault(_NOTED, set())
    first = set(keys) - noted
    noted |= first
    return first


@event.listens_for(Session, "after_commit")
def _forget_noted(session: Session) -> None:
    """Begin anew after a commit."""
    session.info.pop(_NOTED, None)


@event.listens_for(Session, "after_soft_rollback")
def _forget_undone(session: Session, _transaction: SessionTransaction) -> None:
    """Begin anew after a rollback, for what was noted since its savepoint is gone."""
    session.info.pop(_NOTED, None)


def old_and_new(row: object, name: str) -> set[Any]:
    """Return the value of a column and the one it had, without empty ones."""
    history = inspect(row, raiseerr=True).attrs[name].history
    return {value for value in (*history.deleted, getattr(row, name)) if value}


def has_changed(row: object, *names: str) -> bool:
    """Say whether one of these columns changed, or is new."""
    attributes = inspect(row, raiseerr=True).attrs
    return any(attributes[name].history.has_changes() for name in names)
