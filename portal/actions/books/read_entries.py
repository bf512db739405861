"""Read Exact's sales entries into the mirror: what changed since, and whole months where wanted."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from portal.actions.engine.desk import Clock
from portal.actions.engine.jobs import Job
from portal.actions.engine.lanes import hold_lane
from portal.actions.engine.ports import Ledger, Nudge
from portal.domain.assumptions import Feature
from portal.domain.booking.sales_entry import BookedEntry
from portal.domain.books.states import Why
from portal.domain.connections.states import ConnectionState
from portal.domain.copies.adoption import DUTCH
from portal.domain.copies.states import IN_EXACT
from portal.domain.payments.feeds import OVERLAP, next_start
from portal.domain.periods import Period, month_of, month_period, read_period
from portal.domain.unreadable import Kind, Unreadable, has_key, readable, unreadable
from portal.remote.errors import RemoteError
from portal.remote.odd import UnreadableError
from portal.store.connections import ConnectionRow, live_connections
from portal.store.copies import CopyRow, entry_from_row
from portal.store.entries import (
    EntryFeedRow,
    EntryReadingRow,
    EntryRow,
    feed_of,
    keep_entries,
    keep_read,
    reading_of,
    wanted_months,
)
from portal.store.invoices import InvoiceRow
from portal.store.leases import check_held, is_held
from portal.store.reconciliation import ComparedRow
from portal.store.terms import TermRow
from portal.store.trials import kept_off
from portal.store.unreadable import end_keyless, end_unreadable, note_unreadable, open_of

# Only a whole reading shows what was deleted; one that is older than this is made again.
WHOLE_FOR = timedelta(hours=20)
# By Exact's own day, which begins at midnight UTC, most of its calls are free then.
NIGHT = range(1, 5)
RECENT = timedelta(hours=8)
LATEST = timedelta(hours=30)
# More months at once would take the day's calls from the copies.
MOST_MONTHS = 3
# The first reading goes back to copies that are at most this old.
YOUNG = timedelta(days=2)
# Entries without lines that are read one by one at a time.
MOST_SUSPECTS = 20
MOST_AGAIN = 3


def entries_lane(connection_id: int) -> str:
    """Name the lane that lets one worker at a time read a connection's entries."""
    return f"entries:{connection_id}"


def request_readings(
    session: Session,
    nudge: Nudge,
    period: Period,
    *,
    subsidiaries: Sequence[str] | None,
    whole: bool,
    now: datetime,
) -> int:
    """Note that the newest months of a period are wanted, wake the worker; returns of how many."""
    months = newest_months(period, now.date())
    rows = [
        row for row in live_connections(session) if subsidiaries is None or row.subsidiary_id in subsidiaries
    ]

    for row in rows:
        feed_of(session, row.id).trouble = None
        for month in months:
            reading = reading_of(session, row.id, month)
            reading.wanted_at = now
            reading.whole_wanted = whole or reading.whole_wanted

    ids = [row.id for row in rows]
    session.commit()
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
    this = month_period(now.date())
    both = Period(month_period(this.first - timedelta(days=1)).first, this.last, "")
    due = [row.subsidiary_id for row in live_connections(session) if _is_due(session, row.id, this, now)]
    return request_readings(session, nudge, both, subsidiaries=due, whole=True, now=now) if due else 0


def _is_due(session: Session, connection_id: int, month: Period, now: datetime) -> bool:
    """Say whether a month is to be read by itself: once each night, later if a night was missed."""
    row = session.get(EntryReadingRow, (connection_id, month.text))
    if row is None or row.read_at is None:
        return row is None or row.wanted_at is None
    age = now - row.read_at
    return age > LATEST or (age > RECENT and now.hour in NIGHT)


def read_exact(session: Session, ledger: Ledger, nudge: Nudge, connection_id: int, *, clock: Clock) -> None:
    """Read what is wanted of a connection; trouble is kept. A second worker leaves it to the first."""
    with hold_lane(session, entries_lane(connection_id), clock) as held:
        if not held:
            return

        # What is wanted while this goes on is read in another round, for its nudge finds this job running.
        while _read_once(session, ledger, connection_id, clock):
            pass

    nudge(Job.COMPARE_BOOKS, "")


