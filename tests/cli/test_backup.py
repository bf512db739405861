"""A backup is one moment of the database, knows that it is one, and never overwrites anything."""

import sqlite3
from contextlib import closing
from pathlib import Path

import click
import msgspec
import pytest
from flask import Flask
from sqlalchemy.orm import Session

from portal.cli.backup import backup, restored
from portal.extensions import db
from portal.factory import create_app
from portal.store.gate import count_write, find_gate
from portal.store.people import UserRow
from tests.conftest import NOW, SignedIn
from tests.furnishing.apps import settings_in


def run(app: Flask, command: click.Command, *words: str) -> tuple[int, str]:
    done = app.test_cli_runner().invoke(command, list(words))
    return done.exit_code, done.output


def test_a_backup_taken_during_a_write_is_whole_and_says_what_it_is(
    app: Flask, session: Session, tmp_path: Path
) -> None:
    with app.app_context(), Session(db.engine) as writing:
        count_write(writing)
        writing.commit()
        count_write(writing)
        code, output = run(app, backup, str(tmp_path / "b.sqlite"))
    assert (code, "ENCRYPTION_KEYS" in output) == (0, True)
    with closing(sqlite3.connect(tmp_path / "b.sqlite")) as copy:
        assert copy.execute("SELECT writes, known_until IS NOT NULL FROM gate").fetchall() == [(1, 1)]
        assert copy.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    assert (tmp_path / "b.sqlite").stat().st_mode & 0o077 == 0
    assert [path.name for path in tmp_path.iterdir()] == ["b.sqlite"]


def test_a_portal_on_a_backup_reads_its_moment(app: Flask, session: Session, tmp_path: Path) -> None:
    run(app, backup, str(tmp_path / "b.sqlite"))
    settings = msgspec.structs.replace(settings_in(tmp_path), database_url=f"sqlite:///{tmp_path}/b.sqlite")
    with create_app(settings).app_context():
        gate = find_gate(db.session())
        assert gate
        assert gate.known_until
        assert gate.known_until > NOW
        db.engine.dispose()


def test_a_file_that_is_there_is_left_alone(app: Flask, session: Session, tmp_path: Path) -> None:
    there = tmp_path / "b.sqlite"
    there.write_text("mine")
    code, output = run(app, backup, str(there))
    assert (code, "is there already" in output, there.read_text()) == (1, True, "mine")


def test_postgresql_has_its_own_tool(app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    with app.app_context():
        url = db.engine.url.set(drivername="postgresql+psycopg", database="portal", password="secret")
        monkeypatch.setattr(db.engine, "url", url)
        code, output = run(app, backup, "b.dump")
    assert (code, "pg_dump --format=custom --file=b.dump portal" in output) == (1, True)
    assert "secret" not in output


def test_copying_is_closed_by_hand_and_every_page_says_so(
    app: Flask, session: Session, signed_in: SignedIn
) -> None:
    before = signed_in("viewer")
    assert run(app, restored)[0] == run(app, restored)[0] == 0
    assert before.get("/invoices").status_code == 302
    browser = signed_in("viewer")
    page = browser.get("/invoices").text
    assert "Copying is closed" in page
    assert "flask adopt --since" in page
    assert session.query(UserRow).count() == 2
