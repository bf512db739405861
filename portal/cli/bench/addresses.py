"""Addresses of all pages of a portal, from its map of routes, filled with rows that are there."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import click
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.cli.bench.floor import ROWS
from portal.cli.bench.seed import SEED
from portal.domain.copies.states import CopyState
from portal.domain.periods import month_of
from portal.extensions import db
from portal.store.connections import ConnectionRow
from portal.store.copies import CopyRow
from portal.store.invoices import NOT_COPIED, InvoiceRow
from portal.store.payments import PaymentRow
from portal.store.reconciliation import ComparedRow
from portal.store.runs import RunItemRow, RunRow, RunSubsidiaryRow
from portal.store.sign_offs import SignOffRow
from portal.store.trials import TrialRow, TrialState

LIST = "/invoices"
DEEP = 1_000
# It ends a sign-in at Exact, and would need one.
NO_PAGES = {"connections.receive_consent"}
# Some pages show nothing without being told of what.
ASKED_WITH = {"/activity/needing": "?list=failed"}
OLDER = re.compile(r"[?&;]after=([^\"&#]+)")
CHIP = re.compile(r'href="/invoices\?view=([\w-]+)"')
SORT = re.compile(r'href="/invoices\?sort=-?(\w+)"')
SORTED_BY_ITSELF = "date"


class Address(NamedTuple):
    """An address to ask for, and what it is called in the table. ``words`` are searched for."""

    name: str
    path: str
    words: str = ""


def add_named_rows(session: Session, now: datetime) -> None:
    """Add the few rows that the seed lacks and that addresses name: a run, a trial, a sign-off."""
    connection = session.scalars(select(ConnectionRow).where(ConnectionRow.subsidiary_id == SEED)).one()
    copied = select(CopyRow).where(CopyRow.state == CopyState.COPIED).order_by(CopyRow.id).limit(ROWS)
    copies = session.scalars(copied).all()
    trial = TrialRow(
        id="bench",
        connection_id=connection.id,
        marker="BENCHMRK",
        division=connection.division or 0,
        division_name="Bench",
        started_by="Bench",
        started_at=now,
        state=TrialState.ENDED,
    )

    signed = SignOffRow(
        subsidiary_id=SEED,
        month=month_of(now.date() - timedelta(days=400)),
        signed_by="Bench",
        signed_at=now,
        invoices=0,
        open=[],
        fingerprint="",
    )

    session.add_all(
        [trial, signed, RunRow(id="bench", requested_by="Bench", requested_at=now, total=len(copies))]
    )
    session.flush()
    session.add(RunSubsidiaryRow(run_id="bench", subsidiary_id=SEED))
    for at, copy in enumerate(copies):
        item = RunItemRow(
            run_id="bench",
            invoice_id=copy.invoice_id,
            position=at,
            seen="",
            fingerprint=copy.fingerprint,
            copy_id=copy.id,
        )
        session.add(item)

    session.commit()


def read_names(session: Session, today: datetime) -> dict[str, str]:
    """Return what addresses name: rows that are there."""
    connection = session.scalars(select(ConnectionRow).where(ConnectionRow.subsidiary_id == SEED)).one()
    newest = select(InvoiceRow).where(InvoiceRow.copy_state == NOT_COPIED)
    invoice = session.scalars(newest.order_by(InvoiceRow.invoiced_on.desc()).limit(1)).one()
    # Nobody asks Productive for what was just read.
    invoice.read_at = datetime.now(UTC) + timedelta(hours=1)
    # A stranger, where there is one.
    entry = select(ComparedRow.entry_id).where(ComparedRow.entry_id.is_not(None))
    found = {
        "copy_id": select(CopyRow.id).where(CopyRow.state == CopyState.COPIED).limit(1),
        "payment_id": select(PaymentRow.id).limit(1),
        "key": select(ComparedRow.key)
        .where(ComparedRow.differs, ComparedRow.invoice_id.is_not(None))
        .limit(1),
        "entry_id": entry.order_by(ComparedRow.invoice_id.is_(None).desc()).limit(1),
        "sign_off_id": select(SignOffRow.id).limit(1),
        "run_id": select(RunRow.id).limit(1),
        "trial_id": select(TrialRow.id).limit(1),
    }

    rows = {name: session.scalar(query) for name, query in found.items()}
    names = {name: str(value) for name, value in rows.items() if value is not None}
    session.commit()

    return names | {
        "invoice_id": invoice.id,
        "company_id": invoice.company_id or "",
        "connection_id": str(connection.id),
        "user_id": "1",
        "session_id": "1",
        "kind": "service",
        "slug": f"{SEED}-0",
        "month": month_of(today.date().replace(day=1) - timedelta(days=1)),
    }


def each_page(app: Flask, names: Mapping[str, str]) -> Iterator[Address]:
    """Yield one address of every page that is asked for by GET."""
    adapter = app.url_map.bind("localhost")
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        if "GET" in (rule.methods or ()) and rule.endpoint not in NO_PAGES:
            if lacking := rule.arguments - names.keys():
                raise click.ClickException(f"{rule.rule} names what nobody filled in: {sorted(lacking)}")
            path = adapter.build(rule.endpoint, dict(names), append_unknown=False)
            yield Address(rule.rule, path + ASKED_WITH.get(rule.rule, ""))


def each_kind_of_list(app: Flask, client: FlaskClient) -> Iterator[Address]:
    """Yield the list as its own chips and columns lead to it, deep down, and searched."""
    page = client.get(LIST).text
    with app.app_context():
        deep = deep_cursor()
        number, customer = searched()
    if deep and OLDER.search(page):
        yield Address(f"list: page {DEEP:,}", f"{LIST}?after={deep}")

    for view in dict.fromkeys(CHIP.findall(page)):
        yield Address(f"list: {view}", f"{LIST}?view={view}")

    for column in dict.fromkeys([SORTED_BY_ITSELF, *SORT.findall(page)]):
        yield Address(f"list: by {column}, rising", f"{LIST}?sort={column}")
        yield Address(f"list: by {column}, falling", f"{LIST}?sort=-{column}")

    yield Address(f"search: {number}, one hit", f"{LIST}?q={number}", number)
    yield Address(f"search: {customer}, many hits", f"{LIST}?q={customer}", customer)
    yield Address("search: zzqqxx, no hit", f"{LIST}?q=zzqqxx", "zzqqxx")


def deep_cursor() -> str | None:
    """Return the invoice behind which page 1,000 begins."""
    ordered = select(InvoiceRow.id).order_by(InvoiceRow.invoiced_on.desc(), InvoiceRow.id.desc())
    return db.session.scalar(ordered.offset((DEEP - 1) * ROWS - 1).limit(1))


def searched() -> tuple[str, str]:
    """Return a number that one invoice has, and a word that many have."""
    one = select(InvoiceRow.number).order_by(func.abs(InvoiceRow.amount), InvoiceRow.id).limit(1)
    return db.session.scalar(one) or "", "brouwerij"