def _read_once(session: Session, ledger: Ledger, connection_id: int, clock: Clock) -> bool:
    """Read what is wanted now; True if more was wanted meanwhile, and nobody else took over."""
    started = clock()
    trouble = None
    wishes = {row.month: row.wanted_at for row in wanted_months(session, connection_id)}
    session.commit()

    try:
        _read(session, ledger, connection_id, clock)
    except RemoteError as error:
        session.rollback()
        trouble = error.text

    if not is_held(session):
        session.rollback()
        return False

    feed = feed_of(session, connection_id)
    feed.trouble = trouble
    if trouble is None:
        feed.read_at = started

    wanted = wanted_months(session, connection_id)
    for reading in wanted:
        if trouble or reading.wanted_at == wishes.get(reading.month):
            reading.wanted_at = None

    session.commit()
    return any(reading.wanted_at for reading in wanted)


def _read(session: Session, ledger: Ledger, connection_id: int, clock: Clock) -> None:
    connection = session.get_one(ConnectionRow, connection_id)
    if connection.state != ConnectionState.LIVE:
        session.rollback()
        return

    only_whole = bool(kept_off(connection, Feature.CHANGES))
    started = clock()
    _read_changes(session, ledger, connection_id, clock)
    _look_for_vanished(session, ledger, connection_id, clock)
    _read_odd_again(session, ledger, connection_id, started, clock)
    wanted = wanted_months(session, connection_id)
    months = [row.month for row in wanted if only_whole or _needs_whole(row, clock())]
    session.commit()

    for month in months:
        period = read_period(month)
        if period is not None:
            _read_month(session, ledger, connection_id, period, clock)

    _read_markers(session, ledger, connection_id, clock)
    _look_at_twins(session, ledger, connection_id, clock)


def _needs_whole(row: EntryReadingRow, now: datetime) -> bool:
    return row.whole_wanted or row.read_at is None or now - row.read_at > WHOLE_FOR


def _read_changes(session: Session, ledger: Ledger, connection_id: int, clock: Clock) -> None:
    """Read what changed since the last time; the place is kept only after the last page."""
    feed = feed_of(session, connection_id)
    started = clock()

    if (before := feed.cursor) is None:
        session.commit()
        return

    since = _start(feed, before, started)
    asked_at = started
    session.commit()
    changes: list[datetime] = []

    for page in ledger.each_changed_page(since):
        check_held(session)
        entries = keep_page(session, connection_id, page, asked_at)
        session.commit()
        changes += [entry.modified for entry in entries if entry.modified]
        asked_at = clock()

    check_held(session)
    feed = feed_of(session, connection_id)
    feed.cursor = max([before, *changes])
    feed.again_from = next_start(changes, since=since, before=before, newest=feed.cursor)

    if feed.whole_from is None or since <= feed.whole_from:
        feed.whole_from = feed.cursor - OVERLAP
        feed.whole_at = started

    session.commit()


def _start(feed: EntryFeedRow, newest: datetime, now: datetime) -> datetime:
    """Return from where on to read what changed; once a night with the whole overlap."""
    is_late = feed.whole_at is None or now - feed.whole_at > WHOLE_FOR
    return (feed.whole_from if is_late else feed.again_from) or newest - OVERLAP


def _latest(entries: Sequence[BookedEntry]) -> datetime | None:
    return max((entry.modified for entry in entries if entry.modified), default=None)


def _read_month(session: Session, ledger: Ledger, connection_id: int, period: Period, clock: Clock) -> None:
    """Read every entry of a month; only when all pages came, what is missing counts as deleted."""
    started = asked_at = clock()
    began = ledger.remote_time()
    seen: set[str] = set()
    latest: datetime | None = None

    for page in ledger.each_booked_page(period.first, period.last):
        check_held(session)
        entries = keep_page(session, connection_id, page, asked_at)
        session.commit()
        seen |= {entry.id for entry in page}
        latest = max(filter(None, (latest, _latest(entries))), default=None)
        asked_at = clock()

    missing = _missing(session, connection_id, period, seen, started)
    for entry_id in missing:
        _ask_for(session, ledger, connection_id, entry_id, clock)

    check_held(session)
    feed = feed_of(session, connection_id)
    reading = reading_of(session, connection_id, month_of(period.first))
    # Before the first cursor no other month was read, so nothing that changed since can be passed over.
    feed.cursor = feed.cursor or _first_cursor(session, connection_id, latest, began)
    reading.read_at = started
    reading.whole_wanted = False
    reading.entries = len(seen)
    session.commit()


def _first_cursor(session: Session, connection_id: int, latest: datetime | None, began: datetime) -> datetime:
    """Return from where changes are read from now on: behind what came, and behind our own first copies.

    A copy may be booked in a month that was not read, and its entry may have a twin there.
    """
    query = select(func.min(CopyRow.requested_at)).where(CopyRow.connection_id == connection_id)
    first = session.scalar(query)
    since = max(first, began - YOUNG) if first else began
    copied = since.astimezone(DUTCH).replace(tzinfo=None)
    return min(latest, copied) if latest else copied


