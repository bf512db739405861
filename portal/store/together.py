"""Rows of several tables that one page needs, read by one statement."""

from collections.abc import Iterator
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Integer, Select, and_, literal_column, select, union_all
from sqlalchemy.orm import Session
from sqlalchemy.sql.base import ExecutableOption

from portal.store.base import Base

Row = TypeVar("Row", bound=Base)


class Asked(Generic[Row]):
    """Rows of one table that are asked for, and afterwards what was found."""

    # The rows are kept here, so that ``session.get`` finds them without another query.

    def __init__(self, row: type[Row], where: tuple[ColumnElement[bool], ...]) -> None:
        """Ask for the rows of a table that meet all conditions."""
        self.row = row
        self.where = where
        self.found: list[Row] = []

    @property
    def first(self) -> Row | None:
        """Return what there is one of at most."""
        return self.found[0] if self.found else None

    def __iter__(self) -> Iterator[Row]:
        """Go through what was found."""
        return iter(self.found)


class Together:
    """Asks for rows of several tables, and reads them by one statement."""

    # Each table is joined for a part of its own, so that no row is told twice.

    def __init__(self) -> None:
        """Begin with nothing asked for."""
        self._asked: list[Asked[Any]] = []
        self._options: list[ExecutableOption] = []

    def ask(self, row: type[Row], *where: ColumnElement[bool]) -> Asked[Row]:
        """Ask for the rows of a table that meet all conditions, in no order."""
        asked = Asked(row, where)
        self._asked.append(asked)
        return asked

    def load(self, *options: ExecutableOption) -> None:
        """Say what is read with the rows."""
        self._options += options

    def query(self) -> Select[Any]:
        """Spell the one statement."""
        numbers = (select(_number(at).label("at")) for at in range(len(self._asked)))
        part = union_all(*numbers).subquery("part")
        query = select(*(asked.row for asked in self._asked)).select_from(part)

        for at, asked in enumerate(self._asked):
            is_here = part.c.at == _number(at)
            query = query.outerjoin(asked.row, and_(is_here, *asked.where))

        return query.options(*self._options)

    def read(self, session: Session) -> None:
        """Read all that was asked for. What another session wrote meanwhile is shown, too."""
        rows = session.execute(self.query().execution_options(populate_existing=True))
        for found in rows.unique():
            for asked, row in zip(self._asked, found, strict=True):
                if row is not None:
                    asked.found.append(row)


def _number(at: int) -> ColumnElement[int]:
    """Spell the number of a part."""
    return literal_column(str(at), Integer)
