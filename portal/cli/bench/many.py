"""Makes many times as many invoices of those that are seeded and compared, by SQL and so within minutes."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Connection, Engine, Integer, String, Table, case, cast, func, insert, select, update
from sqlalchemy.sql.elements import ColumnElement

from portal.store.base import Base
from portal.store.book_sums import SUMMED
from portal.store.copies import CopyRow
from portal.store.entries import EntryRow
from portal.store.invoices import InvoiceRow, LineUseRow
from portal.store.needs import NeedRow
from portal.store.payments import PaymentRow
from portal.store.reconciliation import ComparedRow
from portal.store.tally_triggers import drop_triggers, find_triggers, keep_tallies
from portal.store.terms import TermRow

Expression = ColumnElement[str]
# Letters that stand in no id: of a second set of invoices, of a third …
LETTERS = "ghijklmnopqrstuvwxyz"
# The sign of an id that is changed, before the number of a seeded invoice.
PLACE = 4

# What names an invoice, or something that is made of one.
NAMES: Mapping[type[Base], tuple[str, ...]] = {
    InvoiceRow: ("id", "latest_copy_id"),
    CopyRow: ("id", "invoice_id", "entry_id"),
    LineUseRow: ("invoice_id",),
    NeedRow: ("invoice_id",),
    EntryRow: ("id",),
    TermRow: ("id", "entry_id", "transaction_id"),
    PaymentRow: ("id", "invoice_id", "copy_id", "term_id", "productive_id"),
    ComparedRow: ("invoice_id", "entry_id"),
}
# Figures over all invoices, each kept in a row: they grow by as much.
SUMS = {
    "comparison_total": SUMMED,
    "open_receivable": ("count", "amount"),
}


def multiply(engine: Engine, times: int, say: Callable[[str], None]) -> None:
    """Make ``times`` as many invoices, with all that is made of them, and count them anew."""
    if not 1 <= times <= len(LETTERS) + 1:
        raise ValueError(f"Seeded invoices can be made 1 to {len(LETTERS) + 1} times as many.")

    with engine.begin() as connection:
        drop_triggers(connection, find_triggers(connection).values())
        seeded = connection.scalar(select(func.count()).select_from(InvoiceRow)) or 0
        tables = {one: columns_of(one) for one in NAMES}
        bounds = {one: connection.scalar(select(func.count()).select_from(one)) for one in tables}
        for at, letter in enumerate(LETTERS[: times - 1], 1):
            for one, columns in tables.items():
                if bounds[one]:
                    add_set(connection, one, columns, letter, at * seeded)
            say(f"{(at + 1) * seeded} invoices …")

        for name, sums in SUMS.items():
            table = Base.metadata.tables[name]
            grown = {column: table.c[column] * times for column in sums}
            connection.execute(update(table).values(grown))

        keep_tallies(connection, changed=True)


def columns_of(one: type[Base]) -> list[str]:
    """Return the columns that are copied, without those that the database fills."""
    return [column.name for column in table_of(one).columns if column.computed is None]


def table_of(one: type[Base]) -> Table:
    """Return the table of some rows."""
    return Base.metadata.tables[one.__tablename__]


def add_set(connection: Connection, one: type[Base], columns: list[str], letter: str, ahead: int) -> None:
    """Add a set of rows, made of the first one."""
    table = table_of(one)
    named = NAMES[one]
    values: dict[str, ColumnElement[Any]] = {name: table.c[name] for name in columns}
    for name in named:
        values[name] = renamed(table.c[name], letter)

    if one is InvoiceRow:
        number = numbered(connection, table.c.number, ahead)
        values["number"] = number
        values["search_text"] = func.replace(
            table.c.search_text, func.lower(table.c.number), func.lower(number)
        )
        # The invoice as it was read tells its own id and number.
        body = func.replace(table.c.body, table.c.id, values["id"])
        values["body"] = func.replace(body, table.c.number, number)

    elif one is ComparedRow:
        either = func.coalesce(table.c.invoice_id, table.c.entry_id)
        values["key"] = func.replace(table.c.key, either, renamed(either, letter))
        values["number"] = numbered(connection, table.c.number, ahead)

    # One of both is empty where only one of the books knows it.
    told = func.coalesce(table.c[named[0]], table.c[named[-1]])
    first = is_of_the_first(told)
    query = select(*(values[name].label(name) for name in columns)).where(first)
    connection.execute(insert(table).from_select(columns, query))


def is_of_the_first(column: ColumnElement[str]) -> ColumnElement[bool]:
    """Say of an id whether it belongs to the first set."""
    return func.substr(column, PLACE, 1).not_in(list(LETTERS))


def renamed(column: ColumnElement[str], letter: str) -> Expression:
    """Return an id of another set. NULL stays NULL."""
    return func.substr(column, 1, PLACE - 1) + letter + func.substr(column, PLACE + 1)


def numbered(connection: Connection, column: ColumnElement[str], ahead: int) -> Expression:
    """Return a number of another set: ``S2025-000123`` becomes ``S2025-100123``."""
    counted = cast(func.substr(column, 7), Integer) + ahead
    is_sqlite = connection.dialect.name == "sqlite"
    digits: Expression = (
        func.printf("%06d", counted, type_=String)
        if is_sqlite
        else func.to_char(counted, "FM9999000000", type_=String)
    )

    # An entry without an invoice has none.
    return case((column == "", ""), else_=func.substr(column, 1, 6, type_=String) + digits)
