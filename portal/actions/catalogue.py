"""Pull a division's catalogue: one document, and the customers by their sync feed."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy.orm import Session

from portal.actions.hold_copies import see_fix
from portal.actions.ports import Ledger
from portal.actions.read_again import read_again
from portal.actions.read_anew import MOVED, begin_anew
from portal.domain.catalogue import Customer
from portal.domain.failures import EXACT
from portal.domain.feeds import BEGINNING
from portal.domain.unreadable import Kind, Unreadable, readable, unreadable
from portal.remote.errors import RemoteError
from portal.store.catalogue import keep_catalogue, keep_customers
from portal.store.connections import ConnectionRow, live_connections
from portal.store.unreadable import end_unreadable, note_unreadable, note_whole

OFFERED = (
    *(Kind.JOURNAL, Kind.LEDGER, Kind.VAT_CODE, Kind.VAT_PERCENTAGE, Kind.PERIOD),
    *(Kind.CURRENCY, Kind.PAYMENT_CONDITION, Kind.COST_CENTER),
)

FRESH, DUE = timedelta(hours=24), timedelta(hours=20)


def is_fresh(connection: ConnectionRow, now: datetime) -> bool:
    """Say whether the catalogue is at most 24 hours old."""
    return connection.catalogue_at is not None and now - connection.catalogue_at <= FRESH


def due_catalogues(session: Session, now: datetime) -> list[int]:
    """Return the live connections whose catalogue should be read again before it is no longer fresh."""
    due = [
        row.id for row in live_connections(session) if not row.catalogue_at or now - row.catalogue_at > DUE
    ]
    session.commit()
    return due


def pull_catalogue(session: Session, ledger: Ledger, connection_id: int, *, now: datetime) -> None:
    """Read the division's offer and its changed customers; a failure keeps the old, is noted and raised."""
    try:
        _keep_division(session, ledger, connection_id, now)
        catalogue = ledger.read_catalogue()
        keep_catalogue(session, connection_id, catalogue, now)
        note_whole(session, connection_id, OFFERED, catalogue.unreadable, now)
        session.commit()
        pull_customers(session, ledger, connection_id, now=now)
    except RemoteError as error:
        session.rollback()
        _the_connection(session, connection_id).catalogue_trouble = error.text
        session.commit()
        raise
    connection = _the_connection(session, connection_id)
    connection.catalogue_at, connection.catalogue_trouble = now, None
    see_fix(session, connection_id, now, EXACT)
    session.commit()


def check_rights(session: Session, ledger: Ledger, connection_id: int) -> list[str]:
    """Probe what the user may do in the division and remember what is missing."""
    session.commit()
    missing = ledger.find_missing_rights()
    _the_connection(session, connection_id).missing_rights = ", ".join(missing) or None
    session.commit()
    return missing


def _keep_division(session: Session, ledger: Ledger, connection_id: int, now: datetime) -> None:
    """Refresh the division's name; all cursors start anew when Exact moved its data."""
    session.commit()
    divisions = {one.code: one for one in ledger.find_divisions()}
    connection = _the_connection(session, connection_id)
    if found := divisions.get(connection.division or 0):
        if found.moved_on != connection.division_moved_on:
            connection.customer_cursor = BEGINNING
            begin_anew(session, connection, MOVED, now)
        connection.division_name, connection.division_country = found.name, found.country
        connection.division_currency, connection.division_moved_on = found.currency, found.moved_on
    session.commit()


def pull_customers(session: Session, ledger: Ledger, connection_id: int, *, now: datetime) -> None:
    """Follow the feed; each page is kept with its cursor, so a broken pull goes on where it stopped."""
    since = _the_connection(session, connection_id).customer_cursor
    session.commit()
    for page, highest in ledger.each_customer_page(since):
        _keep_page(session, connection_id, page, now)
        connection = _the_connection(session, connection_id)
        connection.customer_cursor = max(highest, connection.customer_cursor)
        session.commit()
    read_again(
        session,
        connection_id,
        Kind.CUSTOMER,
        ledger.each_customer_page,
        partial(_keep_page, session, connection_id, now=now),
        now=now,
    )


def _keep_page(
    session: Session, connection_id: int, page: Sequence[Customer | Unreadable], now: datetime
) -> None:
    """Keep customers; one that cannot be read stays as it was. Commits nothing."""
    customers = readable(page)
    keep_customers(session, connection_id, customers)
    note_unreadable(session, connection_id, unreadable(page), now)
    end_unreadable(session, connection_id, Kind.CUSTOMER, [one.id for one in customers], now)


def _the_connection(session: Session, connection_id: int) -> ConnectionRow:
    return session.get_one(ConnectionRow, connection_id)
