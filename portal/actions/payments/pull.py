"""Pull receivable terms and tombstones into the mirror. Two calls when idle. Nothing is compared here.

The feed is asked from its newest known row on, which therefore comes again. If it does not, and was not
deleted, the feed went backwards, as after a restored backup, and is read anew from its beginning.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.actions.engine.ports import Ledger
from portal.actions.engine.read_again import read_again
from portal.actions.engine.turn import let_go, transaction
from portal.actions.payments.read_anew import begin_anew, check_load
from portal.domain.happened import Happened
from portal.domain.payments.feeds import BEGINNING, Progress, is_too_old
from portal.domain.payments.terms import Term, Tombstone
from portal.domain.unreadable import Kind, Unreadable
from portal.remote.errors import RemoteError
from portal.store.baseline import take_baseline
from portal.store.connections import ConnectionRow
from portal.store.leases import check_held, is_held
from portal.store.terms import TermRow, keep_term_page, keep_tombstone_page
from portal.store.touched import touch_copies, touch_related, touch_unconfirmed
from portal.store.unreadable import open_of

Known = tuple[str, int]


def pull_terms(session: Session, ledger: Ledger, connection_id: int, *, now: datetime) -> None:
    """Bring the mirror up to date. Each page is kept with its cursor, and nothing is compared in between."""
    connection = session.get_one(ConnectionRow, connection_id, populate_existing=True)

    try:
        _read_feeds(session, ledger, connection, now)
    except RemoteError as error:
        session.rollback()
        with transaction(session):
            if is_held(session):
                connection.payments.trouble = error.said
        raise

    with transaction(session):
        check_held(session)
        # Payments may have been switched on anew meanwhile, with another choice of what counts.
        session.refresh(connection)
        touch_unconfirmed(session, connection, now)
        touch_related(session, connection)
        touch_copies(session, connection)
        if not connection.payments.baseline_done:
            take_baseline(session, connection)

        connection.payments.read_at = ledger.remote_time()
        connection.payments.began_at = now
        connection.payments.pulled_at = now
        connection.payments.trouble = None


def _read_feeds(session: Session, ledger: Ledger, connection: ConnectionRow, now: datetime) -> None:
    """Read both feeds, terms first. What makes their cursors worthless is noticed and they begin anew."""
    last_read = connection.payments.read_at or connection.payments.pulled_at
    anew = is_too_old(last_read, ledger.remote_time())
    if anew:
        begin_anew(session, connection, Happened.ANEW_TOO_OLD, now)

    newest = _newest(session, connection)
    if newest is None:
        connection.payments.term_cursor = BEGINNING

    if not connection.payments.baseline_done or connection.payments.term_cursor <= BEGINNING:
        _load(session, ledger, connection, now)
        newest = None

    came = newest is None or _follow(session, ledger, connection, newest, now)
    _read_tombstones(session, ledger, connection, now)
    _read_odd_again(session, ledger, connection.id, now)

    # Exact's own clock is known only now.
    if not anew and is_too_old(last_read, ledger.remote_time()):
        _read_anew(session, ledger, connection, Happened.ANEW_TOO_OLD, now)
    elif newest and not came and not _comes_when_asked_again(session, ledger, connection, newest, now):
        _read_anew(session, ledger, connection, Happened.ANEW_BACKWARDS, now)


def _read_anew(
    session: Session, ledger: Ledger, connection: ConnectionRow, why: Happened, now: datetime
) -> None:
    begin_anew(session, connection, why, now)
    _load(session, ledger, connection, now)
    _read_tombstones(session, ledger, connection, now)


def _load(session: Session, ledger: Ledger, connection: ConnectionRow, now: datetime) -> None:
    """Read on until an answer brings nothing more, so that one that was cut off does not end it."""
    while _read_terms(session, ledger, connection, connection.payments.term_cursor, now):
        pass
    check_load(session, connection)


def _newest(session: Session, connection: ConnectionRow) -> Known | None:
    """Return the newest row that Exact should still have, by its id and timestamp."""
    living = (TermRow.connection_id == connection.id, TermRow.deleted_at.is_(None))
    newest = select(TermRow.id, TermRow.timestamp).where(*living).order_by(TermRow.timestamp.desc())
    row = session.execute(newest.limit(1)).first()
    return (row.id, row.timestamp) if row else None


def _follow(
    session: Session, ledger: Ledger, connection: ConnectionRow, newest: Known, now: datetime
) -> bool:
    """Read from the newest known row on. Say whether that came again, changed or not."""
    term_id, timestamp = newest
    return term_id in _read_terms(session, ledger, connection, timestamp - 1, now)


def _comes_when_asked_again(
    session: Session, ledger: Ledger, connection: ConnectionRow, newest: Known, now: datetime
) -> bool:
    """Ask once more, for an answer may be cut off. If the row was deleted, by what is newest now."""
    term_id, timestamp = newest
    if session.get_one(TermRow, (connection.id, term_id)).deleted_at is None:
        return _follow(session, ledger, connection, newest, now)
    left = _newest(session, connection)

    return left is not None and (left[1] > timestamp or _follow(session, ledger, connection, left, now))


def _read_terms(
    session: Session, ledger: Ledger, connection: ConnectionRow, since: int, now: datetime
) -> set[str]:
    """Keep every page after a timestamp. Returns the ids of the terms that came, readable or not."""
    let_go(session)
    progress = Progress(kept=connection.payments.term_cursor, highest=0)
    came = set[str]()

    for page, highest in ledger.each_term_page(since):
        with transaction(session):
            keep_term_page(session, connection.id, page, now)
            came.update(term.id for term in page)
            progress = progress.after(_places(page), highest)
            connection.payments.term_cursor = progress.kept

    if progress.highest > connection.payments.term_cursor:
        with transaction(session):
            connection.payments.term_cursor = progress.highest

    return came


def _places(page: Sequence[Term | Tombstone | Unreadable]) -> list[int]:
    """Return where the rows of a page stand, as far as that can be read."""
    places = (row.place if isinstance(row, Unreadable) else row.timestamp for row in page)
    return [place for place in places if place]


def _read_tombstones(session: Session, ledger: Ledger, connection: ConnectionRow, now: datetime) -> None:
    let_go(session)
    progress = Progress(kept=connection.payments.deleted_cursor, highest=0)

    for page, highest in ledger.each_tombstone_page(connection.payments.deleted_cursor):
        with transaction(session):
            keep_tombstone_page(session, connection.id, page, now)
            progress = progress.after(_places(page), highest)
            connection.payments.deleted_cursor = progress.kept

    if progress.highest > connection.payments.deleted_cursor:
        with transaction(session):
            connection.payments.deleted_cursor = progress.highest


def _read_odd_again(session: Session, ledger: Ledger, connection_id: int, now: datetime) -> None:
    """Read again what of both feeds could not be read before."""
    waiting = open_of(session, connection_id, Kind.TERM, Kind.TOMBSTONE)
    let_go(session)
    if not waiting:
        return

    terms = partial(keep_term_page, session, connection_id, now=now)
    read_again(session, connection_id, Kind.TERM, ledger.each_term_page, terms, now=now)
    tombstones = partial(keep_tombstone_page, session, connection_id, now=now)
    read_again(session, connection_id, Kind.TOMBSTONE, ledger.each_tombstone_page, tombstones, now=now)
