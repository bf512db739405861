"""The measurements themselves, in small: each page is measured, and what is measured is right."""

import logging
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import click
import pytest
from flask import Flask
from sqlalchemy import Engine, create_engine, func, select, text

from portal.cli.bench import pages, peer, peer_list, run
from portal.cli.bench.addresses import NO_PAGES, Address, each_page
from portal.cli.bench.many import multiply
from portal.cli.bench.pages import FEWEST_TURNS, measure_all_pages, take_turns
from portal.extensions import db
from portal.store.copies import CopyRow
from portal.store.invoices import InvoiceRow
from portal.store.payments import PaymentRow
from portal.store.reconciliation import ComparedRow
from portal.store.tallies import TALLIES, differences
from portal.store.tally_triggers import find_triggers, triggers_of
from tests.web.test_access import rules

SEEDED = 200
TIMES = 3
NUMBER = re.compile(rb"INV-\d{4}-\d{6}")
COUNTED = (InvoiceRow, CopyRow, PaymentRow, ComparedRow)


@pytest.fixture(autouse=True)
def logs_as_before() -> Iterator[None]:
    """Measurements log nothing. Other tests do."""
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture(autouse=True)
def small_house(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "CUSTOMERS", 30)
    monkeypatch.setattr("portal.cli.bench.pages.TURNS", 1)
    monkeypatch.setattr("portal.cli.bench.pages.FEWEST_TURNS", 1)
    monkeypatch.setattr("portal.cli.bench.pages.LONG", 0)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/bench.sqlite"

    engine: Engine = request.getfixturevalue("postgres_engine")
    name = f"{engine.url.database}_bench"
    with create_engine(engine.url, isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name}"))
        connection.execute(text(f"CREATE DATABASE {name}"))
    return engine.url.set(database=name).render_as_string(hide_password=False)


