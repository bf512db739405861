"""Take a webhook for what it is: a hint to pull earlier what would be pulled anyway."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.actions.engine.jobs import Job
from portal.actions.engine.ports import Nudge
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
    for row in rows:
        if hint.topic == ACCOUNTS:
            note_hint(session, Job.PULL_CUSTOMERS, str(row.id), now)

        if row.payments.on and hint.topic in (SALES_ENTRIES, *RECEIPTS):
            note_hint(session, Job.PULL_PAYMENTS, str(row.id), now)

        if hint.topic == SALES_ENTRIES:
            note_hint(session, Job.READ_ENTRIES, str(row.id), now)

    session.commit()


def take_productive_hint(session: Session, *, now: datetime) -> None:
    """Ask for a pull of the invoices."""
    note_hint(session, Job.PULL_INVOICES, "", now)
    session.commit()


def ring_hints(session: Session, nudge: Nudge, *, now: datetime) -> int:
    """Nudge for the hints that are due. The next ordinary pull makes good one that gets lost."""
    due = take_hints(session, now)
    session.commit()
    for job, subject in due:
        nudge(job, subject)
    return len(due)
