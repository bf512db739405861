"""Pulling the catalogue: what is kept, and what stays when it fails half-way."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from portal.actions.connections.catalogue import check_rights, is_fresh, pull_catalogue
from portal.domain.booking.catalogue import Catalogue
from portal.remote.errors import BadAnswerError, MissingRightError, UnreachableError
from portal.store.catalogue import CustomerRow, read_stored_catalogue
from portal.store.connections import ConnectionRow
from portal.store.events import EventRow
from tests.actions.some_connections import a_live_connection
from tests.fakes import NOW, FakeLedger, a_catalogue, a_customer, a_division
from tests.furnishing.connections import add_link
from tests.furnishing.said import english, quote
from tests.telling import told

LATER = NOW + timedelta(hours=25)


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
    assert connection.customers.cursor > 1
    ledger.on_call = lambda _: None
    pull_catalogue(session, ledger, connection.id, now=LATER)
    assert names(session) == ["A", "B", "C"]


def test_a_failure_keeps_the_old_and_is_remembered(
    session: Session, ledger: FakeLedger, connection: ConnectionRow
) -> None:
    ledger.fail("read_catalogue", UnreachableError("No route to Exact."))
    with pytest.raises(UnreachableError):
        pull_catalogue(session, ledger, connection.id, now=LATER)
    assert connection.catalogue_trouble == quote("No route to Exact.")
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
    connection.payments.term_cursor = 50
    connection.payments.deleted_cursor = 50
    connection.customers.cursor = 50
    session.commit()
    ledger.divisions = [a_division(101, moved_on=date(2026, 3, 1), name="Moved")]
    pull_catalogue(session, ledger, connection.id, now=NOW)
    assert (connection.payments.term_cursor, connection.payments.deleted_cursor) == (1, 1)
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


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("journals", "journals"),
        ("accounts", "ledger accounts"),
        ("periods", "financial periods"),
        ("currencies", "currencies"),
        ("payment_conditions", "payment conditions"),
    ],
)
def test_a_list_that_comes_empty_is_kept_and_said(
    session: Session, ledger: FakeLedger, connection: ConnectionRow, name: str, words: str
) -> None:
    before = read_stored_catalogue(session, connection.id)
    assert getattr(before, name)
    ledger.catalogue = replace(ledger.catalogue, **{name: ()})
    pull_catalogue(session, ledger, connection.id, now=LATER)
    assert read_stored_catalogue(session, connection.id) == before
    assert connection.catalogue_trouble is not None
    assert f"showed no {words}" in str(english(connection.catalogue_trouble))
    ledger.catalogue = before
    pull_catalogue(session, ledger, connection.id, now=LATER)
    assert connection.catalogue_trouble is None


def test_what_is_no_longer_offered_is_gone_at_the_refresh(
    session: Session, ledger: FakeLedger, connection: ConnectionRow
) -> None:
    lists = [name for name in Catalogue.__slots__ if len(getattr(ledger.catalogue, name)) > 1]
    less = {name: getattr(ledger.catalogue, name)[1:] for name in lists}
    ledger.catalogue = replace(ledger.catalogue, **less)
    pull_catalogue(session, ledger, connection.id, now=LATER)
    assert read_stored_catalogue(session, connection.id) == ledger.catalogue
    assert {"journals", "accounts", "vat_codes"} <= set(lists)


@pytest.mark.parametrize("name", ["vat_codes", "cost_centers"])
def test_the_last_of_what_a_division_need_not_have_is_gone_after_two_reads(
    session: Session, ledger: FakeLedger, connection: ConnectionRow, name: str
) -> None:
    assert getattr(read_stored_catalogue(session, connection.id), name)
    ledger.catalogue = replace(ledger.catalogue, **{name: ()})
    ledger.calls.clear()
    pull_catalogue(session, ledger, connection.id, now=LATER)
    assert getattr(read_stored_catalogue(session, connection.id), name) == ()
    assert ledger.count("read_catalogue") == 2
    assert connection.catalogue_trouble is None


def living(session: Session) -> list[str]:
    return sorted(row.name for row in session.query(CustomerRow).filter_by(deleted=False))


@pytest.fixture
def three(session: Session, ledger: FakeLedger, connection: ConnectionRow) -> dict[str, str]:
    """Three customers that were read, by name."""
    ids = {name: ledger.add_customer(a_customer(name)).id for name in ("Acme", "Bakker", "Zorg")}
    pull_catalogue(session, ledger, connection.id, now=NOW)
    pull_catalogue(session, ledger, connection.id, now=NOW)
    ledger.calls.clear()
    return ids


def test_a_deleted_customer_is_gone_at_the_refresh_though_payments_are_off(
    session: Session, ledger: FakeLedger, connection: ConnectionRow, three: dict[str, str]
) -> None:
    assert not connection.payments.on
    ledger.delete_customer(three["Bakker"])
    pull_catalogue(session, ledger, connection.id, now=LATER)
    assert living(session) == ["Acme", "Zorg"]
    assert session.get_one(CustomerRow, (connection.id, three["Bakker"])).name == "Bakker"
    reads = [call for call in ledger.calls if "customer" in call or "tombstone" in call]
    assert sorted(reads) == ["each_customer_page", "each_tombstone_page"]


def test_the_newest_customer_may_be_the_deleted_one(
    session: Session, ledger: FakeLedger, connection: ConnectionRow, three: dict[str, str]
) -> None:
    ledger.delete_customer(three["Zorg"])
    for _ in range(3):
        pull_catalogue(session, ledger, connection.id, now=LATER)
    assert living(session) == ["Acme", "Bakker"]


def test_deletions_do_not_move_the_cursor_of_the_payments(
    session: Session, ledger: FakeLedger, connection: ConnectionRow, three: dict[str, str]
) -> None:
    ledger.delete_customer(three["Bakker"])
    before = connection.payments.deleted_cursor
    pull_catalogue(session, ledger, connection.id, now=LATER)
    assert connection.payments.deleted_cursor == before
    assert connection.customers.deleted_cursor > before


def test_without_the_right_to_read_deletions_all_customers_are_read(
    session: Session, ledger: FakeLedger, connection: ConnectionRow, three: dict[str, str]
) -> None:
    ledger.delete_customer(three["Bakker"])
    ledger.fail("each_tombstone_page", MissingRightError("Not yours."))
    pull_catalogue(session, ledger, connection.id, now=LATER)
    assert living(session) == ["Acme", "Zorg"]


def test_a_restored_backup_of_the_division_is_noticed(
    session: Session, ledger: FakeLedger, connection: ConnectionRow, three: dict[str, str]
) -> None:
    ledger.delete_customer(three["Zorg"], with_tombstone=False)
    pull_catalogue(session, ledger, connection.id, now=LATER)
    assert living(session) == ["Acme", "Bakker"]
    ledger.add_customer(a_customer("New", id=three["Zorg"]))
    pull_catalogue(session, ledger, connection.id, now=LATER)
    assert living(session) == ["Acme", "Bakker", "New"]


def test_deletions_that_may_be_forgotten_make_all_customers_be_read(
    session: Session, ledger: FakeLedger, connection: ConnectionRow, three: dict[str, str]
) -> None:
    ledger.delete_customer(three["Acme"], with_tombstone=False)
    pull_catalogue(session, ledger, connection.id, now=LATER)
    assert living(session) == ["Acme", "Bakker", "Zorg"]
    ledger.now = NOW + timedelta(days=60)
    pull_catalogue(session, ledger, connection.id, now=ledger.now)
    assert living(session) == ["Bakker", "Zorg"]


@pytest.mark.parametrize("call", ["each_customer_page", "each_tombstone_page", "find_living_customers"])
def test_nothing_is_forgotten_on_a_read_that_fails(
    session: Session, ledger: FakeLedger, connection: ConnectionRow, three: dict[str, str], call: str
) -> None:
    connection.customers.sure_at = None
    session.commit()
    ledger.delete_customer(three["Acme"], with_tombstone=False)
    ledger.fail(call, UnreachableError("Gone."))
    with pytest.raises(UnreachableError):
        pull_catalogue(session, ledger, connection.id, now=LATER)
    assert living(session) == ["Acme", "Bakker", "Zorg"]
    pull_catalogue(session, ledger, connection.id, now=LATER)
    assert living(session) == ["Bakker", "Zorg"]


def test_nothing_is_forgotten_on_an_empty_read(
    session: Session, ledger: FakeLedger, connection: ConnectionRow, three: dict[str, str]
) -> None:
    kept = dict(ledger.customers)
    ledger.customers.clear()
    with pytest.raises(BadAnswerError, match="no customer at all"):
        pull_catalogue(session, ledger, connection.id, now=LATER)
    assert living(session) == ["Acme", "Bakker", "Zorg"]
    ledger.customers |= kept
    pull_catalogue(session, ledger, connection.id, now=LATER)
    assert connection.catalogue_trouble is None


def test_nothing_is_forgotten_where_customers_are_missing_from_a_read_but_exist(
    session: Session, ledger: FakeLedger, connection: ConnectionRow, three: dict[str, str]
) -> None:
    connection.customers.sure_at = None
    session.commit()
    customer, _stamp, remarks = ledger.customers[three["Acme"]]
    ledger.customers[three["Acme"]] = (customer, 0, remarks)
    pull_catalogue(session, ledger, connection.id, now=LATER)
    assert ledger.count("find_living_customers") == 1
    assert living(session) == ["Acme", "Bakker", "Zorg"]


def test_a_customer_that_a_company_is_linked_to_is_noted_when_it_is_gone(
    session: Session, ledger: FakeLedger, connection: ConnectionRow, three: dict[str, str]
) -> None:
    add_link(session, connection.id, "7", three["Acme"])
    session.commit()
    for name in ("Acme", "Bakker"):
        ledger.delete_customer(three[name])
    pull_catalogue(session, ledger, connection.id, now=LATER)
    [event] = session.query(EventRow).filter_by(kind="customer gone")
    assert "Acme is no longer in Exact" in told(event.said)