@pytest.mark.timeout(900)
def test_every_page_is_measured_beside_the_floor(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with run.a_portal(f"sqlite:///{tmp_path}/bench.sqlite", SEEDED) as app:
        measure_all_pages(app, run.sign_in(app), "Small")

    told = capsys.readouterr().out
    wanted = {rule.rule for rule, method in rules(app) if method == "GET" and rule.endpoint not in NO_PAGES}
    shown = {line.split("  ")[0]: line for line in told.split("\nSmall, ")[0].splitlines()}
    assert wanted <= shown.keys()
    assert not [line for line in shown.values() if re.search(r"  500  ", line)]
    for name in (
        "list: ready",
        "list: by total, falling",
        "search: zzqqxx, no hit",
        "/reconciliation: everything",
    ):
        assert name in shown
    assert re.search(r"^Small, /invoices: [\d.]+ ms \(limit <= [\d.]+\)$", told, re.M)


def test_many_invoices_are_as_whole_as_those_they_are_made_of(
    database_url: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with run.a_portal(database_url, SEEDED) as app:
        client = run.sign_in(app)
        few = counts(app)
        with app.app_context():
            multiply(db.engine, TIMES, lambda _words: None)
        run.settle(app)
        check_what_is_kept(app)
        check_what_was_added(app)
        assert counts(app) == {name: TIMES * number for name, number in few.items()}

        monkeypatch.setattr(pages, "all_addresses", lambda *_given: iter([Address("/invoices", "/invoices")]))
        measure_all_pages(app, client, "Many", profiled=True)
        assert client.get("/reconciliation?period=all").status_code == 200

    told = capsys.readouterr().out
    assert re.search(r"^/invoices +200 ", told, re.M)
    assert ("Profile of /invoices" in told) is ("OVER" in told)


def counts(app: Flask) -> dict[str, int]:
    with app.app_context():
        return {
            one.__name__: db.session.scalar(select(func.count()).select_from(one)) or 0 for one in COUNTED
        }


def check_what_is_kept(app: Flask) -> None:
    """What is kept is what is there, and the triggers keep it on."""
    with app.app_context():
        for tally in TALLIES:
            assert db.session.execute(differences(tally)).all() == [], tally.name
        connection = db.session.connection()
        dialect = connection.dialect.name
        wanted = {trigger.name for tally in TALLIES for trigger in triggers_of(tally, dialect)}
        assert find_triggers(connection).keys() == wanted


def check_what_was_added(app: Flask) -> None:
    """What was added is whole: each has a number of its own, its own copy, and tells of itself."""
    with app.app_context():
        numbers = db.session.scalars(select(InvoiceRow.number)).all()
        assert len(set(numbers)) == TIMES * SEEDED

        for row in db.session.scalars(select(InvoiceRow)):
            invoice = row.invoice()
            assert (invoice.id, invoice.number) == (row.id, row.number)
            assert (row.number or "").lower() in row.search_text

        strays = select(func.count()).select_from(CopyRow)
        assert db.session.scalar(strays.where(CopyRow.invoice_id.not_in(select(InvoiceRow.id)))) == 0
        strays = select(func.count()).select_from(PaymentRow)
        assert db.session.scalar(strays.where(PaymentRow.copy_id.not_in(select(CopyRow.id)))) == 0


def test_a_page_that_lacks_a_row_is_named(app: Flask) -> None:
    with pytest.raises(click.ClickException, match="connection_id"):
        list(each_page(app, {}))


def test_things_take_turns() -> None:
    done: list[str] = []
    times = take_turns(
        [lambda: done.append("floor"), lambda: done.append("page")], FEWEST_TURNS, is_long=True
    )
    assert done[: pages.IN_A_TURN + 2] == ["floor"] * (pages.IN_A_TURN + 1) + ["page"]
    assert [len(taken) for taken in times] == [FEWEST_TURNS * pages.IN_A_TURN, FEWEST_TURNS]


# What a benchmark brings: its own table, as its peers know it.
SCHEMA = """
CREATE TABLE invoice (
    id INTEGER PRIMARY KEY, number TEXT, subject TEXT, customer_name TEXT, subsidiary TEXT, invoiced_on DATE,
    due_on DATE, currency TEXT, total_cents INTEGER, paid_cents INTEGER, copy_state TEXT, created_at DATETIME
);
"""
SHOWN = "SELECT number FROM invoice WHERE {} ORDER BY invoiced_on DESC, id DESC LIMIT 25 OFFSET {}"
LIKE = "number LIKE '%{0}%' OR customer_name LIKE '%{0}%' OR subject LIKE '%{0}%'"


@pytest.fixture
def rows(tmp_path: Path) -> sqlite3.Connection:
    """A benchmark's database in small, with credit notes, other currencies and invoices of one day."""
    states = ("not_copied", "copied", "copied", "failed", "changed")
    connection = sqlite3.connect(tmp_path / "rows.db")
    connection.executescript(SCHEMA)
    for at in range(SEEDED):
        customer = ("Vermanhuis Foods BV", "Falkgaard Energy AB", "Bosdam Media NV")[at % 3]
        row = (
            at + 1,
            f"INV-2026-{at + 1:06}",
            f"Retainer - sprint {at % 7}",
            customer,
            ("Lumen Studio BV", "Lumen Nordic AB")[at % 2],
            f"2026-0{1 + at // 60}-{1 + at % 20:02}",
            f"2026-0{3 + at // 60}-{1 + at % 20:02}",
            ("EUR", "SEK")[at % 2],
            -2500 if at % 31 == 0 else 12100 + at,
            12100 if at % 4 == 0 else 0,
            states[at % 5],
            "2026-01-01 08:00:00",
        )
        connection.execute(f"INSERT INTO invoice VALUES ({','.join('?' * 12)})", row)
    connection.commit()
    return connection


def test_the_peer_shows_what_a_benchmark_expects(rows: sqlite3.Connection, tmp_path: Path) -> None:
    with closing(rows):
        client = peer.build(str(tmp_path / "rows.db"), "default")
        [(day, last)] = rows.execute(
            "SELECT invoiced_on, id FROM invoice ORDER BY invoiced_on DESC, id DESC LIMIT 1 OFFSET 99"
        ).fetchall()

        paths = client.paths(
            {"before": f"{day},{last}", "one": "INV-2026-000100", "many": "falkgaard", "miss": "zzqqxx"}
        )
        expected = {
            "first": ("1", 0),
            "deep": ("1", 100),
            "filter": ("copy_state = 'not_copied'", 0),
            "one": (LIKE.format("INV-2026-000100"), 0),
            "many": (LIKE.format("falkgaard"), 0),
            "miss": (LIKE.format("zzqqxx"), 0),
        }

        assert paths.keys() == expected.keys()
        for scenario, (where, offset) in expected.items():
            status, body, taken = client.get(paths[scenario])
            shown = list(dict.fromkeys(number.decode() for number in NUMBER.findall(body)))
            wanted = [number for (number,) in rows.execute(SHOWN.format(where, offset))]
            assert status == 200
            assert shown == wanted, scenario
            assert taken > 0


def test_the_peers_database_is_made_once_for_each_revision(
    rows: sqlite3.Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows.close()
    made: list[list[str]] = []

    def make(command: list[str], **_how: object) -> None:
        made.append(command)
        peer_list.fill(Path(command[-2]), Path(command[-1]))

    monkeypatch.setattr("portal.cli.bench.peer_list.subprocess.run", make)
    for revision in ("1", "1", "2"):
        monkeypatch.setattr(peer_list, "revision", lambda told=revision: told)
        peer.build(str(tmp_path / "rows.db"), "default")
    names = [Path(command[-1]).name for command in made]
    assert names == ["rows.db.portal-1.sqlite", "rows.db.portal-2.sqlite"]


def test_a_variant_that_is_not_known_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="odd"):
        peer.build(str(tmp_path / "rows.db"), "odd")
