"""A portal whose waits move the clock of both sandboxes: a day of work passes in minutes.

Everything is real, over HTTP on loopback, but the queue: jobs wait in memory, in the order of the real
queues, for one worker; the timetable is asked whenever the worker looks up.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec
import requests
from flask import Flask
from sqlalchemy.orm import Session

from jobs.schedule import timetable
from portal.actions.connections.mapping import Change, set_mappings
from portal.actions.copies.request import Wish, request_copy
from portal.domain.booking.mapping import DEFAULT_LEDGER, Choices, MappingKey, MappingKind
from portal.domain.unreadable import readable
from portal.extensions import db, the_portal
from portal.factory import create_app
from portal.queue import BEFORE_A_RUN, KINDS, QUEUES
from portal.remote.errors import HeldBackError
from portal.sandbox.common.calls import Call
from portal.sandbox.common.clock import Clock
from portal.sandbox.common.server import serving
from portal.sandbox.exact.app import create_exact_app
from portal.sandbox.productive import create_productive_app
from portal.settings import AppRegistration
from portal.store.catalogue import CustomerRow, read_stored_catalogue
from portal.store.copies import CopyRow
from portal.store.feeds import PaymentFeedRow
from portal.store.invoices import InvoiceRow, keep_invoice
from portal.store.rows import metadata
from portal.wiring import Wiring
from tests.furnishing.apps import settings_in
from tests.furnishing.clients import consent
from tests.furnishing.connections import add_connection, add_grant, add_productive, add_subsidiaries

DIVISION = 1001
CUSTOMER = "Brouwerij De Lantaarn B.V."
RATE_21 = "1"
CODE_21 = "2"
AT_ONCE = 50


class Bell:
    """The queues, in memory; the same wish is not queued twice, nor while it runs."""

    def __init__(self) -> None:
        self._queues: dict[str, deque[tuple[str, str]]] = {name: deque() for name in QUEUES}
        self._known: set[tuple[str, str]] = set()

    def __call__(self, job: str, subject: str) -> None:
        """Queue a job."""
        if (job, subject) not in self._known:
            self._known.add((job, subject))
            self._queues[KINDS[job].queue].append((job, subject))

    def take(self) -> tuple[str, str] | None:
        """Return what goes first."""
        return next((queue.popleft() for queue in self._queues.values() if queue), None)

    def done(self, wish: tuple[str, str]) -> None:
        """Let a wish be queued again."""
        self._known.discard(wish)

    def others_wait(self) -> bool:
        """Say whether anything waits that goes before a long run."""
        return any(self._queues[name] for name in BEFORE_A_RUN)


def stand_still(clocks: Sequence[Clock]) -> None:
    """Let only waits move the clocks, so that no figure depends on how fast this machine is."""
    began = clocks[0].time()
    for clock in clocks:
        vars(clock)["time"] = lambda clock=clock: began + clock.offset


class Simulation:
    """One connected portal, its sandboxes, and the time that all three share."""

    def __init__(self, app: Flask, exact: Any, productive: Any, urls: tuple[str, str]) -> None:
        self.app = app
        self.exact = exact
        self.productive = productive
        self.exact_url, self.productive_url = urls
        self.bell = Bell()
        self.clocks: Sequence[Clock] = (exact.clock, productive.backstage.clock)
        stand_still(self.clocks)
        self.wiring: Wiring = the_portal(app).wiring
        self.wiring.clock = self.now
        self.wiring.sleep = self.sleep
        self.wiring.nudge = self.bell
        the_portal(app).nudge = self.bell
        self.wiring.others_wait = self.others_wait
        self.lines = timetable(the_portal(app).settings)
        self.due: dict[str, datetime] = {}
        self.agenda: list[tuple[datetime, Callable[[], object]]] = []
        self.connection_id = 0
        self.bugs: list[Exception] = []
        self.held_back = 0

    def now(self) -> datetime:
        """Return the time of all three."""
        return self.clocks[0].now()

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        for clock in self.clocks:
            clock.advance(seconds)

    def others_wait(self) -> bool:
        """Say whether a long run should end, as the ticker and the queue would."""
        self.tick()
        return self.bell.others_wait()

    def tick(self) -> None:
        """Ring for what the timetable wants now, and do what the agenda says."""
        now = self.now()
        while self.agenda and self.agenda[0][0] <= now:
            self.agenda.pop(0)[1]()
        for line in self.lines:
            if self.due.setdefault(line.name, now) <= now:
                self.due[line.name] = now + line.wait(now)
                self.bell(line.job, "")

    def work(self, until: Callable[[], bool]) -> None:
        """Work, and when there is nothing to do wait for the timetable, until something holds."""
        with self.app.app_context():
            while not until():
                self.tick()
                if wish := self.bell.take():
                    self._perform(*wish)
                else:
                    soon = min([*self.due.values(), *(at for at, _ in self.agenda[:1])])
                    self.sleep(max((soon - self.now()).total_seconds(), 0.01))

    def settle(self) -> None:
        """Do what falls due when a portal starts, so that the first story does not find it waiting."""
        with self.app.app_context():
            self.tick()
            while wish := self.bell.take():
                self._perform(*wish)

    def _perform(self, job: str, subject: str) -> None:
        module, _, name = job.rpartition(".")
        try:
            getattr(import_module(module), name)(*([subject] if subject else []))
        except HeldBackError:
            self.held_back += 1
        except Exception as bug:  # noqa: BLE001 - a failed job must not stop the worker; tests look at them
            self.bugs.append(bug)
        self.bell.done((job, subject))
        db.session.remove()

    @contextmanager
    def session(self) -> Iterator[Session]:
        """Return a session of one's own."""
        with self.app.app_context(), self.wiring.sessions() as session:
            yield session

    def connect(self) -> None:
        """Sign in at Exact, connect, read the catalogue, map."""
        with self.session() as session:
            now = self.now()
            vault = self.wiring.vault
            add_subsidiaries(session, {"1": "Kade & Co B.V."})
            add_productive(session, now, vault=vault, token="demo-token")
            pair = self.wiring.sign_in("NL").exchange(consent(self.wiring))
            grant = add_grant(session, vault=vault, pair=pair, home_division=DIVISION)
            row = add_connection(
                session, now=now, division=DIVISION, grant_id=grant.id, payments=PaymentFeedRow(on=True)
            )
            session.commit()
            self.connection_id = row.id
        with self.app.app_context():
            import_module("jobs.catalogue").pull_one(self.connection_id)
            import_module("jobs.invoices").pull_invoices()
        with self.session() as session:
            catalogue = read_stored_catalogue(session, self.connection_id)
            code = next(each.code for each in catalogue.vat_codes if each.code.strip() == CODE_21)
            ledger = next(each.id for each in catalogue.accounts if each.code.strip() == "8900")
            rates = [MappingKey(MappingKind.TAX, RATE_21)]
            vat = Change(self.connection_id, MappingKind.TAX, rates, "Anna", self.now())
            set_mappings(session, self.wiring.nudge, vat, code)
            defaults = [MappingKey(MappingKind.DEFAULT, DEFAULT_LEDGER)]
            default = Change(self.connection_id, MappingKind.DEFAULT, defaults, "Anna", self.now())
            set_mappings(session, self.wiring.nudge, default, ledger)

    def invoices(self, how_many: int, **more: Any) -> list[str]:
        """Let Productive have invoices of a customer that Exact knows, and the portal know them."""
        lines = [{"service_type": "Design", "description": "Ontwerp", "quantity": "8", "unit_price": 9500}]
        wish = {"company": {"name": CUSTOMER}, "lines": lines, **more}
        answer = requests.post(
            f"{self.productive_url}/_sandbox/invoices", json={"invoices": [wish] * how_many}, timeout=120
        )
        ids = [str(each) for each in answer.json()["ids"]]
        with self.session() as session:
            billing = self.wiring.billing(interactive=False)
            for at in range(0, len(ids), AT_ONCE):
                for invoice in readable(billing.read_invoices(ids[at : at + AT_ONCE])):
                    keep_invoice(session, invoice, self.now())
                session.commit()
        return ids

    def ask(self, invoice_ids: Sequence[str], *, batch: bool = True, **choices: Any) -> list[str]:
        """Ask for copies, as a batch or as a person who waits for each; returns their ids."""
        with self.session() as session:
            customer = session.query(CustomerRow.id).filter(CustomerRow.name == CUSTOMER).scalar()
            made = []
            for invoice_id in invoice_ids:
                seen = session.get_one(InvoiceRow, invoice_id).fingerprint
                chosen = Choices(customer_id=customer, journal="70", **choices)
                wish = Wish(chosen, seen, None, batch=batch)
                bell = _quiet if batch else self.bell
                copy = request_copy(session, bell, invoice_id, wish=wish, requested_by="Anna", now=self.now())
                assert isinstance(copy, CopyRow), copy
                made.append(copy.id)
                self.sleep(0.001)
        return made

    def states(self, copy_ids: Sequence[str]) -> list[str]:
        """Return how copies stand."""
        with self.session() as session:
            found = {row.id: row.state for row in session.query(CopyRow)}
        return [found[each] for each in copy_ids]

    def number_by_hand(self, invoice_ids: Sequence[str]) -> list[int]:
        """Let entries that were in Exact before carry the numbers of invoices. Returns their numbers."""
        with self.session() as session:
            numbers = [session.get_one(InvoiceRow, each).number for each in invoice_ids]
        answer = requests.get(f"{self.exact_url}/_sandbox/entries?division={DIVISION}", timeout=30)
        before = sorted(answer.json(), key=lambda entry: int(entry["EntryNumber"]))[: len(numbers)]
        for entry, number in zip(before, numbers, strict=True):
            address = f"{self.exact_url}/_sandbox/{DIVISION}/SalesEntries/{entry['EntryID']}"
            requests.patch(address, json={"YourRef": number}, timeout=30).raise_for_status()
        return [int(entry["EntryNumber"]) for entry in before]

    def receive(self, copy_id: str, amount: str) -> None:
        """Let the bank receive a payment for a copy's entry."""
        with self.session() as session:
            entry = session.get_one(CopyRow, copy_id).entry_id
        allocations = [{"entry": entry, "amount": amount}]
        body = {"division": DIVISION, "date": f"{self.now():%Y-%m-%d}", "amount": amount}
        answer = requests.post(
            f"{self.exact_url}/_sandbox/receipts", json={**body, "allocations": allocations}, timeout=30
        )
        assert answer.ok, answer.text

    def work_off(self, copy_ids: Sequence[str]) -> None:
        """Work until none of these copies waits any more."""

        def is_done() -> bool:
            with self.session() as session:
                open_ones = session.query(CopyRow.id).filter(
                    CopyRow.in_flight.is_not(None), CopyRow.hold_id.is_(None)
                )
                left = {copy_id for (copy_id,) in open_ones}
            return left.isdisjoint(copy_ids)

        self.work(is_done)

    def fail_next_entry(self, do: str, body: str = "") -> None:
        """Let the next booking of an entry go wrong."""
        wish = {"method": "POST", "path": "/salesentry/SalesEntries", "times": 1, "do": do, "body": body}
        answer = requests.post(f"{self.exact_url}/_sandbox/faults", json=wish, timeout=30)
        assert answer.ok, answer.text

    def calls(self) -> list[Call]:
        """The calls of Exact's API since the log was cleared."""
        return [call for call in self.exact.backstage.calls.all() if call.path.startswith("/api/v1")]

    def clear(self) -> None:
        """Forget the calls so far, and begin a minute, off its edge, for rounding may put that before it."""
        self.exact.backstage.calls.clear()
        self.productive.backstage.calls.clear()
        now = self.now()
        self.sleep(60.5 - now.second - now.microsecond / 1e6)


def _quiet(job: str, subject: str) -> None:
    """Wake nobody; the sweep finds the wish."""


@contextmanager
def running(folder: Path, **settings: Any) -> Iterator[Simulation]:
    """A portal that is connected, and gone afterwards."""
    exact = create_exact_app()
    productive = create_productive_app()
    with serving(exact) as exact_url, serving(productive) as productive_url:
        site = AppRegistration(exact_url, "demo-client", "demo-secret")
        usual: dict[str, Any] = {
            "exact": {"NL": site},
            "productive_url": f"{productive_url}/api/v2",
            "uncertain_quiet": 360,
        }
        app = create_app(msgspec.structs.replace(settings_in(folder), **(usual | settings)))
        with app.app_context():
            metadata.create_all(db.engine)
        urls = (exact_url, productive_url)
        simulation = Simulation(app, exact.extensions["sandbox"], productive.extensions["sandbox"], urls)
        simulation.connect()
        yield simulation
        with app.app_context():
            db.engine.dispose()


def midnight_after(now: datetime) -> datetime:
    """Return the next whole day."""
    return datetime(now.year, now.month, now.day, tzinfo=UTC) + timedelta(days=1)
