"""A portal that shows the invoices of a benchmark's database, signed in and asked without a server."""

import logging
import os
import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

import flask_migrate
import msgspec
from flask import Flask
from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

import portal.store.invoice_list as listing
from portal.actions.house.sessions import begin_session
from portal.actions.house.tallies import fold_tallies
from portal.cli.bench.furnish import furnish, settings_with
from portal.cli.bench.seed import COLUMNS, SEED, a_line, copy_of, noon, prepare
from portal.domain.booking.invoice import INVOICE, BillTo, Invoice, InvoiceLine
from portal.domain.connections.states import ConnectionState
from portal.domain.copies.standing import Readiness
from portal.domain.copies.states import CopyState
from portal.domain.ids import new_id
from portal.extensions import db
from portal.factory import create_app
from portal.settings import ROOT
from portal.store.connections import ConnectionRow, SubsidiaryRow
from portal.store.copies import CopyRow
from portal.store.invoices import NOT_COPIED, InvoiceRow, searched_text
from portal.store.people import UserRow

# The page size of all peers.
ROWS = 25
BATCH = 2_000
# The list reads no customers.
FEW = 100
A_DAY = timedelta(days=1)
STATES = {
    "not_copied": NOT_COPIED,
    "copied": CopyState.COPIED,
    "failed": CopyState.REFUSED,
    "changed": CopyState.COPIED,
}
READ = (
    "SELECT id, number, subject, customer_name, subsidiary, invoiced_on, due_on, currency, total_cents, "
    "paid_cents, copy_state FROM invoice ORDER BY id"
)


