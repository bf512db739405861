"""Keep the customers as Exact has them: what changed by one feed, what was deleted by another.

Where deletions may have been missed, all customers are read again. Those that do not come are asked for by
name before they count as gone, so that nothing is forgotten on an answer that is empty, broken or cut off.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.actions.engine.ports import Ledger
from portal.actions.engine.read_again import read_again
from portal.domain.booking.catalogue import Customer
from portal.domain.events import EventKind
from portal.domain.payments.feeds import BEGINNING, Progress, is_too_old
from portal.domain.unreadable import Kind, Unreadable, has_key, readable, unreadable
from portal.remote.errors import BadAnswerError, MissingRightError, NotFoundError
from portal.store.catalogue import bury_customers, customers_known, keep_customers
from portal.store.connections import ConnectionRow
from portal.store.customer_links import CustomerLinkRow
from portal.store.events import note_event
from portal.store.unreadable import end_unreadable, note_unreadable

# What sync/Deleted calls an account.
ACCOUNT = 2
# So many are asked for in one call, and so many in all; more mean that the answer was wrong.
ASKED_AT_ONCE = 40
MOST_DOUBTS = 400
NOTHING = "Exact showed no customer at all although there were some. Nothing was changed by that."
TOO_MANY = "Exact did not show {count} customers that it has shown before. Nothing was changed by that."
UNSURE = "Exact did not show a customer that it has just shown. Nothing was changed by that."


def pull_customers(session: Session, ledger: Ledger, connection_id: int, *, now: datetime) -> None:
    """Bring the customers up to date: changes first, then deletions.

    Each page is kept with its cursor, so a broken pull goes on where it stopped.
    """
    connection = session.get_one(ConnectionRow, connection_id)
    known = customers_known(session, connection_id)

    if not known and connection.customers.sure_at is None:
        # What is not known yet cannot be missed.
        connection.customers.sure_at = ledger.remote_time()

    sure_at = connection.customers.sure_at
    session.commit()

    came = _read_changes(session, ledger, connection, now)
    deletions = _read_deletions(session, ledger, connection, now)
    unsure = sure_at is None or is_too_old(sure_at, ledger.remote_time())
    # The newest customer comes again each time, unless the feed went backwards as after a restored backup.
    went_back = bool(known) and not came and not deletions
    if unsure or went_back or deletions is None:
        _read_whole(session, ledger, connection, now)

    connection.customers.sure_at = ledger.remote_time()
    session.commit()


def _read_changes(session: Session, ledger: Ledger, connection: ConnectionRow, now: datetime) -> bool:
    """Follow the feed of changes from the newest known customer on. Say whether anything came."""
    since = max(connection.customers.cursor - 1, BEGINNING)
    session.commit()
    came = False

    for page, highest in ledger.each_customer_page(since):
        _keep_page(session, connection.id, page, now)
        connection.customers.cursor = max(highest, connection.customers.cursor)
        came = came or bool(page)
        session.commit()

    keep = partial(_keep_page, session, connection.id, now=now)
    read_again(session, connection.id, Kind.CUSTOMER, ledger.each_customer_page, keep, now=now)
    return came


def _keep_page(
    session: Session, connection_id: int, page: Sequence[Customer | Unreadable], now: datetime
) -> None:
    """Keep customers. One that cannot be read stays as it was. Commits nothing."""
    customers = readable(page)
    keep_customers(session, connection_id, customers)
    note_unreadable(session, connection_id, unreadable(page), now)
    end_unreadable(session, connection_id, Kind.CUSTOMER, [one.id for one in customers], now)


def _read_deletions(session: Session, ledger: Ledger, connection: ConnectionRow, now: datetime) -> int | None:
    """Follow the log of deletions; say how many accounts came.

    It is None where Exact does not let us read all of it, so that an account may have been missed.
    """
    progress = Progress(kept=connection.customers.deleted_cursor, highest=0)
    since = connection.customers.deleted_cursor
    session.commit()
    count = 0
    is_whole = True

    try:
        for page, highest in ledger.each_tombstone_page(since):
            tombstones = readable(page)
            is_whole = is_whole and len(tombstones) == len(page)
            gone = [each.key for each in tombstones if each.entity_type == ACCOUNT]
            _bury(session, connection, gone, now)
            count += len(gone)
            progress = progress.after([each.timestamp for each in tombstones], highest)
            connection.customers.deleted_cursor = progress.kept
            session.commit()
    except (MissingRightError, NotFoundError):
        session.rollback()
        return None

    connection.customers.deleted_cursor = max(progress.highest, connection.customers.deleted_cursor)
    session.commit()
    return count if is_whole else None


def _read_whole(session: Session, ledger: Ledger, connection: ConnectionRow, now: datetime) -> None:
    """Read every customer, and bury those that Exact does not know when it is asked for them."""
    known = customers_known(session, connection.id)
    session.commit()
    seen: set[str] = set()
    newest = BEGINNING
    # An answer that was cut off does not end it: it is read on until nothing more comes.
    while reached := _read_on(session, ledger, connection, newest, seen, now):
        newest = reached

    if known and not seen:
        raise BadAnswerError(NOTHING)

    missing = sorted(known - seen)
    if len(missing) > MOST_DOUBTS:
        raise BadAnswerError(TOO_MANY.format(count=len(missing)))

    witness = min(filter(has_key, seen), default="")
    if missing and not witness:
        raise BadAnswerError(UNSURE)

    gone = _find_gone(ledger, missing, witness) if missing else []
    _bury(session, connection, gone, now)
    connection.customers.cursor = newest
    session.commit()


def _read_on(
    session: Session, ledger: Ledger, connection: ConnectionRow, since: int, seen: set[str], now: datetime
) -> int | None:
    """Keep what comes after a timestamp. Return the highest, None when nothing came."""
    reached = None
    for page, highest in ledger.each_customer_page(since):
        _keep_page(session, connection.id, page, now)
        session.commit()
        seen.update(each.id for each in page)
        if highest > since:
            reached = max(highest, reached or since)

    return reached


def _find_gone(ledger: Ledger, missing: list[str], witness: str) -> list[str]:
    """Ask for customers by name. An answer counts only if it holds one that was shown just now."""
    gone: list[str] = []
    for at in range(0, len(missing), ASKED_AT_ONCE - 1):
        asked = missing[at : at + ASKED_AT_ONCE - 1]
        living = ledger.find_living_customers([witness, *asked])
        if witness not in living:
            raise BadAnswerError(UNSURE)

        gone += [each for each in asked if each not in living]

    return gone


def _bury(session: Session, connection: ConnectionRow, ids: Iterable[str], now: datetime) -> None:
    """Mark customers as gone, and note those that a company is linked to. Commits nothing."""
    gone = bury_customers(session, connection.id, ids)
    if not gone:
        return

    links = select(CustomerLinkRow.customer_id).where(
        CustomerLinkRow.connection_id == connection.id,
        CustomerLinkRow.customer_id.in_([row.id for row in gone]),
    )

    linked = set(session.scalars(links))
    for row in gone:
        if row.id in linked:
            note_event(
                session,
                at=now,
                actor="portal",
                kind=EventKind.CUSTOMER_GONE,
                text=f"Customer {row.code.strip()} {row.name} is no longer in Exact. Choose another",
                subsidiary_id=connection.subsidiary_id,
            )
