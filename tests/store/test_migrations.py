"""The migrations, up and down, on both kinds of database; in the end they equal the rows."""

from pathlib import Path

import flask_migrate
import msgspec
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from sqlalchemy import Engine, create_engine, inspect, text

from portal.extensions import db
from portal.factory import create_app
from portal.store.rows import metadata
from tests.conftest import settings_in


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def fresh(request: pytest.FixtureRequest, tmp_path: Path) -> Flask:
    """An app on a database without tables."""
    settings = settings_in(tmp_path)
    if request.param == "postgres":
        settings = msgspec.structs.replace(settings, database_url=request.getfixturevalue("other_postgres"))
    return create_app(settings)


@pytest.fixture
def other_postgres(postgres_engine: Engine) -> str:
    """A second database on the same server, so that the shared tables stay."""
    name = f"{postgres_engine.url.database}_migrations"
    with create_engine(postgres_engine.url, isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name}"))
        connection.execute(text(f"CREATE DATABASE {name}"))
    return postgres_engine.url.set(database=name).render_as_string(hide_password=False)


def test_migrations_equal_the_rows_and_can_be_undone(fresh: Flask) -> None:
    with fresh.app_context():
        flask_migrate.upgrade()
        with db.engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            assert compare_metadata(context, metadata) == []
        flask_migrate.downgrade(revision="base")
        assert inspect(db.engine).get_table_names() == ["alembic_version"]
        flask_migrate.upgrade()
        db.engine.dispose()
