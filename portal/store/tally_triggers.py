"""The triggers that keep the counts, for SQLite and PostgreSQL: written from their tallies."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, MetaData, Table, create_mock_engine, event, literal_column, text
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import Session
from sqlalchemy.schema import Column
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.visitors import iterate, replacement_traverse

from portal.store.base import Base
from portal.store.tallies import TALLIES, Tally, mend

# Neither doubles a percent sign, for nothing is filled in.
SQLITE = create_mock_engine("sqlite://", lambda *_given: None, paramstyle="named").dialect
POSTGRES = create_mock_engine("postgresql+psycopg://", lambda *_given: None, paramstyle="named").dialect
OLD = "OLD"
NEW = "NEW"
RAW = {"no_parameters": True}
INSERT = "insert"
UPDATE = "update"
DELETE = "delete"
TRUNCATE = "truncate"
# A function of PostgreSQL, called after each row, and after a table was emptied at once.
BODY = """
BEGIN
  IF TG_OP = 'TRUNCATE' THEN
    DELETE FROM {kept};
    RETURN NULL;
  END IF;
  IF TG_OP = 'UPDATE' THEN
    IF NOT ({changed}) THEN
      RETURN NULL;
    END IF;
  END IF;
  IF TG_OP <> 'INSERT' THEN
    {subtract};
  END IF;
  IF TG_OP <> 'DELETE' THEN
    {add};
  END IF;
  RETURN NULL;
END
"""


@dataclass(frozen=True, slots=True)
class Trigger:
    """One trigger: its name, its table, and its text as the database keeps it."""

    name: str
    table: str
    text: str


def triggers_of(tally: Tally, dialect: str) -> list[Trigger]:
    """Return the triggers of a tally."""
    writing = Writing(tally, POSTGRES if dialect == "postgresql" else SQLITE)
    return [each for table in tally.watched for each in writing.triggers(table)]


@dataclass(frozen=True, slots=True)
class Writing:
    """What writes a tally's triggers in one dialect."""

    tally: Tally
    dialect: Dialect

    def triggers(self, table: Table) -> Iterator[Trigger]:
        """Yield the triggers of one table: three on SQLite, two with a function on PostgreSQL."""
        base = (
            self.tally.table.name if table is self.tally.source_table else f"{self.tally.table.name}_parent"
        )
        if self.dialect is SQLITE:
            yield from self._sqlite(base, table)
        else:
            yield Trigger(base, table.name, self._function(table))
            yield Trigger(f"{base}_{TRUNCATE}", table.name, self._function(table))

    def _sqlite(self, base: str, table: Table) -> Iterator[Trigger]:
        for kind, rows in ((INSERT, [NEW]), (UPDATE, [OLD, NEW]), (DELETE, [OLD])):
            when = f"\nWHEN {self._changed(table)}" if kind == UPDATE else ""
            steps = "\n".join(f"  {self._append(table, row)};" for row in rows)
            name = f"{base}_{kind}"
            head = (
                f"CREATE TRIGGER {name} AFTER {kind.upper()} ON {self._quote(table.name)} FOR EACH ROW{when}"
            )
            yield Trigger(name, table.name, f"{head}\nBEGIN\n{steps}\nEND")

    def _function(self, table: Table) -> str:
        """Return the body of PostgreSQL's function of one table, which all kinds of writes call."""
        lock = self._lock(table)
        return BODY.format(
            kept=self._quote(self.tally.table.name),
            changed=self._changed(table),
            subtract=f"{lock(OLD)}{self._append(table, OLD)}",
            add=f"{lock(NEW)}{self._append(table, NEW)}",
        )

    def _lock(self, table: Table) -> Any:
        """Return what spells the lock on a parent, so that it does not change while its child is counted."""
        parent = self.tally.parent_table
        if self.tally.parent is None or parent is None or table is parent:
            return lambda _row: ""

        key = self._quote(next(iter(parent.primary_key.columns)).name)
        column = self._quote(self.tally.parent[1].key)
        name = self._quote(parent.name)
        return lambda row: f"PERFORM 1 FROM {name} WHERE {key} = {row}.{column} FOR NO KEY UPDATE;\n    "

    def _append(self, table: Table, row: str) -> str:
        """Spell the statement that appends what a row adds, or takes away where it is the old one."""
        sign = "-" if row == OLD else ""
        facts = self.tally.facts()
        names = ", ".join(self._quote(name) for name in facts)
        values = ", ".join(
            f"{sign if name in self.tally.counted else ''}{self._spell(each, table, row)}"
            for name, each in facts.items()
        )
        conditions = [self._spell(each, table, row) for each in self.tally.where]
        others = [each for each in self.tally.watched if each is not table]
        if self.tally.parent and self.tally.parent_table is not None:
            key = next(iter(self.tally.parent_table.primary_key.columns))
            conditions.insert(0, self._spell(key == self.tally.parent[1], table, row))

        source = f" FROM {', '.join(self._quote(each.name) for each in others)}" if others else ""
        where = f" WHERE {' AND '.join(f'({each})' for each in conditions)}" if conditions else ""
        return f"INSERT INTO {self._quote(self.tally.table.name)} ({names}) SELECT {values}{source}{where}"

    def _changed(self, table: Table) -> str:
        """Spell whether a column that matters was changed."""
        names = sorted({each.name for each in self._columns() if each.table is table})
        word = "IS NOT" if self.dialect is SQLITE else "IS DISTINCT FROM"
        return " OR ".join(f"{OLD}.{self._quote(name)} {word} {NEW}.{self._quote(name)}" for name in names)

    def _columns(self) -> Iterator[Column[Any]]:
        """Yield the columns that the tally is made of."""
        linking = [self.tally.parent[1].expression] if self.tally.parent else []
        for expression in (*self.tally.facts().values(), *self.tally.where, *linking):
            for element in iterate(expression):
                if isinstance(element, Column):
                    yield self._plain(element)

    def _plain(self, column: Column[Any]) -> Column[Any]:
        """Return the column of its table, without what the mapper noted on it."""
        table = next(each for each in self.tally.watched if column.table.name == each.name)
        return table.c[column.name]

    def _spell(self, expression: ColumnElement[Any], table: Table, row: str) -> str:
        """Spell an expression of which one table's columns are those of the written row."""

        def replace(element: Any, **_more: Any) -> Any:
            if isinstance(element, Column) and element.table.name == table.name:
                return literal_column(f"{row}.{self._quote(element.name)}", element.type)
            return None

        there: Any = replacement_traverse(expression, {}, replace)
        return str(there.compile(dialect=self.dialect, compile_kwargs={"literal_binds": True}))

    def _quote(self, name: str) -> str:
        return self.dialect.identifier_preparer.quote(name)


