"""Bring the customers up to date, by a feed of changes and a log of deletions."""

from datetime import datetime
from functools import partial

from sqlalchemy.orm import Session

from portal.actions.customers.keep import bury, keep_page
from portal.actions.customers.read_whole import read_whole
from portal.actions.engine.ports import Ledger
from portal.actions.engine.read_again import read_again
from portal.actions.engine.turn import let_go, transaction
from portal.domain.payments.feeds import BEGINNING, Progress, is_too_old
from portal.domain.unreadable import Kind, readable
from portal.remote.errors import MissingRightError, NotFoundError
from portal.store.catalogue import customers_known
from portal.store.connections import ConnectionRow

# What sync/Deleted calls an account.
ACCOUNT = 2


def pull_customers(session: Session, ledger: Ledger, connection_id: int, *, now: datetime) -> None:
    """Bring the customers up to date, the changes first and then the deletions."""
    # Each page is kept with its cursor, so a broken pull goes on where it stopped.
    with transaction(session):
        connection = session.get_one(ConnectionRow, connection_id)
        known = customers_known(session, connection_id)
        if not known and connection.customers.sure_at is None:
            # What is not known yet cannot be missed.
            connection.customers.sure_at = ledger.remote_time()
        sure_at = connection.customers.sure_at

    came = _read_changes(session, ledger, connection, now)
    deletions = _read_deletions(session, ledger, connection, now)
    unsure = sure_at is None or is_too_old(sure_at, ledger.remote_time())
    # The newest customer comes again each time, unless the feed went backwards as after a restored backup.
    went_back = bool(known) and not came and not deletions
    if unsure or went_back or deletions is None:
        read_whole(session, ledger, connection, now)

    with transaction(session):
        connection.customers.sure_at = ledger.remote_time()


def _read_changes(session: Session, ledger: Ledger, connection: ConnectionRow, now: datetime) -> bool:
    """Follow the feed of changes from the newest known customer on. Say whether anything came."""
    since = max(connection.customers.cursor - 1, BEGINNING)
    let_go(session)
    came = False

    for page, highest in ledger.each_customer_page(since):
        with transaction(session):
            keep_page(session, connection.id, page, now)
            connection.customers.cursor = max(highest, connection.customers.cursor)
        came = came or bool(page)

    keep = partial(keep_page, session, connection.id, now=now)
    read_again(session, connection.id, Kind.CUSTOMER, ledger.each_customer_page, keep, now=now)
    return came


def _read_deletions(session: Session, ledger: Ledger, connection: ConnectionRow, now: datetime) -> int | None:
    """Follow the log of deletions. Return how many accounts came, None where one may be missing."""
    progress = Progress(kept=connection.customers.deleted_cursor, highest=0)
    since = connection.customers.deleted_cursor
    let_go(session)
    count = 0
    is_whole = True

    try:
        for page, highest in ledger.each_tombstone_page(since):
            tombstones = readable(page)
            is_whole = is_whole and len(tombstones) == len(page)
            gone = [each.key for each in tombstones if each.entity_type == ACCOUNT]
            count += len(gone)
            progress = progress.after([each.timestamp for each in tombstones], highest)
            with transaction(session):
                bury(session, connection, gone, now)
                connection.customers.deleted_cursor = progress.kept
    except (MissingRightError, NotFoundError):
        # Exact does not let us read all of it.
        session.rollback()
        return None

    with transaction(session):
        connection.customers.deleted_cursor = max(progress.highest, connection.customers.deleted_cursor)

    return count if is_whole else None
