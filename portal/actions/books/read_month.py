"""Read every entry of a month."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.actions.books.ask_for_entry import ask_for_entry
from portal.actions.engine.desk import Clock
from portal.actions.engine.ports import Ledger
from portal.actions.engine.turn import let_go, transaction
from portal.domain.booking.sales_entry import BookedEntry
from portal.domain.copies.adoption import DUTCH
from portal.domain.copies.states import IN_EXACT
from portal.domain.periods import Period, month_of
from portal.store.copies import CopyRow, entry_from_row
from portal.store.entries import (
    EntryRow,
    feed_of,
    keep_page,
    reading_of,
)
from portal.store.leases import check_held

# The first reading goes back to copies that are at most this old.
YOUNG = timedelta(days=2)


def _latest(entries: Sequence[BookedEntry]) -> datetime | None:
    return max((entry.modified for entry in entries if entry.modified), default=None)


def read_month(session: Session, ledger: Ledger, connection_id: int, period: Period, clock: Clock) -> None:
    """Read every entry of a month."""
    # Only when all pages came, what is missing counts as deleted.
    started = clock()
    asked_at = started
    began = ledger.remote_time()
    seen: set[str] = set()
    latest: datetime | None = None

    for page in ledger.each_booked_page(period.first, period.last):
        with transaction(session):
            check_held(session)
            entries = keep_page(session, connection_id, page, asked_at)

        seen |= {entry.id for entry in page}
        latest = max(filter(None, (latest, _latest(entries))), default=None)
        asked_at = clock()

    missing = _missing(session, connection_id, period, seen, started)
    for entry_id in missing:
        ask_for_entry(session, ledger, connection_id, entry_id, clock)

    with transaction(session):
        check_held(session)
        feed = feed_of(session, connection_id)
        reading = reading_of(session, connection_id, month_of(period.first))
        # Before the first cursor no other month was read, so nothing that changed since can be passed over.
        feed.cursor = feed.cursor or _first_cursor(session, connection_id, latest, began)
        reading.read_at = started
        reading.whole_wanted = False
        reading.entries = len(seen)


def _first_cursor(session: Session, connection_id: int, latest: datetime | None, began: datetime) -> datetime:
    """Return from where changes are read from now on: behind what came, and behind our own first copies.

    A copy may be booked in a month that was not read, and its entry may have a twin there.
    """
    query = select(func.min(CopyRow.requested_at)).where(CopyRow.connection_id == connection_id)
    first = session.scalar(query)
    since = max(first, began - YOUNG) if first else began
    copied = since.astimezone(DUTCH).replace(tzinfo=None)
    return min(latest, copied) if latest else copied


def _missing(
    session: Session, connection_id: int, period: Period, seen: set[str], started: datetime
) -> list[str]:
    """Return the entries that should have come: those read before, and those our copies booked."""
    before = select(EntryRow.id).where(
        EntryRow.connection_id == connection_id,
        EntryRow.entry_date >= period.first,
        EntryRow.entry_date <= period.last,
        EntryRow.gone_at.is_(None),
        EntryRow.read_at < started,
    )

    unread = select(CopyRow).where(
        CopyRow.connection_id == connection_id,
        CopyRow.state.in_(IN_EXACT),
        CopyRow.entry_id.is_not(None),
        CopyRow.finished_at < started,
        CopyRow.entry_id.not_in(select(EntryRow.id).where(EntryRow.connection_id == connection_id)),
    )

    ours = [row.entry_id for row in session.scalars(unread) if _booked_in(row, period)]
    found = {*session.scalars(before), *filter(None, ours)} - seen
    let_go(session)

    return sorted(found)


def _booked_in(copy: CopyRow, period: Period) -> bool:
    return copy.entry is not None and period.first <= entry_from_row(copy.entry).entry_date <= period.last
