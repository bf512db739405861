"""The root of all rows, and the types of their columns."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, Generic, TypeVar

from sqlalchemy import BigInteger, DateTime, Integer, MetaData, String, Table, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, MappedAsDataclass, Session, mapped_column
from sqlalchemy.types import TypeDecorator

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

Large = Annotated[int, mapped_column(BigInteger().with_variant(Integer, "sqlite"))]
"""Cents and Exact's row versions, which outgrow 32 bits."""


class Base(MappedAsDataclass, DeclarativeBase, kw_only=True):
    """Every row, typed and built by keyword."""

    metadata = MetaData(naming_convention=NAMES)


class Instant(TypeDecorator[datetime]):
    """A moment in UTC. Values without a zone are refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Store UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Read UTC."""
        return value if value is None or value.tzinfo else value.replace(tzinfo=UTC)


Member = TypeVar("Member", bound=StrEnum)


class Word(TypeDecorator[Member], Generic[Member]):
    """A member of a ``StrEnum``, stored as its text."""

    impl = String
    cache_ok = True

    def __init__(self, kind: type[Member]) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: Member | None, _dialect: Dialect) -> str | None:
        """Store the text."""
        return None if value is None else self.kind(value).value

    def process_result_value(self, value: str | None, _dialect: Dialect) -> Member | None:
        """Read the member."""
        return None if value is None else self.kind(value)


def table_of(row: type[Base]) -> Table:
    """Return the table of a row, past which the session learns nothing."""
    return row.metadata.tables[row.__tablename__]


def insert_or(session: Session, row: type[Base]) -> sqlite.Insert | postgresql.Insert:
    """Return the insert of this database that knows what to do on a conflict."""
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(row)
    return sqlite.insert(row)


def add_once(session: Session, row: Base) -> bool:
    """Add a row, unless another process was quicker."""
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        return False
    return True


def only(those: str) -> dict[str, Any]:
    """Let an index hold only rows that are so, on both databases."""
    return {"sqlite_where": text(those), "postgresql_where": text(those)}
