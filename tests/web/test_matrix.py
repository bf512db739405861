"""Every address × method × role × reach, taken from the route map: who gets in, and whose rows are seen.

A new address is tried by itself. One that names a row of a new kind needs that row in ``some_rows``.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from portal.domain.house.states import Role
from portal.extensions import db
from portal.store.invoices import InvoiceRow
from portal.store.mappings import ServiceTypeRow
from portal.store.reconciliation import ComparedRow
from portal.web.common.access import ANYONE, needed_role
from tests.actions.payments.paying import a_till
from tests.conftest import NOW, SignedIn
from tests.furnishing.connections import add_productive, add_subsidiaries
from tests.pages import CheckingClient
from tests.web.connected import wire_fakes
from tests.web.test_access import rules
from tests.web.test_strangers import OTHERS, some_rows

CANARY = "Canary Islands Ltd"
# Whose books a person may see; the rows belong to subsidiary 1.
REACHES: dict[str, list[str] | None] = {
    "everything": None,
    "these books": ["1"],
    "other books": ["2"],
    "no books": [],
}
SEES = {"everything", "these books"}
# There is nothing to show here without a sign-in at Exact that has just ended.
NOTHING_THERE = {"connections.receive_consent"}
# The entry is ours, so this address of others' entries does not know it.
NOT_SUCH_A_ROW = {"strangers.open_stranger", "users.take_factor"}
# What only somebody of all subsidiaries may change.
OPENS_ALL = {"settings.edit_productive", "settings.refresh"}


@dataclass(frozen=True)
class Cell:
    """One address and method, asked by one kind of person."""

    rule: Rule
    method: str
    role: Role
    reach: str


@dataclass
class World:
    """Books of one subsidiary, people of every kind, and the database as it was."""

    app: Flask
    rows: dict[str, str]
    people: dict[tuple[Role, str], CheckingClient]
    nobody: CheckingClient
    before: sqlite3.Connection

    def address(self, rule: Rule) -> str:
        """Fill an address with the rows of subsidiary 1."""
        adapter = self.app.url_map.bind("localhost")
        return adapter.build(rule.endpoint, self.rows, append_unknown=False)

    def restore(self) -> None:
        """Put every row back as it was."""
        with closing(sqlite3.connect(self.file, timeout=30)) as live:
            self.before.backup(live)

    @property
    def file(self) -> str:
        with self.app.app_context():
            return str(db.engine.url.database)


@pytest.fixture
def world(app: Flask, session: Session, signed_in: SignedIn, client: CheckingClient) -> Iterator[World]:
    """Build the books and the people, and remember the database."""
    wire_fakes(app)
    with Session(session.get_bind(), expire_on_commit=False) as own:
        till = a_till(own)
        rows = some_rows(till)
    mark_with_canary(session)
    design = ServiceTypeRow(id="design", name="Design", archived=False)
    add_subsidiaries(session)
    add_productive(session, NOW)
    session.add(design)
    session.commit()
    people = {
        (role, reach): signed_in(role, subsidiaries=ids) for role in Role for reach, ids in REACHES.items()
    }
    session.commit()
    with closing(sqlite3.connect(":memory:")) as before:
        made = World(
            app, rows | {"user_id": "1", "session_id": "1", "filename": "app.css"}, people, client, before
        )
        with closing(sqlite3.connect(made.file)) as live:
            live.backup(before)
        yield made


def mark_with_canary(session: Session) -> None:
    """Name the customer of every invoice so that it is noticed wherever it is shown."""
    for invoice in session.query(InvoiceRow):
        invoice.company_name = CANARY
        invoice.subject = CANARY
    for compared in session.query(ComparedRow):
        compared.customer = CANARY
    session.commit()


def cells(app: Flask, role: Role, reach: str) -> Iterator[Cell]:
    """Yield everything that one kind of person may ask."""
    for rule, method in rules(app):
        if needed_role(app, rule.endpoint) != ANYONE:
            yield Cell(rule, method, role, reach)


def names_a_row(rule: Rule) -> bool:
    return bool(rule.arguments - OTHERS)


def expected(app: Flask, cell: Cell) -> set[int]:
    """The answers that a person is to get."""
    needed = needed_role(app, cell.rule.endpoint)
    if needed != ANYONE and not cell.role.includes(needed):
        return {403}
    if names_a_row(cell.rule) and cell.reach not in SEES:
        return {403, 404}
    if cell.reach != "everything" and cell.rule.endpoint == "users.edit":
        return {404}
    if cell.reach != "everything" and cell.rule.endpoint in OPENS_ALL and cell.method == "POST":
        return {403}
    shown = {200, 302, 303} | ({404} if cell.rule.endpoint in NOT_SUCH_A_ROW else set())
    return shown if cell.method == "GET" else shown | {204, 400, 404, 409, 422}


@pytest.mark.parametrize("reach", REACHES)
@pytest.mark.parametrize("role", Role)
def test_each_person_gets_where_they_may_and_sees_what_they_may(world: World, role: Role, reach: str) -> None:
    wrong: list[tuple[str, str, int | str]] = []
    for cell in cells(world.app, role, reach):
        if cell.rule.endpoint in NOTHING_THERE:
            continue
        person = world.people[role, reach]
        answer = person.open(world.address(cell.rule), method=cell.method)
        if answer.status_code not in expected(world.app, cell):
            wrong.append((cell.method, cell.rule.rule, answer.status_code))
        if reach not in SEES and CANARY in answer.text:
            wrong.append((cell.method, cell.rule.rule, "shows another subsidiary's customer"))
        if cell.method != "GET":
            world.restore()
    assert wrong == []


def test_the_canary_is_seen_by_those_who_may(world: World) -> None:
    pages = ("/invoices", "/invoices.csv", "/invoices/105", "/reconciliation?period=all", "/payments")
    for person in (world.people[Role.VIEWER, reach] for reach in SEES):
        assert [path for path in pages if CANARY not in person.get(path).text] == []


def test_nobody_without_a_session_gets_anywhere(world: World) -> None:
    for cell in cells(world.app, Role.VIEWER, "nothing"):
        answer = world.nobody.open(world.address(cell.rule), method=cell.method)
        assert answer.status_code == 302, (cell.method, cell.rule.rule)
        assert answer.location.startswith("/sign-in"), (cell.method, cell.rule.rule)


def test_no_other_method_is_answered(world: World) -> None:
    person = world.people[Role.ADMINISTRATOR, "everything"]
    known: dict[str, set[str]] = {}
    for rule in world.app.url_map.iter_rules():
        known.setdefault(world.address(rule), set()).update(rule.methods or ())
    for address, methods in known.items():
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE"} - methods:
            # Where the address of a row is alike, there is no such row.
            assert person.open(address, method=method).status_code in {404, 405}, (method, address)
