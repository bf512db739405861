"""Runs the migrations on the app's own engine."""

from typing import Any, Literal

from alembic import context
from flask import current_app
from sqlalchemy import Connection

from portal.store.base import Instant
from portal.store.tally_triggers import drop_triggers, find_triggers, keep_tallies


def spell_type(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Spell our own column types as plain SQLAlchemy, so that revisions outlive the code."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, Instant) else False


def set_foreign_keys(connection: Connection, on: bool) -> None:
    """Switch SQLite's checks outside of any transaction, for altering a table means building it anew."""
    if connection.dialect.name == "sqlite":
        raw: Any = connection.connection.dbapi_connection
        raw.execute(f"PRAGMA foreign_keys={'ON' if on else 'OFF'}")


def migrate(connection: Connection) -> None:
    """Run the migrations without the triggers of kept counts, which are made anew at the newest revision."""
    # They name columns that a migration may drop, and batch mode on SQLite drops them with their table.
    moves = is_moving()
    if moves:
        drop_triggers(connection, find_triggers(connection).values())
        end_step(connection)

    context.run_migrations()
    if set(context.get_context().get_current_heads()) == set(context.script.get_heads()):
        keep_tallies(connection, changed=moves)

    end_step(connection)


def end_step(connection: Connection) -> None:
    """Commit on SQLite, where each migration has a transaction of its own."""
    if not context.get_context().impl.transactional_ddl:
        connection.commit()


def is_moving() -> bool:
    """Say whether another revision than the present one is asked for."""
    try:
        wanted = context.get_revision_argument()
    except KeyError:
        # A command that only looks.
        return False

    return context.get_context().get_current_heads() != ((wanted,) if wanted else ())


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
            migrate(connection)
        set_foreign_keys(connection, on=True)


run()
