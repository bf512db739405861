"""Read Exact's sales entries into the mirror: what changed since, and whole months where wanted."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from portal.actions.books.being_read import entries_lane
from portal.actions.books.look_again import look_at_twins, look_for_vanished, read_markers, read_odd_again
from portal.actions.books.read_month import read_month
from portal.actions.engine.desk import Clock
from portal.actions.engine.jobs import Job
from portal.actions.engine.lanes import hold_lane
from portal.actions.engine.ports import Ledger, Nudge
from portal.actions.engine.turn import let_go, transaction
from portal.domain.assumptions import Feature
from portal.domain.connections.states import ConnectionState
from portal.domain.payments.feeds import OVERLAP, next_start
from portal.domain.periods import read_period
from portal.remote.errors import RemoteError
from portal.store.connections import ConnectionRow
from portal.store.entries import (
    EntryFeedRow,
    EntryReadingRow,
    feed_of,
    keep_page,
    wanted_months,
)
from portal.store.leases import check_held, is_held
from portal.store.trials import kept_off

# Only a whole reading shows what was deleted; one that is older than this is made again.
WHOLE_FOR = timedelta(hours=20)


def read_exact(session: Session, ledger: Ledger, nudge: Nudge, connection_id: int, *, clock: Clock) -> None:
    """Read what is wanted of a connection, and keep what went wrong."""
    # A second worker leaves it to the first.
    with hold_lane(session, entries_lane(connection_id), clock) as held:
        if not held:
            return

        # What is wanted while this goes on is read in another round, for its nudge finds this job running.
        while _read_once(session, ledger, connection_id, clock):
            pass

    nudge(Job.COMPARE_BOOKS, "")


def _read_once(session: Session, ledger: Ledger, connection_id: int, clock: Clock) -> bool:
    """Read what is wanted now, and say whether more is wanted."""
    started = clock()
    trouble = None
    wishes = {row.month: row.wanted_at for row in wanted_months(session, connection_id)}
    let_go(session)

    try:
        _read(session, ledger, connection_id, clock)
    except RemoteError as error:
        session.rollback()
        trouble = error.said

    if not is_held(session):
        session.rollback()
        return False

    with transaction(session):
        feed = feed_of(session, connection_id)
        feed.trouble = trouble
        if trouble is None:
            feed.read_at = started

        wanted = wanted_months(session, connection_id)
        for reading in wanted:
            if trouble or reading.wanted_at == wishes.get(reading.month):
                reading.wanted_at = None

    return any(reading.wanted_at for reading in wanted)


def _read(session: Session, ledger: Ledger, connection_id: int, clock: Clock) -> None:
    connection = session.get_one(ConnectionRow, connection_id)
    if connection.state != ConnectionState.LIVE:
        session.rollback()
        return

    only_whole = bool(kept_off(connection, Feature.CHANGES))
    started = clock()
    _read_changes(session, ledger, connection_id, clock)
    look_for_vanished(session, ledger, connection_id, clock)
    read_odd_again(session, ledger, connection_id, started, clock)
    wanted = wanted_months(session, connection_id)
    months = [row.month for row in wanted if only_whole or _needs_whole(row, clock())]
    let_go(session)

    for month in months:
        period = read_period(month)
        if period is not None:
            read_month(session, ledger, connection_id, period, clock)

    read_markers(session, ledger, connection_id, clock)
    look_at_twins(session, ledger, connection_id, clock)


def _needs_whole(row: EntryReadingRow, now: datetime) -> bool:
    return row.whole_wanted or row.read_at is None or now - row.read_at > WHOLE_FOR


def _read_changes(session: Session, ledger: Ledger, connection_id: int, clock: Clock) -> None:
    """Read what changed since the last time."""
    # The place is kept only after the last page.
    feed = feed_of(session, connection_id)
    started = clock()

    if (before := feed.cursor) is None:
        let_go(session)
        return

    since = _start(feed, before, started)
    asked_at = started
    let_go(session)
    changes: list[datetime] = []

    for page in ledger.each_changed_page(since):
        with transaction(session):
            check_held(session)
            entries = keep_page(session, connection_id, page, asked_at)

        changes += [entry.modified for entry in entries if entry.modified]
        asked_at = clock()

    with transaction(session):
        check_held(session)
        feed = feed_of(session, connection_id)
        feed.cursor = max([before, *changes])
        feed.again_from = next_start(changes, since=since, before=before, newest=feed.cursor)

        if feed.whole_from is None or since <= feed.whole_from:
            feed.whole_from = feed.cursor - OVERLAP
            feed.whole_at = started


def _start(feed: EntryFeedRow, newest: datetime, now: datetime) -> datetime:
    """Return from where on to read what changed."""
    # Once a night that is the whole overlap.
    is_late = feed.whole_at is None or now - feed.whole_at > WHOLE_FOR
    return (feed.whole_from if is_late else feed.again_from) or newest - OVERLAP