def keep_tallies(connection: Connection, *, changed: bool = False) -> list[str]:
    """Let the triggers be as they are defined, and count anew what others kept. Returns those tallies.

    Where tables were ``changed``, nothing that was kept is believed.
    """
    dialect = connection.dialect.name
    there = find_triggers(connection)
    wanted = {tally.name: triggers_of(tally, dialect) for tally in TALLIES}
    names = {trigger.name for each in wanted.values() for trigger in each}
    drop_triggers(connection, [trigger for name, trigger in there.items() if name not in names])

    renewed: list[str] = []
    for tally in TALLIES:
        mine = wanted[tally.name]
        if changed or any(there.get(trigger.name) != trigger for trigger in mine):
            drop_triggers(connection, [there[each.name] for each in mine if each.name in there])
            for trigger in mine:
                _create(connection, trigger)

            _count_anew(connection, tally)
            renewed.append(tally.name)

    return renewed


def _count_anew(connection: Connection, tally: Tally) -> None:
    with Session(connection, join_transaction_mode="rollback_only") as session:
        mend(session, tally)


def find_triggers(connection: Connection) -> dict[str, Trigger]:
    """Return the triggers of tallies that a database has, by name. One that is switched off has no text."""
    query = IN_POSTGRES if connection.dialect.name == "postgresql" else IN_SQLITE
    return {name: Trigger(name, table, said) for name, table, said in connection.execute(query)}


IN_SQLITE = text(
    "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'tally!_%' ESCAPE '!'"
)
IN_POSTGRES = text(
    "SELECT tgname, relname, CASE WHEN tgenabled = 'O' THEN prosrc ELSE '' END FROM pg_trigger "
    "JOIN pg_class ON pg_class.oid = tgrelid JOIN pg_proc ON pg_proc.oid = tgfoid "
    "WHERE NOT tgisinternal AND tgname LIKE 'tally!_%' ESCAPE '!' AND pg_table_is_visible(pg_class.oid)"
)


def drop_triggers(connection: Connection, triggers: Iterable[Trigger]) -> None:
    """Drop some triggers, with their functions on PostgreSQL."""
    for trigger in triggers:
        if connection.dialect.name == "postgresql":
            _say(connection, f"DROP FUNCTION IF EXISTS {_function_name(trigger)}() CASCADE")
        else:
            _say(connection, f"DROP TRIGGER IF EXISTS {trigger.name}")


def _create(connection: Connection, trigger: Trigger) -> None:
    if connection.dialect.name != "postgresql":
        _say(connection, trigger.text)
        return

    function = _function_name(trigger)
    is_truncate = function != trigger.name
    kinds = "TRUNCATE" if is_truncate else "INSERT OR UPDATE OR DELETE"
    each = "STATEMENT" if is_truncate else "ROW"
    table = POSTGRES.identifier_preparer.quote(trigger.table)
    head = f"CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS"
    _say(connection, f"{head} $tally${trigger.text}$tally$")
    head = f"CREATE TRIGGER {trigger.name} AFTER {kinds} ON {table}"
    _say(connection, f"{head} FOR EACH {each} EXECUTE FUNCTION {function}()")


def _function_name(trigger: Trigger) -> str:
    return trigger.name.removesuffix(f"_{TRUNCATE}")


def _say(connection: Connection, statement: str) -> None:
    connection.exec_driver_sql(statement, execution_options=RAW)


@event.listens_for(Base.metadata, "after_create")
def _with_tables(_metadata: MetaData, connection: Connection, **_more: Any) -> None:
    """Give a database the triggers together with its tables."""
    keep_tallies(connection)
