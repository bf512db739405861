"""Runs the migrations on the app's own engine."""

from typing import Any, Literal

from alembic import context
from flask import current_app
from sqlalchemy import Connection

from portal.store.base import Instant


def spell_type(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Spell our own column types as plain SQLAlchemy, so that revisions outlive the code."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, Instant) else False


def set_foreign_keys(connection: Connection, on: bool) -> None:
    """Switch SQLite's checks outside of any transaction, for altering a table means building it anew."""
    if connection.dialect.name == "sqlite":
        raw: Any = connection.connection.dbapi_connection
        raw.execute(f"PRAGMA foreign_keys={'ON' if on else 'OFF'}")


def run() -> None:
    """Migrate in one transaction."""
    extension = current_app.extensions["migrate"]
    with extension.db.engine.connect() as connection:
        set_foreign_keys(connection, on=False)
        context.configure(
            connection=connection,
            target_metadata=extension.db.metadata,
            render_item=spell_type,
            **extension.configure_args,
        )
        with context.begin_transaction():
            context.run_migrations()
        set_foreign_keys(connection, on=True)


run()