class Peer:
    """Asks the portal for pages, and takes the time of its WSGI call alone."""

    def __init__(self, app: Flask, token: str) -> None:
        self._inner = app.wsgi_app
        self._seconds = 0.0
        app.wsgi_app = self._timed  # type: ignore[method-assign]  # as Flask documents it
        self._client = app.test_client()
        with self._client.session_transaction() as cookie:
            cookie["_user_id"] = token

    def get(self, path: str) -> tuple[int, bytes, float]:
        """Return status, body and the seconds that the portal took."""
        answer = self._client.get(path)
        return answer.status_code, answer.get_data(), self._seconds

    def paths(self, ctx: Mapping[str, Any]) -> dict[str, str]:
        """Return which address is which scenario."""
        _, _, before = str(ctx["before"]).partition(",")
        return {
            "first": "/invoices",
            "deep": f"/invoices?after={id_of(int(before))}",
            "filter": "/invoices?view=ready",
            "one": f"/invoices?q={ctx['one']}",
            "many": f"/invoices?q={ctx['many']}",
            "miss": f"/invoices?q={ctx['miss']}",
        }

    def _timed(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        began = time.perf_counter()
        body = self._inner(environ, start_response)
        try:
            return [b"".join(body)]
        finally:
            getattr(body, "close", lambda: None)()
            self._seconds = time.perf_counter() - began


def build_peer(source: Path, variant: str) -> Peer:
    """Return the peer. The portal's own database is made beside the benchmark's, once for each revision."""
    if variant != "default":
        raise ValueError(f"There is no variant {variant}.")

    own = source.with_name(f"{source.name}.portal-{revision()}.sqlite")
    if not own.is_file():
        # By a process of its own, so that this one holds what serving needs and no more.
        command = [
            sys.executable,
            "-m",
            "portal.cli.bench.peer_list",
            str(source.resolve()),
            str(own.resolve()),
        ]
        subprocess.run(command, cwd=ROOT, check=True)  # noqa: S603 - ours

    if listing.PAGE != ROWS:
        listing.PAGE = ROWS
    app = portal_on(own)
    with app.app_context():
        now = datetime.now(UTC)
        session = db.session()
        user = session.scalars(select(UserRow)).one()
        given = begin_session(session, user, address="127.0.0.1", browser="", idle=A_DAY, now=now)
        session.commit()

    return Peer(app, given[1])


def revision() -> str:
    """Return the newest revision of the migrations, by which an older file is told."""
    versions = ROOT / "portal" / "store" / "migrations" / "versions"
    return max(path.stem.partition("_")[0] for path in versions.glob("[0-9]*.py"))


def portal_on(database: Path) -> Flask:
    """Return a portal on a file."""
    app = create_app(settings_with(f"sqlite:///{database.resolve()}"))
    logging.disable(logging.WARNING)
    return app


def id_of(row_id: int) -> str:
    """Return the id of an invoice, so that ids are in the order of the benchmark's."""
    return f"{row_id:09}"


def fill(source: Path, own: Path) -> None:
    """Make a portal's database with the benchmark's invoices. Where it is broken off, nothing is left."""
    making = own.with_name(f"{own.name}.{os.getpid()}")
    app = portal_on(making)
    now = datetime.now(UTC)
    with app.app_context():
        flask_migrate.upgrade()
        session = db.session()
        prepare(session)
        furnish(now, FEW)
        keep_all(session, source, now)
        fold_tallies(session)
        session.execute(text("ANALYZE"))
        session.commit()
        session.close()
        db.engine.dispose()

    # Where nobody has it open any more, nothing lies beside the file.
    making.rename(own)


def keep_all(session: Session, source: Path, now: datetime) -> None:
    """Keep all invoices, with the copies that their states tell of."""
    connections: dict[str, int] = {}
    with sqlite3.connect(source) as known:
        rows = iter(known.execute(READ))
        while batch := list(islice(rows, BATCH)):
            for name in {row[4] for row in batch} - connections.keys():
                connections[name] = connect(session, name, now)

            invoices = [(an_invoice(row), row[10]) for row in batch]
            kept = [(row_of(invoice, state, now), invoice) for invoice, state in invoices]
            copies = [
                copy_of(row, invoice, connections[invoice.subsidiary_id], now)
                for row, invoice in kept
                if row["latest_copy_id"]
            ]

            session.execute(insert(InvoiceRow), [row for row, _ in kept])
            session.execute(insert(CopyRow), copies)
            session.commit()


def connect(session: Session, name: str, now: datetime) -> int:
    """Add a subsidiary whose connection is live."""
    like = session.scalars(select(ConnectionRow).where(ConnectionRow.subsidiary_id == SEED)).one()
    number = (session.scalar(text("SELECT max(id) FROM connection")) or 0) + 1
    session.add(SubsidiaryRow(id=name, name=name))
    row = ConnectionRow(subsidiary_id=name, locale="NL", created_at=now, state=ConnectionState.LIVE)
    row.live_subsidiary = name
    row.live_division = f"NL:{number}"
    row.division = number
    row.division_name = name
    row.division_country = "NL"
    row.default_journal = like.default_journal
    row.default_ledger = like.default_ledger
    row.catalogue_at = now
    row.copy_from = like.copy_from
    session.add(row)
    session.commit()
    return row.id


def an_invoice(row: tuple[Any, ...]) -> Invoice:
    """Return an invoice of the benchmark as Productive would tell it."""
    (row_id, number, subject, customer, subsidiary, on, due, currency, total, paid, _) = row
    day = date.fromisoformat(on)
    net = round(total / 1.21)

    return Invoice(
        id=id_of(row_id),
        number=number,
        subject=subject,
        kind=INVOICE,
        subsidiary_id=subsidiary,
        company_id=customer,
        company_name=customer,
        bill_to=BillTo(name=customer),
        invoiced_on=day,
        pay_on=date.fromisoformat(due),
        sent_on=day,
        finalized_on=day,
        deleted=False,
        sample=False,
        currency=currency,
        currency_default="EUR",
        exchange_rate=Decimal(1),
        discount=None,
        amount=net,
        amount_tax=total - net,
        amount_with_tax=total,
        amount_paid=paid,
        amount_unpaid=total - paid,
        amount_written_off=0,
        credited=False,
        parent_invoice_id=None,
        purchase_order_number=None,
        exported=False,
        export_id=None,
        export_url=None,
        export_integration=None,
        last_activity_at=noon(day),
        lines=tuple(each_line(row_id)),
    )


def each_line(row_id: int) -> Iterator[InvoiceLine]:
    """Yield two lines, always the same ones for an invoice."""
    dice = random.Random(row_id)
    yield from (a_line(row_id, at, dice) for at in range(2))


def row_of(invoice: Invoice, state: str, now: datetime) -> dict[str, Any]:
    """Return an invoice's row. What is not copied could be."""
    return {
        **{name: getattr(invoice, name) for name in COLUMNS},
        "fingerprint": invoice.fingerprint(),
        "search_text": searched_text(invoice),
        "body": msgspec.json.encode(invoice).decode(),
        "read_at": now,
        "copy_state": STATES[state],
        "latest_copy_id": None if state == "not_copied" else new_id(),
        "changed_since_copied": state == "changed",
        "readiness": Readiness.READY if state == "not_copied" else Readiness.UNSURE,
    }


if __name__ == "__main__":
    fill(Path(sys.argv[1]), Path(sys.argv[2]))
