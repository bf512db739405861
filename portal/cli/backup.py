"""Commands of the worst day: a backup while the portal runs, and what follows a restore."""

import os
import sqlite3
import time
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import click
from flask.cli import with_appcontext
from sqlalchemy import URL
from sqlalchemy.orm import Session

from portal.actions.engine.desk import Desk
from portal.actions.engine.gate import close_copying, open_copying, waiting_connections
from portal.actions.restore.adopt import AdoptError, prepare_adoption, read_invoices
from portal.actions.restore.adopt import adopt as adopt_connection
from portal.actions.restore.adopting import Adopted
from portal.domain.ids import new_id
from portal.extensions import db
from portal.remote.errors import RemoteError
from portal.sentences.voice import in_source_language
from portal.store.connections import live_connections
from portal.store.gate import the_gate
from portal.wiring import current

KEEP = "Keep SECRET_KEY and ENCRYPTION_KEYS too, apart from it: the keys open the tokens in it."
DUMP = (
    "This database is PostgreSQL; back it up with its own tool: pg_dump --format=custom --file={file} {name}"
)
AGAIN = "Put right what is said above, then run the same command again; it goes on where it stopped."
THERE = "{file} is there already. Give another name; nothing was written."


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@with_appcontext
def backup(file: Path) -> None:
    """Write a consistent backup of the SQLite database to FILE while the portal runs."""
    url = db.engine.url
    if url.get_backend_name() != "sqlite":
        raise click.ClickException(DUMP.format(file=file, name=url.database))
    if file.exists():
        raise click.ClickException(THERE.format(file=file))

    write_backup(url, file)
    click.echo(f"{file}: {file.stat().st_size:,} bytes. {KEEP}")


def write_backup(url: URL, file: Path) -> None:
    """Copy the pages, mark the copy as one, and give it its name only when it is whole."""
    part = file.with_name(f"{file.name}.part")
    part.unlink(missing_ok=True)
    part.touch(mode=0o600)

    with closing(sqlite3.connect(str(url.database))) as live, closing(sqlite3.connect(part)) as copy:
        live.execute("PRAGMA busy_timeout=30000")
        # All pages in one step: a reader of the write-ahead log holds up no writer, and sees one moment.
        live.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")
        mark_as_copy(copy)
        if copy.execute("PRAGMA quick_check").fetchone() != ("ok",):
            raise click.ClickException("The backup is damaged, as the database may be. Nothing was kept.")

    with part.open("rb") as written:
        os.fsync(written.fileno())

    part.replace(file)


def mark_as_copy(copy: sqlite3.Connection) -> None:
    """Write into the backup that it is one, for a portal that starts on it, and end its sessions."""
    copy.execute("DELETE FROM web_session")
    moment = datetime.now(UTC).replace(tzinfo=None).isoformat(" ")
    copy.execute("INSERT OR IGNORE INTO gate (id, database_id, writes) VALUES (1, ?, 0)", (new_id(),))
    copy.execute("UPDATE gate SET known_until = ? WHERE closed_at IS NULL", (moment,))
    copy.commit()


@click.command()
@with_appcontext
def restored() -> None:
    """Close copying after a restore. ``flask adopt`` opens it again."""
    close_copying(db.session(), now=datetime.now(UTC))
    click.echo("Copying is closed. Run: flask adopt --since DATE (the day of the backup, or one before)")


@click.command()
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d"]),
    required=True,
    help="The day of the backup, or an earlier one.",
)
@with_appcontext
def adopt(since: datetime) -> None:
    """Take over what was written since the backup. Copying opens when this has ended."""
    session = db.session()
    desk = current().desk()

    try:
        wait_until(prepare_adoption(session, desk, since=since.date()))
        read_invoices(session, desk)
    except (AdoptError, RemoteError) as error:
        raise click.ClickException(str(error)) from error

    for row in live_connections(session):
        click.echo(f"{row.division_name}: {adopt_one(session, desk, row.id, since.date())}")

    gate = the_gate(session)
    waiting = waiting_connections(session, gate)
    session.commit()
    if not open_copying(session, desk.marks, now=desk.clock()):
        raise click.ClickException(f"Copying stays closed: {len(waiting)} not adopted yet. {AGAIN}")

    click.echo("Copying is open again.")


def wait_until(moment: datetime) -> None:
    """Wait until nothing that was sent before the restore can still be booked."""
    seconds = (moment - current().clock()).total_seconds()
    if seconds > 0:
        click.echo(f"Waiting {seconds:.0f} s, for Exact may still be booking what was sent last.")
        time.sleep(seconds)


def adopt_one(session: Session, desk: Desk, connection_id: int, since: date) -> str:
    """Adopt one connection and say what came of it."""
    try:
        told = adopt_connection(session, desk, connection_id, since=since)
    except RemoteError as error:
        session.rollback()
        return f"not adopted. {error.text}"
    return "another process works on it." if told is None else spell_adopted(told)


def spell_adopted(told: Adopted) -> str:
    """Say in figures, then line by line, what was adopted and what was not."""
    figures = (
        f"{told.entries} entries adopted ({told.different} with a difference), {told.known} known "
        f"({told.changed} changed since), {told.credits} credited, {told.customers} customers linked, "
        f"{told.payments} payments adopted, {told.to_retry} copies to retry, "
        f"{len(told.unmatched)} not matched."
    )

    lines = [
        f"  {row.number}  {row.reference or '-'}  {in_source_language(row.why)}" for row in told.unmatched
    ]
    return "\n".join([figures, *lines])
