"""The gate: whether this portal may write to the outside."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ForeignKey, Select, func, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.domain.copies.adoption import DoubtCause
from portal.domain.ids import new_id
from portal.domain.said import Said
from portal.store.base import Base, Instant, Word
from portal.store.connections import ConnectionRow, ProductiveRow, SubsidiaryRow
from portal.store.copies import AttemptRow
from portal.store.events import ONLY_FOR_ADMINISTRATORS, EventRow
from portal.store.pulse import QUIET
from portal.store.said_column import SaidColumn
from portal.store.stale import has_changed
from portal.store.unready import ALL, Foreseen, UnreadyKey

THE_ONE = 1
_COUNTED = "counted writes"


class Counted(NamedTuple):
    """How many writes a database knows."""

    database_id: str
    writes: int


class GateRow(Foreseen, Base):
    """The one gate, and how many writes to the outside the database knows."""

    # ``writes`` only rises, so a lower one than was seen elsewhere means an older database.
    # ``known_until`` is the moment of a backup, and of a closed gate: nothing older is missing.

    __tablename__ = "gate"

    id: Mapped[int] = mapped_column(primary_key=True)
    database_id: Mapped[str]
    writes: Mapped[int] = mapped_column(default=0)
    table_number: Mapped[str | None] = mapped_column(default=None)
    closed_at: Mapped[datetime | None] = mapped_column(Instant, default=None)
    closed_why: Mapped[Said | None] = mapped_column(SaidColumn, default=None)
    known_until: Mapped[datetime | None] = mapped_column(Instant, default=None)

    def each_unready(self) -> Iterator[UnreadyKey]:
        """Name every invoice, once copying is closed or open again."""
        if has_changed(self, "closed_at"):
            yield UnreadyKey(ALL, "")


class AdoptionRow(Base):
    """A connection whose entries are adopted since the gate closed."""

    __tablename__ = "adoption"

    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id"), primary_key=True)
    closed_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime] = mapped_column(Instant)


class UnmatchedRow(Base):
    """Something found after a restore that belongs to nothing for certain."""

    __tablename__ = "unmatched"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id"), index=True)
    key: Mapped[str]
    number: Mapped[str]
    reference: Mapped[str]
    why: Mapped[Said] = mapped_column(SaidColumn)
    found_at: Mapped[datetime] = mapped_column(Instant)
    cause: Mapped[DoubtCause | None] = mapped_column(Word(DoubtCause), default=None)
    about: Mapped[str] = mapped_column(default="")
    settled_at: Mapped[datetime | None] = mapped_column(Instant, default=None)


Unmatched = tuple[UnmatchedRow, str]


def open_unmatched(
    session: Session, scope: tuple[str, ...] | None, *, most: int | None = None, after: int = 0
) -> Sequence[Unmatched]:
    """Return what a person has still to look at, the oldest first."""
    query = unmatched(scope).order_by(UnmatchedRow.id).limit(most).offset(after)
    return [(row, name) for row, name in session.execute(query)]


def unmatched(scope: tuple[str, ...] | None) -> Select[UnmatchedRow, str]:
    """Return the query of what a person has still to look at, without order."""
    query = (
        select(UnmatchedRow, func.coalesce(SubsidiaryRow.name, ConnectionRow.division_name))
        .join(ConnectionRow, ConnectionRow.id == UnmatchedRow.connection_id)
        .outerjoin(SubsidiaryRow, SubsidiaryRow.id == ConnectionRow.subsidiary_id)
        .where(UnmatchedRow.settled_at.is_(None))
    )
    return query if scope is None else query.where(ConnectionRow.subsidiary_id.in_(scope))


def find_gate(session: Session) -> GateRow | None:
    """Find the gate as it is stored now."""
    return session.get(GateRow, THE_ONE, populate_existing=True)


def the_gate(session: Session) -> GateRow:
    """Return the gate, made now if there was none."""
    if found := find_gate(session):
        return found
    with suppress(IntegrityError), session.begin_nested():  # another process may be quicker
        session.add(GateRow(id=THE_ONE, database_id=new_id()))
    return session.get_one(GateRow, THE_ONE, populate_existing=True)


def count_write(session: Session) -> Counted | None:
    """Count a write to the outside, unless the gate is closed."""
    counted = _count(session)
    if counted is not None or find_gate(session) is not None:
        return counted
    the_gate(session)
    return _count(session)


def _count(session: Session) -> Counted | None:
    counted = session.execute(
        update(GateRow)
        .where(GateRow.id == THE_ONE, GateRow.closed_at.is_(None))
        .values(writes=GateRow.writes + 1)
        .returning(GateRow.database_id, GateRow.writes)
        .execution_options(synchronize_session=False, **QUIET)
    ).first()

    return None if counted is None else Counted(*counted)


def note_counted(session: Session, counted: Counted) -> None:
    """Keep with the session how many writes it has committed, for a mark outside the database."""
    session.info[_COUNTED] = counted


def take_counted(session: Session) -> Counted | None:
    """Return how many writes this session has committed, once."""
    counted: Counted | None = session.info.pop(_COUNTED, None)
    return counted


def find_table_number(session: Session) -> str | None:
    """Return PostgreSQL's numbers of the database and the table."""
    # A restored dump gets others. SQLite has none.
    if session.get_bind().dialect.name != "postgresql":
        return None
    numbers = text(
        "SELECT oid || '-' || 'gate'::regclass::oid FROM pg_database WHERE datname = current_database()"
    )
    return str(session.scalar(numbers))


def find_last_moment(session: Session) -> datetime | None:
    """Return the youngest moment that the database knows of."""
    of_before = EventRow.kind.not_in(ONLY_FOR_ADMINISTRATORS)
    moments = (
        session.scalar(select(func.max(EventRow.at)).where(of_before)),
        session.scalar(select(func.max(AttemptRow.started_at))),
        session.scalar(select(func.max(ProductiveRow.invoices_pulled_at))),
    )
    return max((moment for moment in moments if moment), default=None)
