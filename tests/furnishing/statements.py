"""Listens to what is asked of a database."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, event


@contextmanager
def statements_of(database: Engine | Connection) -> Iterator[list[str]]:
    """Collect the statements of the block, in their order and without where transactions begin."""
    asked: list[str] = []

    def listen(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if not statement.startswith("BEGIN"):
            asked.append(statement)

    event.listen(database, "before_cursor_execute", listen)
    try:
        yield asked
    finally:
        event.remove(database, "before_cursor_execute", listen)
