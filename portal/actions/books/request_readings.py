"""Ask for the entries of some months to be read, as a person or the night does."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from portal.actions.engine.jobs import Job
from portal.actions.engine.ports import Nudge
from portal.actions.engine.turn import transaction
from portal.domain.here import HERE, day_here
from portal.domain.periods import Period, month_of, month_period
from portal.store.connections import live_connections
from portal.store.entries import (
    EntryReadingRow,
    feed_of,
    reading_of,
)

# By Exact's own day, which begins at midnight UTC, most of its calls are free then.
NIGHT = range(1, 5)


RECENT = timedelta(hours=8)


LATEST = timedelta(hours=30)


# More months at once would take the day's calls from the copies.
MOST_MONTHS = 3


def request_readings(
    session: Session,
    nudge: Nudge,
    period: Period,
    *,
    subsidiaries: Sequence[str] | None,
    whole: bool,
    now: datetime,
) -> int:
    """Ask for the newest months of a period, of each connection in sight."""
    with transaction(session):
        months = newest_months(period, day_here(now))
        rows = [
            row
            for row in live_connections(session)
            if subsidiaries is None or row.subsidiary_id in subsidiaries
        ]

        for row in rows:
            feed_of(session, row.id).trouble = None
            for month in months:
                reading = reading_of(session, row.id, month)
                reading.wanted_at = now
                reading.whole_wanted = whole or reading.whole_wanted

        ids = [row.id for row in rows]

    for connection_id in ids:
        nudge(Job.READ_ENTRIES, str(connection_id))

    return len(ids)


def newest_months(period: Period, today: date) -> list[str]:
    """Return the newest months of a period that have begun, at most as many as are read at once."""
    day = min(period.last, max(today, period.first))
    found: list[str] = []
    while day >= period.first and len(found) < MOST_MONTHS:
        found.append(month_of(day))
        day = day.replace(day=1) - timedelta(days=1)
    return found


def request_nightly(session: Session, nudge: Nudge, *, now: datetime) -> int:
    """Ask for the present and the last month of every live connection whose reading is due."""
    this = month_period(day_here(now))
    both = Period(month_period(this.first - timedelta(days=1)).first, this.last, "")
    due = [row.subsidiary_id for row in live_connections(session) if _is_due(session, row.id, this, now)]
    return request_readings(session, nudge, both, subsidiaries=due, whole=True, now=now) if due else 0


def _is_due(session: Session, connection_id: int, month: Period, now: datetime) -> bool:
    """Say whether a month is to be read by itself: once each night, later if a night was missed."""
    row = session.get(EntryReadingRow, (connection_id, month.text))
    if row is None or row.read_at is None:
        return row is None or row.wanted_at is None
    age = now - row.read_at
    return age > LATEST or (age > RECENT and now.astimezone(HERE).hour in NIGHT)
