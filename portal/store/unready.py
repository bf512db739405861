"""Which invoices must be looked at anew before they are copied, as the rows that change say."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from sqlalchemy import Index, event
from sqlalchemy.orm import Mapped, Session, UOWTransaction, mapped_column

from portal.store.base import Base
from portal.store.stale import first_noted

ALL = "all"
SUBSIDIARY = "subsidiary"
CONNECTION = "connection"
COMPANY = "company"
NUMBER = "number"
SERVICE = "service"
TAX = "tax"
INVOICE = "invoice"

# In the info of a session that noted something since it last committed.
NOTED = "unready"


class UnreadyKey(NamedTuple):
    """Some invoices: one, or those of a company, a number, a mapping, a connection or a subsidiary."""

    kind: str
    subject: str
    # Of those with a subject that means something within one connection only.
    connection_id: int | None = None


class Foreseen:
    """A row that readiness is made of. To write or delete it makes invoices unready."""

    # ``update(…)``, ``delete(…)`` and bulk inserts go past the session, so they call ``note_keys``.

    def each_unready(self) -> Iterator[UnreadyKey]:
        """Yield which invoices to look at anew once this row is written."""
        raise NotImplementedError

    def become_unready(self) -> None:
        """Forget what was found about this row itself, where it is an invoice."""


class UnreadyRow(Base):
    """Some invoices to be looked at anew. To be named twice does no harm."""

    __tablename__ = "unready"
    __table_args__ = (Index("ix_unready_subject", "subject", "kind"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    kind: Mapped[str]
    subject: Mapped[str]
    connection_id: Mapped[int | None] = mapped_column(default=None)


def note_keys(session: Session, keys: Iterable[UnreadyKey]) -> None:
    """Note that some invoices must be looked at anew. Commits nothing."""
    rows = [
        UnreadyRow(kind=key.kind, subject=key.subject, connection_id=key.connection_id)
        for key in sorted(first_noted(session, keys), key=str)
    ]
    session.add_all(rows)
    if rows:
        session.info[NOTED] = True


@event.listens_for(Session, "before_flush")
def note_unready(session: Session, _context: UOWTransaction, _instances: object) -> None:
    """Note what the rows about to be written or deleted make unready."""
    changed = [row for row in session.dirty if isinstance(row, Foreseen) and session.is_modified(row)]
    others = [row for row in (*session.new, *session.deleted) if isinstance(row, Foreseen)]
    keys = {key for row in (*others, *changed) for key in row.each_unready()}

    for row in changed:
        row.become_unready()

    note_keys(session, keys)


@event.listens_for(Session, "after_rollback")
def forget_noted(session: Session) -> None:
    """Forget that something was noted, for nothing was."""
    session.info.pop(NOTED, None)
