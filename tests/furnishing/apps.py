"""Settings for tests, and an app with its tables."""

from collections.abc import Iterator
from pathlib import Path

from flask import Flask

from portal.extensions import db
from portal.factory import create_app
from portal.settings import AppRegistration, Settings
from portal.store.rows import metadata
from tests.pages import CheckingClient

SITE = AppRegistration("http://localhost:9", "demo-client", "demo-secret")


def settings_in(folder: Path) -> Settings:
    """Return settings whose database lies in a folder and whose queue is down."""
    return Settings(
        database_url=f"sqlite:///{folder}/portal.sqlite",
        redis_url="redis://127.0.0.1:1/0",
        secret_key="only for tests",
        encryption_keys=("MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",),
        public_url="http://localhost:8000",
        productive_url="http://localhost:9/api/v2",
        exact={"BE": SITE, "NL": SITE, "DE": SITE},
        uncertain_quiet=5,
        testing=True,
    )


def an_app(settings: Settings) -> Iterator[Flask]:
    """Yield an app with its tables. What it holds open ends with it."""
    app = create_app(settings)
    app.test_client_class = CheckingClient
    with app.app_context():
        metadata.create_all(db.engine)
    yield app
    with app.app_context():
        db.engine.dispose()
