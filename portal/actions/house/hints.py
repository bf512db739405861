"""Take a webhook for what it is: a hint to pull earlier what would be pulled anyway."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.actions.engine.jobs import Job
from portal.actions.engine.ports import Nudge
from portal.actions.engine.turn import transaction
from portal.domain.connections.hints import ACCOUNTS, RECEIPTS, SALES_ENTRIES, ExactHint
from portal.domain.connections.states import ConnectionState
from portal.store.connections import ConnectionRow
from portal.store.hints import note_hint, take_hints


def take_exact_hint(session: Session, hint: ExactHint, *, now: datetime) -> None:
    """Ask for the pulls that the topic stands for.

    An unknown division or topic asks for nothing.
    """
    rows = session.scalars(
        select(ConnectionRow).where(
            ConnectionRow.state == ConnectionState.LIVE,
            ConnectionRow.division == hint.division,
            ConnectionRow.locale.in_(hint.locales),
        )
    ).all()
    with transaction(session):
        for row in rows:
            for job in _jobs_for(row, hint.topic):
                note_hint(session, job, str(row.id), now)


def _jobs_for(row: ConnectionRow, topic: str) -> Iterator[Job]:
    """Yield the pulls that a topic stands for."""
    if topic == ACCOUNTS:
        yield Job.PULL_CUSTOMERS

    if row.payments.on and topic in (SALES_ENTRIES, *RECEIPTS):
        yield Job.PULL_PAYMENTS

    if topic == SALES_ENTRIES:
        yield Job.READ_ENTRIES


def take_productive_hint(session: Session, *, now: datetime) -> None:
    """Ask for a pull of the invoices."""
    with transaction(session):
        note_hint(session, Job.PULL_INVOICES, "", now)


def ring_hints(session: Session, nudge: Nudge, *, now: datetime) -> int:
    """Nudge for the hints that are due. The next ordinary pull makes good one that gets lost."""
    with transaction(session):
        due = take_hints(session, now)

    for job, subject in due:
        nudge(job, subject)
    return len(due)
