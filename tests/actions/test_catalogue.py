"""Pulling the catalogue: what is kept, and what stays when it fails half-way."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session, sessionmaker

from portal.actions.catalogue import check_rights, is_fresh, pull_catalogue
from portal.remote.errors import UnreachableError
from portal.store.catalogue import CustomerRow, read_stored_catalogue
from portal.store.connections import ConnectionRow
from tests.actions.some_connections import a_live_connection, some_offer
from tests.fakes import NOW, FakeLedger, a_catalogue, a_customer, a_division

LATER = NOW + timedelta(hours=25)


@pytest.fixture
def session(session_factory: sessionmaker[Session]) -> Iterator[Session]:
    with session_factory() as session:
        some_offer(session)
        yield session


@pytest.fixture
def ledger() -> FakeLedger:
    return FakeLedger()


@pytest.fixture
def connection(session: Session, ledger: FakeLedger) -> ConnectionRow:
    return a_live_connection(session, ledger)


def names(session: Session) -> list[str]:
    return sorted(row.name for row in session.query(CustomerRow))


def test_customers_come_by_the_feed_and_change_in_place(
    session: Session, ledger: FakeLedger, connection: ConnectionRow
) -> None:
    acme = ledger.add_customer(a_customer("Acme BV"))
    ledger.add_customer(a_customer("Zorg & Co"))
    pull_catalogue(session, ledger, connection.id, now=NOW)
    ledger.add_customer(a_customer("Acme Group BV", id=acme.id, vat_number="NL001234567B01"))
    pull_catalogue(session, ledger, connection.id, now=NOW)
    assert names(session) == ["Acme Group BV", "Zorg & Co"]
    assert session.get_one(CustomerRow, (connection.id, acme.id)).vat_key


def test_a_broken_feed_goes_on_where_it_stopped(
    session: Session, ledger: FakeLedger, connection: ConnectionRow
) -> None:
    ledger.page_size = 1
    for name in ("A", "B", "C"):
        ledger.add_customer(a_customer(name))

    def lose_the_third(_name: str) -> None:
        if ledger.count("each_customer_page") == 3:
            ledger.fail("each_customer_page")

    ledger.on_call = lose_the_third
    with pytest.raises(Exception, match="lost"):
        pull_catalogue(session, ledger, connection.id, now=LATER)
    kept = names(session)
    assert 0 < len(kept) < 3
    assert connection.customer_cursor > 1
    ledger.on_call = lambda _: None
    pull_catalogue(session, ledger, connection.id, now=LATER)
    assert names(session) == ["A", "B", "C"]


def test_a_failure_keeps_the_old_and_is_remembered(
    session: Session, ledger: FakeLedger, connection: ConnectionRow
) -> None:
    ledger.fail("read_catalogue", UnreachableError("No route to Exact."))
    with pytest.raises(UnreachableError):
        pull_catalogue(session, ledger, connection.id, now=LATER)
    assert connection.catalogue_trouble == "No route to Exact."
    assert connection.catalogue_at == NOW
    assert not is_fresh(connection, LATER)
    assert read_stored_catalogue(session, connection.id).journals
    pull_catalogue(session, ledger, connection.id, now=LATER)
    assert connection.catalogue_trouble is None
    assert is_fresh(connection, LATER)


def test_a_division_without_vat_codes_is_kept_as_it_is(
    session: Session, ledger: FakeLedger, connection: ConnectionRow
) -> None:
    ledger.catalogue = a_catalogue(vat_codes=(), vat_percentages=())
    pull_catalogue(session, ledger, connection.id, now=NOW)
    assert read_stored_catalogue(session, connection.id).vat_codes == ()


def test_a_moved_division_starts_the_cursors_anew(
    session: Session, ledger: FakeLedger, connection: ConnectionRow
) -> None:
    connection.term_cursor = connection.deleted_cursor = connection.customer_cursor = 50
    session.commit()
    ledger.divisions = [a_division(101, moved_on=date(2026, 3, 1), name="Moved")]
    pull_catalogue(session, ledger, connection.id, now=NOW)
    assert (connection.term_cursor, connection.deleted_cursor) == (1, 1)
    assert connection.division_name == "Moved"


def test_no_call_is_made_while_a_transaction_is_open(
    session: Session, ledger: FakeLedger, connection: ConnectionRow
) -> None:
    ledger.add_customer(a_customer())
    open_calls: list[str] = []
    ledger.on_call = lambda name: open_calls.append(name) if session.in_transaction() else None
    pull_catalogue(session, ledger, connection.id, now=NOW)
    check_rights(session, ledger, connection.id)
    assert open_calls == []


def test_missing_rights_are_named(session: Session, ledger: FakeLedger, connection: ConnectionRow) -> None:
    ledger.missing_rights = ["Financial accounting", "Cash flow"]
    check_rights(session, ledger, connection.id)
    assert connection.missing_rights == "Financial accounting, Cash flow"
    ledger.missing_rights = []
    check_rights(session, ledger, connection.id)
    assert connection.missing_rights is None
