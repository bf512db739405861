"""Pull a division's catalogue: one document, and the customers by their sync feed."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from portal.actions.copies.hold import see_fix
from portal.actions.customers.pull import pull_customers
from portal.actions.engine.ports import Ledger
from portal.actions.engine.turn import let_go, transaction
from portal.actions.payments.read_anew import begin_anew
from portal.domain.booking.catalogue import Catalogue, find_emptied, keep_lists
from portal.domain.copies.failures import Remedy
from portal.domain.failed import Failed
from portal.domain.happened import Happened
from portal.domain.said import Said, listed, said
from portal.domain.unreadable import Kind
from portal.remote.errors import RemoteError
from portal.store.catalogue import keep_catalogue, read_stored_catalogue
from portal.store.connections import ConnectionRow, live_connections
from portal.store.unreadable import note_whole

OFFERED = (
    *(Kind.JOURNAL, Kind.LEDGER, Kind.VAT_CODE, Kind.VAT_PERCENTAGE, Kind.PERIOD),
    *(Kind.CURRENCY, Kind.PAYMENT_CONDITION, Kind.COST_CENTER),
)

FRESH = timedelta(hours=24)
DUE = timedelta(hours=20)
LISTS = {
    "journals": Failed.LIST_JOURNALS,
    "accounts": Failed.LIST_LEDGERS,
    "vat_codes": Failed.LIST_VAT_CODES,
    "vat_percentages": Failed.LIST_VAT_PERCENTAGES,
    "periods": Failed.LIST_PERIODS,
    "currencies": Failed.LIST_CURRENCIES,
    "payment_conditions": Failed.LIST_PAYMENT_CONDITIONS,
    "cost_centers": Failed.LIST_COST_CENTERS,
}


def say_kept(kept: tuple[str, ...]) -> Said | None:
    """Say which lists came empty and are kept as they were. None for none."""
    if not kept:
        return None
    return said(Failed.LISTS_KEPT, lists=listed([said(LISTS[name]) for name in kept]))


def is_fresh(connection: ConnectionRow, now: datetime) -> bool:
    """Say whether the catalogue is at most 24 hours old."""
    return connection.catalogue_at is not None and now - connection.catalogue_at <= FRESH


def due_catalogues(session: Session, now: datetime) -> list[int]:
    """Return the live connections whose catalogue should be read again before it is no longer fresh."""
    due = [
        row.id for row in live_connections(session) if not row.catalogue_at or now - row.catalogue_at > DUE
    ]
    let_go(session)
    return due


def pull_catalogue(session: Session, ledger: Ledger, connection_id: int, *, now: datetime) -> None:
    """Read what the division offers and its changed customers. A failure keeps the old."""
    try:
        _keep_division(session, ledger, connection_id, now)
        catalogue, kept = _read_catalogue(session, ledger, connection_id)
        with transaction(session):
            keep_catalogue(session, connection_id, catalogue, now)
            note_whole(session, connection_id, OFFERED, catalogue.unreadable, now)
        pull_customers(session, ledger, connection_id, now=now)
    except RemoteError as error:
        session.rollback()
        with transaction(session):
            _the_connection(session, connection_id).catalogue_trouble = error.said
        raise

    with transaction(session):
        connection = _the_connection(session, connection_id)
        connection.catalogue_at = now
        connection.catalogue_trouble = say_kept(kept)
        see_fix(session, connection_id, now, Remedy.EXACT)


def _read_catalogue(
    session: Session, ledger: Ledger, connection_id: int
) -> tuple[Catalogue, tuple[str, ...]]:
    """Read what the division offers, and say which lists stay as they were."""
    known = read_stored_catalogue(session, connection_id)
    let_go(session)
    read = ledger.read_catalogue()

    # It is read twice where a list came empty that was not.
    if not find_emptied(known, read):
        return read, ()
    return keep_lists(known, read, ledger.read_catalogue())


def check_rights(session: Session, ledger: Ledger, connection_id: int) -> list[str]:
    """Probe what the user may do in the division and remember what is missing."""
    let_go(session)
    missing = ledger.find_missing_rights()
    with transaction(session):
        _the_connection(session, connection_id).missing_rights = ", ".join(missing) or None
    return missing


def _keep_division(session: Session, ledger: Ledger, connection_id: int, now: datetime) -> None:
    """Refresh the name of the division. All cursors start anew when Exact moved its data."""
    let_go(session)
    divisions = {one.code: one for one in ledger.find_divisions()}
    with transaction(session):
        connection = _the_connection(session, connection_id)
        if found := divisions.get(connection.division or 0):
            if found.moved_on != connection.division_moved_on:
                connection.customers.start_anew()
                begin_anew(session, connection, Happened.ANEW_DIVISION_MOVED, now)

            connection.settle_on(found)


def _the_connection(session: Session, connection_id: int) -> ConnectionRow:
    return session.get_one(ConnectionRow, connection_id)
