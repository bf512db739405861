"""Pull receivable terms and tombstones into the mirror; two calls when idle. Nothing is compared here.

The feed is asked from its newest known row on, which therefore comes again. If it does not, and was not
deleted, the feed went backwards, as after a restored backup, and is read anew from its beginning.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.actions.baseline import take_baseline
from portal.actions.mirror import keep_terms, keep_tombstones
from portal.actions.ports import Ledger
from portal.actions.read_anew import BACKWARDS, TOO_OLD, begin_anew, check_load
from portal.actions.touch_entries import touch_copies, touch_related, touch_unconfirmed
from portal.domain.feeds import BEGINNING, Progress, is_too_old
from portal.domain.payments import Term
from portal.remote.errors import RemoteError
from portal.store.connections import ConnectionRow
from portal.store.payments import TermRow


def pull_terms(session: Session, ledger: Ledger, connection_id: int, *, now: datetime) -> None:
    """Bring the mirror up to date; each page is kept with its cursor, and nothing is compared in between."""
    connection = session.get_one(ConnectionRow, connection_id, populate_existing=True)
    session.commit()
    try:
        _read_feeds(session, ledger, connection, now)
    except RemoteError as error:
        session.rollback()
        connection.payments_trouble = error.text
        session.commit()
        raise
    touch_unconfirmed(session, connection, now)
    touch_related(session, connection)
    touch_copies(session, connection)
    if not connection.baseline_done:
        take_baseline(session, connection)
    connection.terms_read_at = ledger.remote_time()
    connection.pull_began_at = connection.payments_pulled_at = now
    connection.payments_trouble = None
    session.commit()


def _read_feeds(session: Session, ledger: Ledger, connection: ConnectionRow, now: datetime) -> None:
    """Read both feeds, terms first; what makes their cursors worthless is noticed and they begin anew."""
    last_read = connection.terms_read_at or connection.payments_pulled_at
    anew = is_too_old(last_read, ledger.remote_time())
    if anew:
        begin_anew(session, connection, TOO_OLD, now)
    cursor = connection.term_cursor
    loads = not connection.baseline_done or cursor <= BEGINNING
    if loads:
        _load(session, ledger, connection)
    seen = loads or _follow(session, ledger, connection)
    _read_tombstones(session, ledger, connection, now)
    # Exact's own clock is known only now.
    if not anew and is_too_old(last_read, ledger.remote_time()):
        _read_anew(session, ledger, connection, TOO_OLD, now)
    elif _is_backwards(session, ledger, connection, seen, cursor):
        _read_anew(session, ledger, connection, BACKWARDS, now)


def _read_anew(session: Session, ledger: Ledger, connection: ConnectionRow, why: str, now: datetime) -> None:
    begin_anew(session, connection, why, now)
    _load(session, ledger, connection)
    _read_tombstones(session, ledger, connection, now)


def _load(session: Session, ledger: Ledger, connection: ConnectionRow) -> None:
    """Read on until an answer brings nothing more, so that one that was cut off does not end it."""
    while _read_terms(session, ledger, connection, connection.term_cursor):
        pass
    check_load(session, connection)


def _follow(session: Session, ledger: Ledger, connection: ConnectionRow) -> bool:
    """Read what changed; False when not even the newest known row came again."""
    cursor = connection.term_cursor
    return _read_terms(session, ledger, connection, cursor - 1) >= cursor


def _is_backwards(
    session: Session, ledger: Ledger, connection: ConnectionRow, seen: bool, cursor: int
) -> bool:
    """Say whether the feed went backwards: its newest row is another one, or is gone and was not deleted."""
    if cursor > BEGINNING and _is_claimed_twice(session, connection, cursor):
        return True
    return not seen and not _follow_from_newest(session, ledger, connection)


def _follow_from_newest(session: Session, ledger: Ledger, connection: ConnectionRow) -> bool:
    """Ask once more, from the newest row that should still be there: the one before may be deleted."""
    newest = session.scalar(
        select(func.max(TermRow.timestamp)).where(
            TermRow.connection_id == connection.id, TermRow.deleted_at.is_(None)
        )
    )
    connection.term_cursor = min(newest or BEGINNING, connection.term_cursor)
    session.commit()
    return connection.term_cursor > BEGINNING and _follow(session, ledger, connection)


def _is_claimed_twice(session: Session, connection: ConnectionRow, cursor: int) -> bool:
    """Say whether two living rows claim the newest timestamp, which is a row version and belongs to one."""
    rows = select(func.count()).where(
        TermRow.connection_id == connection.id, TermRow.timestamp == cursor, TermRow.deleted_at.is_(None)
    )
    return (session.scalar(rows) or 0) > 1


def _read_terms(session: Session, ledger: Ledger, connection: ConnectionRow, since: int) -> int:
    """Keep every page after a timestamp; returns the highest that came, 0 if nothing did."""
    session.commit()
    progress = Progress(kept=connection.term_cursor, highest=0)
    for terms, highest in ledger.each_term_page(since):
        keep_terms(session, connection.id, terms)
        progress = progress.after(_timestamps(terms), highest)
        connection.term_cursor = progress.kept
        session.commit()
    connection.term_cursor = max(progress.highest, connection.term_cursor)
    session.commit()
    return progress.highest


def _timestamps(terms: Sequence[Term]) -> list[int]:
    return [term.timestamp for term in terms]


def _read_tombstones(session: Session, ledger: Ledger, connection: ConnectionRow, now: datetime) -> None:
    session.commit()
    progress = Progress(kept=connection.deleted_cursor, highest=0)
    for tombstones, highest in ledger.each_tombstone_page(connection.deleted_cursor):
        keep_tombstones(session, connection.id, tombstones, now)
        progress = progress.after([one.timestamp for one in tombstones], highest)
        connection.deleted_cursor = progress.kept
        session.commit()
    connection.deleted_cursor = max(progress.highest, connection.deleted_cursor)
    session.commit()