def _look_at_twins(session: Session, ledger: Ledger, connection_id: int, clock: Clock) -> None:
    """Ask for the entries that a repeated request left, so that each ends once it is deleted."""
    marked = ComparedRow.codes == f",{Why.TWIN},"
    query = (
        select(EntryRow.id)
        .join(ComparedRow, ComparedRow.entry_id == EntryRow.id)
        .where(EntryRow.connection_id == connection_id, marked, EntryRow.gone_at.is_(None))
        .order_by(EntryRow.read_at)
    )

    twins = session.scalars(query.limit(MOST_SUSPECTS)).all()
    session.commit()
    for entry_id in twins:
        _ask_for(session, ledger, connection_id, entry_id, clock)


def _read_markers(session: Session, ledger: Ledger, connection_id: int, clock: Clock) -> None:
    """Read the lines of what stands beside an entry of ours, where Exact gave none along with entries."""
    owner = aliased(CopyRow)
    owned = select(owner.id).where(owner.entry_id == EntryRow.id)
    query = (
        select(EntryRow.id)
        .join(InvoiceRow, InvoiceRow.number == EntryRow.your_ref)
        .join(CopyRow, CopyRow.id == InvoiceRow.latest_copy_id)
        .where(
            EntryRow.connection_id == connection_id,
            CopyRow.connection_id == connection_id,
            EntryRow.lines.is_(None),
            EntryRow.gone_at.is_(None),
            ~owned.exists(),
        )
        .order_by(EntryRow.entry_number.desc())
    )

    suspects = session.scalars(query.limit(MOST_SUSPECTS)).all()
    session.commit()
    for entry_id in suspects:
        _ask_for(session, ledger, connection_id, entry_id, clock)


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
    session.commit()

    return sorted(found)


def _booked_in(copy: CopyRow, period: Period) -> bool:
    return copy.entry is not None and period.first <= entry_from_row(copy.entry).entry_date <= period.last


def _look_for_vanished(session: Session, ledger: Ledger, connection_id: int, clock: Clock) -> None:
    """Ask for the entries whose receivable terms were all deleted, as the pull of payments tells."""
    here = (TermRow.connection_id == EntryRow.connection_id, TermRow.entry_id == EntryRow.id)
    query = select(EntryRow.id).where(
        EntryRow.connection_id == connection_id,
        EntryRow.gone_at.is_(None),
        select(TermRow.id).where(*here, TermRow.deleted_at > EntryRow.read_at).exists(),
        ~select(TermRow.id).where(*here, TermRow.deleted_at.is_(None)).exists(),
    )

    suspects = session.scalars(query).all()
    session.commit()
    for entry_id in suspects:
        _ask_for(session, ledger, connection_id, entry_id, clock)


def _ask_for(session: Session, ledger: Ledger, connection_id: int, entry_id: str, clock: Clock) -> None:
    """Ask for one entry that seems to be gone: kept as it is now, or noted as deleted."""
    asked_at = clock()
    try:
        entry = ledger.read_entry(entry_id)
    except UnreadableError as error:
        # It is there, so it is not gone.
        note_unreadable(session, connection_id, [error.record], asked_at)
        session.commit()
        return

    check_held(session)
    keep_read(session, connection_id, entry_id, entry, asked_at)
    end_unreadable(session, connection_id, Kind.ENTRY, [entry_id], asked_at)
    session.commit()


def keep_page(
    session: Session, connection_id: int, page: Sequence[BookedEntry | Unreadable], asked_at: datetime
) -> list[BookedEntry]:
    """Keep entries. One that cannot be read stays as it was. Returns what was read. Commits nothing."""
    entries = readable(page)
    keep_entries(session, connection_id, entries, asked_at)
    note_unreadable(session, connection_id, unreadable(page), asked_at)
    end_unreadable(session, connection_id, Kind.ENTRY, [entry.id for entry in entries], asked_at)
    return entries


def _read_odd_again(
    session: Session, ledger: Ledger, connection_id: int, since: datetime, clock: Clock
) -> None:
    """Read again, one by one, the entries that could not be read and did not come by themselves."""
    waiting = [
        row.remote_id
        for row in open_of(session, connection_id, Kind.ENTRY)
        if row.last_seen < since and has_key(row.remote_id)
    ]

    end_keyless(session, connection_id, Kind.ENTRY, since)
    session.commit()
    for entry_id in waiting[:MOST_AGAIN]:
        _ask_for(session, ledger, connection_id, entry_id, clock)
