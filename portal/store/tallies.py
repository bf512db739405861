"""Kept counts: what rows add up to, kept by the database itself as they are written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import (
    BigInteger,
    Index,
    Insert,
    Integer,
    Select,
    String,
    Table,
    and_,
    cast,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy import Column as TableColumn
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.selectable import FromClause

from portal.store.base import Base
from portal.store.pulse import QUIET

Expression = ColumnElement[Any] | InstrumentedAttribute[Any]

# Rows of one key that may lie apart before they are folded into one.
SURPLUS = 200
# Says of a table that the database works it out by itself.
KEPT = "kept by triggers"
LARGE = BigInteger().with_variant(Integer, "sqlite")
TALLIES: list["Tally"] = []


class month_of(FunctionElement[str]):  # noqa: N801 it reads as a function
    """The month of a date as text: 2026-03."""

    type = String()
    inherit_cache = True


@compiles(month_of, "sqlite")
def _month_in_sqlite(element: month_of, compiler: SQLCompiler, **options: Any) -> str:
    return f"substr({compiler.process(element.clauses, **options)}, 1, 7)"


@compiles(month_of, "postgresql")
def _month_in_postgres(element: month_of, compiler: SQLCompiler, **options: Any) -> str:
    return f"to_char({compiler.process(element.clauses, **options)}, 'YYYY-MM')"


@dataclass(eq=False)
class Tally:
    """How many rows there are of each key, and what they add up to.

    ``keys`` and ``sums`` name expressions of the source, and of its parent where it has one.
    """

    # Each write appends what it adds and takes away, so no two writers wait for each other. A reader sums
    # it up, and a job folds it. A key may be NULL, which is a key like others.

    name: str
    source: type[DeclarativeBase]
    keys: Mapping[str, Expression]
    sums: Mapping[str, Expression]
    where: Sequence[ColumnElement[bool]] = ()
    # A column of the source that holds the primary key of the parent's row, from which keys may come, too.
    parent: tuple[type[DeclarativeBase], InstrumentedAttribute[Any]] | None = None
    indexes: Sequence[Sequence[str]] = ()

    def __post_init__(self) -> None:
        """Add the table of deltas to the metadata."""
        self.table = Table(
            f"tally_{self.name}",
            self.source.metadata,
            TableColumn("id", LARGE, primary_key=True),
            *(TableColumn(name, each.type, nullable=True) for name, each in self.keys.items()),
            TableColumn("rows", LARGE, nullable=False),
            *(TableColumn(name, LARGE, nullable=False) for name in self.sums),
            *(Index(f"ix_tally_{self.name}_{'_'.join(names)}", *names) for names in self.indexes),
            info={KEPT: True},
        )

        # Whoever empties all tables in their order empties this one last, and so what that leaves in it.
        for watched in self.watched:
            watched.add_is_dependent_on(self.table)
        if self.table.metadata is Base.metadata:
            TALLIES.append(self)

    @property
    def c(self) -> Any:
        """Return the columns: the keys, ``rows`` and the sums."""
        return self.table.c

    @cached_property
    def source_table(self) -> Table:
        """Return the table that is counted."""
        return _table_of(self.source)

    @cached_property
    def parent_table(self) -> Table | None:
        """Return the table from which keys come, too."""
        return _table_of(self.parent[0]) if self.parent else None

    @property
    def watched(self) -> tuple[Table, ...]:
        """Return the tables whose writes change the count."""
        return (self.source_table,) if self.parent_table is None else (self.source_table, self.parent_table)

    @property
    def counted(self) -> tuple[str, ...]:
        """Return the names of all that is added up."""
        return ("rows", *self.sums)

    def read(self, *keys: str, where: Sequence[ColumnElement[bool]] = ()) -> Select[Any]:
        """Return the query of some keys, with ``rows`` and the sums of each that has any rows."""
        chosen = [self.c[name] for name in keys]
        query = select(*chosen, *(add_up(self.c[name]).label(name) for name in self.counted)).where(*where)
        return query.group_by(*chosen).having(func.sum(self.c["rows"]) != 0) if keys else query

    def count(self) -> Select[Any]:
        """Return the query that counts the source itself, in the columns of the table."""
        facts = [each.label(name) for name, each in self.facts().items()]
        return select(*facts).select_from(self._counted_from()).where(*self.where)

    def facts(self) -> dict[str, ColumnElement[Any]]:
        """Return what one row of the source adds, by column."""
        sums = {name: func.coalesce(each, 0) for name, each in self.sums.items()}
        keys = {name: _element(each) for name, each in self.keys.items()}
        return {**keys, "rows": literal(1, Integer), **sums}

    def _counted_from(self) -> FromClause:
        if self.parent is None or self.parent_table is None:
            return self.source_table
        return self.source_table.join(self.parent_table, _key_of(self.parent_table) == self.parent[1])


def add_up(column: ColumnElement[Any]) -> ColumnElement[int]:
    """Sum up as a whole number, zero of nothing."""
    return cast(func.coalesce(func.sum(column), 0), BigInteger)


def _table_of(kind: type[DeclarativeBase]) -> Table:
    return kind.metadata.tables[kind.__tablename__]


def _key_of(table: Table) -> ColumnElement[Any]:
    (key,) = table.primary_key.columns
    return key


def _element(each: Expression) -> ColumnElement[Any]:
    return each.expression if isinstance(each, InstrumentedAttribute) else each


def fold(session: Session, tally: Tally, *, surplus: int = SURPLUS) -> int:
    """Fold the rows of each key into one where many lie apart. Returns how many went. Commits nothing."""
    # Beside writers and readers, for it puts back the sum of the very rows that it takes away.
    if not _take_lock(session, tally):
        return 0

    before = _size(session, tally)
    if before - _distinct(session, tally) <= surplus:
        return 0

    if session.get_bind().dialect.name == "postgresql":
        _fold_by_one_statement(session, tally)
    else:
        _fold_alone(session, tally)

    nothing = and_(*(tally.c[name] == 0 for name in tally.counted))
    session.execute(delete(tally.table).where(nothing), execution_options=QUIET)
    return before - _size(session, tally)


def _take_lock(session: Session, tally: Tally) -> bool:
    """Say whether nobody else folds or mends until this transaction ends. SQLite has one writer anyway."""
    if session.get_bind().dialect.name != "postgresql":
        return True
    return bool(session.scalar(select(func.pg_try_advisory_xact_lock(func.hashtext(tally.table.name)))))


def _size(session: Session, tally: Tally) -> int:
    return session.scalar(select(func.count()).select_from(tally.table)) or 0


def _distinct(session: Session, tally: Tally) -> int:
    keys = select(*(tally.c[name] for name in tally.keys)).distinct().subquery()
    return session.scalar(select(func.count()).select_from(keys)) or 0


def _several(tally: Tally) -> Select[Any]:
    """Return the query of the rows whose key has others."""
    keys = [tally.c[name] for name in tally.keys]
    alike = func.count().over(partition_by=keys).label("alike")
    each = select(tally.c.id, alike).subquery()
    return select(each.c.id).where(each.c.alike > 1)


def _fold_by_one_statement(session: Session, tally: Tally) -> None:
    """Fold beside writers: what another transaction appends is neither added up nor taken away."""
    columns = [tally.c[name] for name in (*tally.keys, *tally.counted)]
    gone = delete(tally.table).where(tally.c.id.in_(_several(tally))).returning(*columns).cte("gone")
    session.execute(_insert_sums(tally, gone), execution_options=QUIET)


def _fold_alone(session: Session, tally: Tally) -> None:
    """Fold where nobody else writes until the transaction ends."""
    newest = session.scalar(select(func.max(tally.c.id))) or 0
    old = select(tally.table).where(tally.c.id.in_(_several(tally))).subquery()
    session.execute(_insert_sums(tally, old), execution_options=QUIET)

    gone = delete(tally.table).where(tally.c.id <= newest, tally.c.id.in_(_several(tally)))
    session.execute(gone, execution_options=QUIET)


def _insert_sums(tally: Tally, rows: FromClause) -> Insert:
    """Return the statement that adds the sum of some rows for each key."""
    keys = [rows.c[name] for name in tally.keys]
    sums = [add_up(rows.c[name]).label(name) for name in tally.counted]
    query = select(*keys, *sums).group_by(*keys)
    return insert(tally.table).from_select([*tally.keys, *tally.counted], query)


def differences(tally: Tally) -> Select[Any]:
    """Return the query of what each key is counted too low by, which is nothing where all is right."""
    # Both are read by one statement, and so at one moment, while others write.
    counted = tally.count()
    kept = select(
        *(tally.c[name] for name in tally.keys),
        *((-tally.c[name]).label(name) for name in tally.counted),
    )
    both = union_all(counted, kept).subquery()
    keys = [both.c[name] for name in tally.keys]
    sums = [add_up(both.c[name]).label(name) for name in tally.counted]

    wrong = or_(*(func.sum(both.c[name]) != 0 for name in tally.counted))
    return select(*keys, *sums).group_by(*keys).having(wrong)


def mend(session: Session, tally: Tally) -> int:
    """Add what lacks, or take away what is too much. Returns of how many keys. Commits nothing."""
    if not _take_lock(session, tally):
        return 0

    statement = insert(tally.table).from_select([*tally.keys, *tally.counted], differences(tally))
    return len(session.execute(statement.returning(tally.c.id), execution_options=QUIET).all())
