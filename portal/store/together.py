"""Rows of several tables that one page needs, read by one statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Integer, Select, literal_column, select, union_all
from sqlalchemy.orm import Session, aliased, joinedload
from sqlalchemy.sql.base import ExecutableOption

from portal.store.base import Base

Row = TypeVar("Row", bound=Base)


@dataclass(frozen=True, slots=True)
class Asked(Generic[Row]):
    """Rows of one table that are asked for, by conditions whose values come later."""

    at: int
    row: type[Row]


class Found:
    """What was found. While it is kept, ``session.get`` finds its rows without another query."""

    def __init__(self, asked: int) -> None:
        """Begin with nothing found."""
        self._rows: list[list[Any]] = [[] for _ in range(asked)]

    def add(self, at: int, row: Base) -> None:
        """Add a row to its part."""
        self._rows[at].append(row)

    def all(self, asked: Asked[Row]) -> list[Row]:
        """Return the rows that were asked for, in no order."""
        return self._rows[asked.at]

    def first(self, asked: Asked[Row]) -> Row | None:
        """Return what there is one of at most."""
        rows = self.all(asked)
        return rows[0] if rows else None


class Together:
    """Asks for rows of several tables by one statement, which is put together once in a process."""

    # Each table is joined for a part of its own, so that no row is told twice.

    def __init__(self) -> None:
        """Begin with nothing asked for."""
        self._asked: list[Asked[Any]] = []
        self._options: list[ExecutableOption] = []

    def ask(self, row: type[Row], *where: ColumnElement[bool], load: Sequence[str] = ()) -> Asked[Row]:
        """Ask for the rows of a table that meet all conditions, loaded with what is named."""
        # The offset keeps each question whole, so that it is answered from its own index.
        alone = select(row).where(*where).offset(literal_column("0"))
        entity = aliased(row, alone.subquery())
        asked = Asked(len(self._asked), entity)
        self._asked.append(asked)
        self._options += (joinedload(getattr(entity, name), innerjoin=False) for name in load)

        return asked

    @cached_property
    def query(self) -> Select[Any]:
        """Return the one statement. What another session wrote meanwhile is shown, too."""
        numbers = (select(_number(asked.at).label("at")) for asked in self._asked)
        part = union_all(*numbers).subquery("part")
        query = select(*(asked.row for asked in self._asked)).select_from(part)

        for asked in self._asked:
            query = query.outerjoin(asked.row, part.c.at == _number(asked.at))

        return query.options(*self._options).execution_options(populate_existing=True)

    def read(self, session: Session, **values: object) -> Found:
        """Read all that was asked for, with these values."""
        found = Found(len(self._asked))
        for rows in session.execute(self.query, values):
            for at, row in enumerate(rows):
                if row is not None:
                    found.add(at, row)

        return found


def _number(at: int) -> ColumnElement[int]:
    """Spell the number of a part."""
    return literal_column(str(at), Integer)
