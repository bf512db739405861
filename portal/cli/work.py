"""Commands that work: the worker, the ticker, and pulls by hand."""

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, cast

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

import jobs
from jobs.invoices import pull_invoices as run_pull_invoices
from jobs.payments import pull_payments as run_pull_payments
from jobs.schedule import Line, timetable
from portal.extensions import db, the_portal
from portal.queue import run_worker
from portal.store.slots import claim_slot

TICK = 1.0


@contextmanager
def fresh_context(app: Flask) -> Iterator[None]:
    """Give one job an app context. Connections opened before the fork are not touched again."""
    with app.app_context():
        db.engine.dispose(close=False)
        yield


@click.command()
@click.option("--burst", is_flag=True, help="Stop when the queues are empty.")
@with_appcontext
def worker(burst: bool) -> None:
    """Do what the queue asks for, until told to stop. Jobs are imported once, before any fork."""
    app = cast(Any, current_app)._get_current_object()
    for module in iter_modules(jobs.__path__):
        import_module(f"jobs.{module.name}")

    def in_context() -> AbstractContextManager[None]:
        return fresh_context(app)

    settings = the_portal().settings
    run_worker(settings.redis_url, settings.secret_key, in_context, burst=burst)


@click.command()
@with_appcontext
def ticker() -> None:
    """Ask for the jobs of the timetable when they are due. Any number of tickers may run."""
    while True:
        tick(datetime.now(UTC))
        time.sleep(TICK)


def tick(now: datetime) -> list[str]:
    """Claim what is due and nudge for it. Return the slots that were claimed."""
    portal = the_portal()
    due = [line for line in timetable(portal.settings) if claim(line, now)]
    for line in due:
        portal.nudge(line.job, "")
    return [line.name for line in due]


def claim(line: Line, now: datetime) -> bool:
    """Claim a line's slot in a transaction of its own. Another ticker may have been quicker."""
    try:
        with Session(db.engine) as session, session.begin():
            return claim_slot(session, line.name, every=line.wait(now), now=now)
    except IntegrityError:
        return False


@click.command()
@with_appcontext
def pull_invoices() -> None:
    """Pull the invoices from Productive now, in this process."""
    run_pull_invoices()
    click.echo("The invoices were pulled.")


@click.command()
@with_appcontext
def pull_payments() -> None:
    """Ask for a payment pull of every connection now."""
    run_pull_payments()
    click.echo("The payment pulls were asked for.")
