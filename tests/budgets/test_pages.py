"""How many queries, how many bytes and how much of the database's work each page and fragment costs.

The same is counted in a small house and in one ten times as large: no query may be more, none work longer.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, event, text
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from portal.actions.books.compare import compare_books
from portal.actions.house.tallies import fold_tallies
from portal.cli.bench.furnish import furnish
from portal.extensions import db
from portal.store.mappings import ServiceTypeRow
from portal.store.people import UserRow
from portal.store.stale import StaleRow
from portal.store.statistics import count_all_tables
from tests.actions.payments.paying import a_till
from tests.budgets.page_budgets import BUDGETS
from tests.conftest import a_token, new_client
from tests.furnishing.apps import an_app, settings_in
from tests.furnishing.connections import add_subsidiaries
from tests.pages import CheckingClient
from tests.web.connected import wire_fakes
from tests.web.test_access import rules
from tests.web.test_strangers import some_rows

SMALL = 400
LARGE = 4000
# Of the database's steps, one is counted for so many.
STEPS = 500
# A kept count has a row for each key, and a look into a larger index goes deeper. A scan is more than that.
MORE = 16
# What begins and ends a transaction asks nothing.
FRAME_OF_TRANSACTION = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "PRAGMA")
# There is nothing to show here without a sign-in at Exact that has just ended, and files are no pages.
NO_PAGES = {"connections.receive_consent", "static"}
# No queue runs here, and the entry of our own copy is no stranger.
ODD = {
    "/healthz": 503,
    "/readyz": 503,
    "/metrics": 404,
    "/invoices/<invoice_id>/held/<entry_id>": 404,
    "/settings/users/<int:user_id>/second-factor": 404,
}


@dataclass
class Cost:
    """What one answer cost."""

    status: int
    size: int
    queries: list[str]
    work: int


@dataclass
class Meter:
    """Counts the statements of an engine, and the steps that SQLite takes for them."""

    queries: list[str] = field(default_factory=list)
    steps: int = 0

    def listen(self, connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        """Note a statement, and count the steps of this connection from now on."""
        raw = connection.connection.dbapi_connection
        assert isinstance(raw, sqlite3.Connection)
        raw.set_progress_handler(self.step, STEPS)
        if not statement.startswith(FRAME_OF_TRANSACTION):
            self.queries.append(" ".join(statement.split()))

    def step(self) -> int:
        """Count some more steps, and let the statement go on."""
        self.steps += 1
        return 0

    def clear(self) -> None:
        """Begin anew."""
        self.queries.clear()
        self.steps = 0


@dataclass
class Furnished:
    """A portal with many invoices, and the rows that addresses name."""

    app: Flask
    client: CheckingClient
    rows: dict[str, str]
    meter: Meter
    costs: dict[str, Cost] = field(default_factory=dict)

    def cost_of(self, page: str) -> Cost:
        """Ask for a page once so that caches are warm, then again, and count."""
        if page not in self.costs:
            self.costs[page] = self._count(page)
        return self.costs[page]

    def _count(self, page: str) -> Cost:
        rule, _, query = page.partition("?")
        address = self.address(rule)
        ask = self.client.htmx if BUDGETS[page].is_part else self.client.get
        ask(address, query_string=query)
        self.settle()
        self.meter.clear()
        answer = ask(address, query_string=query)
        return Cost(answer.status_code, len(answer.data), list(self.meter.queries), self.meter.steps)

    def settle(self) -> None:
        """Leave nothing to compare of what pages noted before, as the worker does soon."""
        with self.app.app_context():
            db.session.execute(delete(StaleRow))
            db.session.commit()

    def address(self, rule: str) -> str:
        """Fill an address with rows that are there."""
        found = next(one for one in self.app.url_map.iter_rules() if one.rule == rule and "GET" in of(one))
        return self.app.url_map.bind("localhost").build(found.endpoint, self.rows, append_unknown=False)


def of(rule: Rule) -> set[str]:
    """The methods of an address."""
    return rule.methods or set()


@contextmanager
def furnished(folder: Path, invoices: int) -> Iterator[Furnished]:
    """Yield a portal with as many seeded invoices, compared, and one of a till with rows of every kind."""
    for app in an_app(settings_in(folder)):
        wire_fakes(app)
        meter = Meter()
        with app.app_context():
            engine = db.engine
            with Session(engine, expire_on_commit=False) as own:
                rows = some_rows(a_till(own))
                add_subsidiaries(own)
                own.add(ServiceTypeRow(id="design", name="Design"))
                own.commit()

            app.test_cli_runner().invoke(args=["seed-invoices", str(invoices)], catch_exceptions=False)
            furnish(datetime.now(UTC), customers=5_000)
            compare_books(db.session(), clock=partial(datetime.now, UTC))
            fold_tallies(db.session())
            count_all_tables(db.session())
            db.session.commit()
            token = a_token(db.session(), db.session.query(UserRow).one())
            db.session.commit()

        with Session(engine.execution_options(sqlite_begin="DEFERRED")) as session:
            client = new_client(app, session)
            with client.session_transaction() as cookie:
                cookie["_user_id"] = token
            event.listen(engine, "before_cursor_execute", meter.listen)
            # The person's own number, and their browser's.
            yield Furnished(app, client, rows | {"user_id": "1", "session_id": "1"}, meter)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Furnished]:
    """A house with some hundred invoices."""
    with furnished(tmp_path_factory.mktemp("small"), SMALL) as house:
        yield house


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Furnished]:
    """A house with ten times as many."""
    with furnished(tmp_path_factory.mktemp("large"), LARGE) as house:
        yield house


def test_every_page_has_a_budget(app: Flask) -> None:
    pages = {rule.rule for rule, method in rules(app) if method == "GET" and rule.endpoint not in NO_PAGES}
    assert {page.partition("?")[0] for page in BUDGETS} == pages


@pytest.mark.parametrize("address", BUDGETS)
def test_a_page_keeps_its_budget(small: Furnished, large: Furnished, address: str) -> None:
    budget = BUDGETS[address]
    few = small.cost_of(address)
    many = large.cost_of(address)

    assert (few.status, many.status) == (ODD.get(address, few.status),) * 2
    assert address in ODD or few.status in {200, 204, 302}
    assert len(many.queries) <= budget.queries, "\n".join([address, *many.queries])
    assert many.size <= budget.kilobytes * 1000


@pytest.mark.parametrize("address", [one for one, budget in BUDGETS.items() if not budget.grows])
def test_a_page_costs_no_more_where_there_is_more(small: Furnished, large: Furnished, address: str) -> None:
    few = small.cost_of(address)
    many = large.cost_of(address)

    assert len(many.queries) == len(few.queries), "\n".join([address, *many.queries])
    assert many.work <= 1.5 * few.work + MORE, (few.work, many.work)


def test_what_grows_is_seen(small: Furnished, large: Furnished) -> None:
    worked = []
    for house in (small, large):
        house.meter.clear()
        with house.app.app_context():
            db.session.execute(text("SELECT sum(kind) FROM invoice")).all()
        worked.append(house.meter.steps)

    assert worked[1] > 1.5 * worked[0] + MORE
    assert house.meter.queries == ["SELECT sum(kind) FROM invoice"]
