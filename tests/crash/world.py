"""A portal of one's own on a given database, connected to both sandboxes, with time that can move."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import c_double
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from importlib import import_module
from multiprocessing.sharedctypes import RawValue
from pathlib import Path

import msgspec
from flask import Flask
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from portal.actions.connections.catalogue import pull_catalogue
from portal.actions.connections.choose_division import choose_division
from portal.actions.connections.connect import SetUp, finish_connection, save_set_up, start_connection
from portal.actions.connections.consent import accept_consent
from portal.actions.connections.mapping import Change, set_mappings
from portal.actions.connections.productive import save_productive
from portal.domain.booking.mapping import MappingKey, MappingKind
from portal.domain.connections.states import NumberSource, PaymentsMode
from portal.extensions import db, the_portal
from portal.factory import create_app
from portal.settings import AppRegistration, Settings
from portal.store.catalogue import CustomerRow, read_stored_catalogue
from portal.store.mappings import TaxRateRow
from portal.store.rows import metadata
from portal.wiring import Wiring, now_utc
from tests.crash.street import Street
from tests.furnishing.apps import settings_in
from tests.furnishing.clients import consent

ME = "Anna"
QUIET = 360
# One subsidiary of each kind: who numbers the invoices, which division, a customer that Exact knows.
DUTCH = "1"
BELGIAN = "2"
# The sandbox is one site for all countries, where a second consent of a user ends the first one's tokens.
USERS = {DUTCH: "controller", BELGIAN: "finance"}
VAT_CODES = {DUTCH: "2", BELGIAN: "4"}


@dataclass(frozen=True)
class Office:
    """One connected subsidiary."""

    subsidiary: str
    division: int
    connection_id: int
    company: str
    customer_id: str


@dataclass
class World:
    """The portal in this process, and both sandboxes outside of it."""

    app: Flask
    street: Street
    # Shared with the forks: a process that was stopped wakes to find that time went on.
    ahead: c_double = field(default_factory=lambda: RawValue(c_double))
    offices: dict[str, Office] = field(default_factory=dict)
    nudges: list[tuple[str, str]] = field(default_factory=list)

    @property
    def wiring(self) -> Wiring:
        """The real wiring."""
        wiring: Wiring = the_portal(self.app).wiring
        return wiring

    @property
    def engine(self) -> Engine:
        """The portal's engine."""
        with self.app.app_context():
            return db.engine

    def now(self) -> datetime:
        """The portal's time."""
        return now_utc() + timedelta(seconds=self.ahead.value)

    def pass_time(self, seconds: float) -> None:
        """Let all three clocks go on, so that tokens age as they do."""
        seconds = max(seconds, 0)
        self.ahead.value += seconds
        for door in (self.street.exact, self.street.productive):
            door.post("clock", advance=seconds)

    def sleep(self, seconds: float) -> None:
        """Let whoever waits wait on the portal's clock, in longer steps than it asks for."""
        self.pass_time(max(seconds, 5))

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A session as jobs have it."""
        with self.wiring.sessions() as session:
            yield session

    def run(self, job: str, *subject: str) -> None:
        """Run a job here and now, as the worker does."""
        module, _, name = job.rpartition(".")
        with self.app.app_context():
            # As the queue passes it on: a job of no subject takes none.
            getattr(import_module(module), name)(*filter(None, subject))

    def take_nudges(self) -> list[tuple[str, str]]:
        """What was asked of the worker since the last look, each once."""
        asked = list(dict.fromkeys(self.nudges))
        self.nudges.clear()
        return asked

    def wait_until_idle(self) -> None:
        """Wait until neither sandbox is at work, so that a request of the dead has had its effect."""
        for door in (self.street.exact, self.street.productive):
            while door.get("watch")["under_way"]:
                time.sleep(0.005)


def settings_for(database_url: str, street: Street, timeout: int) -> Settings:
    """Settings of a portal between these sandboxes; its queue is this process."""
    exact, productive = street.ports
    site = AppRegistration(f"http://127.0.0.1:{exact}", "demo-client", "demo-secret")
    return msgspec.structs.replace(
        settings_in(Path()),
        database_url=database_url,
        productive_url=f"http://127.0.0.1:{productive}/api/v2",
        exact={"BE": site, "NL": site, "DE": site},
        uncertain_quiet=QUIET,
        exact_timeout=timeout,
    )


def build_world(database_url: str, street: Street, *, timeout: int = 5) -> World:
    """Connect both subsidiaries as a person would, and read everything once."""
    app = create_app(settings_for(database_url, street, timeout))
    world = World(app, street)
    portal = the_portal(app)
    world.wiring.clock = world.now
    world.wiring.sleep = world.sleep
    portal.nudge = world.wiring.nudge = lambda job, subject: world.nudges.append((job, subject))
    with app.app_context():
        metadata.create_all(db.engine)
    with world.session() as session:
        wiring = world.wiring
        billing = wiring.billing_with("703", "demo-token")
        save_productive(
            session,
            billing,
            wiring.vault,
            organization_id="703",
            token="demo-token",
            actor=ME,
            now=world.now(),
        )
    world.run("jobs.invoices.pull_invoices")
    for subsidiary, locale, division, company in (
        (DUTCH, "NL", 1001, "Brouwerij De Lantaarn B.V."),
        (BELGIAN, "BE", 1002, "Studio Klavier BV"),
    ):
        world.offices[subsidiary] = connect(world, subsidiary, locale, division, company)
    world.take_nudges()
    return world


def connect(world: World, subsidiary: str, locale: str, division: int, company: str) -> Office:
    """Consent, division, choices, mappings: what the wizard does."""
    wiring = world.wiring
    now = world.now()
    with world.session() as session:
        draft = start_connection(session, subsidiary, locale, now=now)
        accept_consent(
            session,
            wiring.sign_in(locale),
            lambda access: wiring.ledger_with(locale, access, None),
            wiring.vault,
            draft.id,
            code=consent(wiring, locale, USERS[subsidiary]),
            actor=ME,
            clock=world.now,
        )
        offered = wiring.ledger_of_grant(draft.grant_id or 0, None).find_divisions()
        row_id = choose_division(session, offered, draft.id, division, now=now)
        pull_catalogue(session, wiring.ledger(row_id), row_id, now=now)
        set_up(session, row_id, NumberSource.EXACT if subsidiary == BELGIAN else NumberSource.PRODUCTIVE, now)
        rates = session.scalars(select(TaxRateRow).where(TaxRateRow.subsidiary_id == subsidiary))
        rate = next(row.id for row in rates if "21%" in row.name and not row.archived)
        codes = read_stored_catalogue(session, row_id).vat_codes
        code = next(one.code for one in codes if one.code.strip() == VAT_CODES[subsidiary])
        change = Change(row_id, MappingKind.TAX, [MappingKey(MappingKind.TAX, rate)], ME, now)
        set_mappings(session, wiring.nudge, change, code)
        known = (CustomerRow.connection_id == row_id, CustomerRow.name == company)
        customer_id = session.scalars(select(CustomerRow.id).where(*known)).one()
        session.commit()
    return Office(subsidiary, division, row_id, company, customer_id)


def set_up(session: Session, row_id: int, numbers: NumberSource, now: datetime) -> None:
    """Choose journals, payments and the default ledger; go live."""
    choices = SetUp(numbers, "70", "75", date(2020, 1, 1), True, PaymentsMode.CATCH_UP)
    save_set_up(session, row_id, choices, actor=ME, now=now)
    accounts = read_stored_catalogue(session, row_id).accounts
    ledger = next(one.id for one in accounts if one.code.strip() == "8900")
    finish_connection(session, row_id, ledger, actor=ME, now=now)
