"""Odd records of Exact, over the wire: listed with their reason, tried again, and no neighbour waits."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from portal.actions.books.read_entries import read_exact
from portal.actions.books.request_readings import request_readings
from portal.actions.connections.catalogue import pull_catalogue
from portal.actions.payments.pull import pull_terms
from portal.domain.connections.states import PaymentsMode
from portal.domain.periods import month_period
from portal.domain.unreadable import Kind, Reason
from portal.exact.client import ExactClient
from portal.remote.odd import UnreadableError
from portal.store.catalogue import CustomerRow, read_stored_catalogue
from portal.store.connections import ConnectionRow
from portal.store.entries import EntryRow
from portal.store.feeds import PaymentFeedRow
from portal.store.terms import TermRow
from portal.store.unreadable import UnreadableRow, open_of
from tests.furnishing.clients import a_ledger
from tests.furnishing.connections import add_connection
from tests.furnishing.sandboxes import DIVISION, TOKEN, an_exact
from tests.furnishing.wires import Mortal, StillClock, Wire
from tests.oddities.kinds import CATALOGUE, CUSTOMERS, ENTRIES, ENTRY_LINES, TERMS, Odd
from tests.sandbox.exact.client import Exact

START = datetime(2026, 11, 2, 9, tzinfo=UTC)
ACCOUNTS = "sync/CRM/Accounts"
SYNCED = "sync/Cashflow/PaymentTerms"
BOOKED = "salesentry/SalesEntries"
LINES = "salesentry/SalesEntryLines"


@dataclass
class House:
    """A division over a wire without sockets, and the portal's database with a connection to it."""

    exact: Exact
    ledger: ExactClient
    session: Session
    connection_id: int
    clock: StillClock

    def now(self) -> datetime:
        """Return the time that all of them have."""
        return self.clock.now()

    def later(self) -> None:
        """Let some minutes pass."""
        self.clock.advance(900)

    def spoil(
        self, entity: str, key: object, fields: Mapping[str, object] | None = None, **how: object
    ) -> None:
        """Make a row odd."""
        body = {"division": 1001, "entity": entity, "key": key, "fields": fields or {}, **how}
        self.exact.door("POST", "odd", body)

    def mend(self) -> None:
        """Let every row be as it was."""
        self.exact.door("DELETE", "odd")

    def refresh(self) -> None:
        """Read the catalogue and the customers."""
        self.later()
        pull_catalogue(self.session, self.ledger, self.connection_id, now=self.now())

    def pull(self) -> None:
        """Read the feeds of terms and deletions."""
        self.later()
        pull_terms(self.session, self.ledger, self.connection_id, now=self.now())

    def read_entries(self) -> None:
        """Read this month's entries as a whole."""
        self.later()
        nudge = lambda _job, _subject: None  # noqa: E731 - nobody is to be woken
        month = month_period(START.date())
        request_readings(self.session, nudge, month, subsidiaries=None, whole=True, now=self.now())
        read_exact(self.session, self.ledger, nudge, self.connection_id, clock=self.now)

    def listed(self, *kinds: Kind) -> list[UnreadableRow]:
        """Return what cannot be read."""
        found = list(open_of(self.session, self.connection_id, *(kinds or tuple(Kind))))
        self.session.commit()
        return found

    def keys(self, path: str) -> list[str]:
        """Return the keys of an entity's rows."""
        key = {"general/Currencies": "Code", BOOKED: "EntryID"}.get(path, "ID")
        condition = "Name ne 'x'" if path == "crm/Accounts" else ""
        return [str(row[key]) for row in self.exact.rows(path, select=key, filter=condition)]


@pytest.fixture
def house(session_factory: sessionmaker[Session]) -> Iterator[House]:
    clock = StillClock(START)
    app, _state = an_exact(clock)
    exact = Exact(app, access=TOKEN)
    ledger = a_ledger(Wire(app, Mortal()), clock)
    with session_factory(expire_on_commit=False) as session:
        connection = add_connection(
            session,
            now=START,
            division=DIVISION,
            payments=PaymentFeedRow(on=True, mode=PaymentsMode.CATCH_UP),
        )
        session.commit()
        yield House(exact, ledger, session, connection.id, clock)


@pytest.mark.parametrize(("path", "kind", "odd"), CATALOGUE, ids=str)
def test_an_odd_row_of_the_catalogue_is_listed_and_the_rest_is_read(
    house: House, path: str, kind: Kind, odd: Odd
) -> None:
    house.refresh()
    before = read_stored_catalogue(house.session, house.connection_id)
    house.spoil(path, house.keys(path)[0], odd.values)
    house.refresh()
    (row,) = house.listed(kind)
    assert (row.reason, row.field) == (odd.reason, odd.field)
    after = read_stored_catalogue(house.session, house.connection_id)
    assert after.hides(kind)
    lists = ("journals", "accounts", "vat_codes", "vat_percentages", "periods", "currencies")
    lost = sum(len(getattr(before, name)) - len(getattr(after, name)) for name in lists)
    lost += len(before.payment_conditions) - len(after.payment_conditions)
    lost += len(before.cost_centers) - len(after.cost_centers)
    # The code of an odd percentage goes with it, for another one would be taken for it.
    assert lost == len(house.listed())
    connection = house.session.get_one(ConnectionRow, house.connection_id)
    assert (connection.catalogue_at, connection.catalogue_trouble) == (house.now(), None)
    house.mend()
    house.refresh()
    assert house.listed() == []
    assert read_stored_catalogue(house.session, house.connection_id) == before


@pytest.mark.parametrize("odd", CUSTOMERS, ids=str)
def test_an_odd_customer_stays_as_it_was_and_the_cursor_goes_on(house: House, odd: Odd) -> None:
    house.refresh()
    names = {row.id: row.name for row in house.session.scalars(select(CustomerRow))}
    spoilt, neighbour = house.keys("crm/Accounts")[:2]
    house.spoil(ACCOUNTS, spoilt, odd.values)
    house.exact.door("PATCH", f"1001/Accounts/{neighbour}", {"City": "Zutphen"})
    house.refresh()
    (row,) = house.listed()
    assert (row.kind, row.remote_id, row.reason, row.field) == (Kind.CUSTOMER, spoilt, odd.reason, odd.field)
    kept = {row.id: row for row in house.session.scalars(select(CustomerRow))}
    assert {key: each.name for key, each in kept.items()} == names
    assert not kept[spoilt].deleted
    assert kept[neighbour].city == "Zutphen"
    house.session.commit()
    cursor = house.session.get_one(ConnectionRow, house.connection_id).customers.cursor
    house.refresh()
    assert house.session.get_one(ConnectionRow, house.connection_id).customers.cursor == cursor >= row.place
    assert house.listed()[0].last_seen == house.now()
    house.mend()
    house.refresh()
    assert house.listed() == []


def test_rows_that_come_twice_are_one(house: House) -> None:
    for path in ("financial/Journals", "financial/GLAccounts", "vat/VATCodes", "financial/FinancialPeriods"):
        house.spoil(path, house.keys(path)[0], times=3)
    house.spoil(ACCOUNTS, house.keys("crm/Accounts")[0], times=3)
    house.spoil(SYNCED, house.exact.terms()[0]["ID"], times=3)
    house.spoil(BOOKED, house.keys(BOOKED)[0], times=3)
    house.refresh()
    house.pull()
    house.read_entries()
    catalogue = read_stored_catalogue(house.session, house.connection_id)
    for rows in (catalogue.journals, catalogue.accounts, catalogue.vat_codes, catalogue.periods):
        assert len(set(rows)) == len(rows)
    assert house.listed() == []


@pytest.mark.parametrize("odd", TERMS, ids=str)
def test_an_odd_term_is_listed_and_its_neighbours_and_the_cursor_go_on(house: House, odd: Odd) -> None:
    spoilt, *others = [row for row in house.exact.terms() if row["LineType"] == 20]
    house.spoil(SYNCED, spoilt["ID"], odd.values)
    house.pull()
    (row,) = house.listed()
    assert (row.kind, row.remote_id, row.reason, row.field) == (
        Kind.TERM,
        spoilt["ID"],
        odd.reason,
        odd.field,
    )
    assert (row.parent, row.account) == (spoilt["TransactionEntryID"], spoilt["Account"])
    kept = set(house.session.scalars(select(TermRow.id)))
    house.session.commit()
    assert kept == {other["ID"] for other in others}
    connection = house.session.get_one(ConnectionRow, house.connection_id)
    assert (connection.payments.pulled_at, connection.payments.trouble) == (house.now(), None)
    house.exact.state.backstage.calls.clear()
    house.pull()
    assert len(house.exact.state.backstage.calls.all()) <= 3
    assert house.listed()[0].last_seen == house.now()
    house.mend()
    house.pull()
    assert house.listed() == []
    assert spoilt["ID"] in set(house.session.scalars(select(TermRow.id)))


def test_the_terms_of_an_entry_are_read_as_a_whole_or_not_at_all(house: House) -> None:
    spoilt = next(row for row in house.exact.terms() if row["LineType"] == 20)
    house.spoil(SYNCED, spoilt["ID"], {"AmountFC": "much"})
    with pytest.raises(UnreadableError, match="AmountFC"):
        house.ledger.read_terms(spoilt["TransactionEntryID"])


@pytest.mark.parametrize(
    ("entity", "odd"),
    [(BOOKED, odd) for odd in ENTRIES] + [(LINES, odd) for odd in ENTRY_LINES],
    ids=str,
)
def test_an_odd_entry_is_listed_and_is_not_taken_for_deleted(house: House, entity: str, odd: Odd) -> None:
    entry = house.exact.post_entry(YourRef="T-1")
    other = house.exact.post_entry(YourRef="T-2")
    house.read_entries()
    line = next(
        row["ID"]
        for row in house.exact.books["SalesEntryLines"].rows.values()
        if row["EntryID"] == entry["EntryID"]
    )
    house.spoil(entity, entry["EntryID"] if entity == BOOKED else line, odd.values)
    house.exact.door("PATCH", f"1001/SalesEntries/{other['EntryID']}", {"YourRef": "T-3"})
    house.read_entries()
    (row,) = house.listed()
    assert (row.kind, row.remote_id) == (Kind.ENTRY, entry["EntryID"])
    assert (row.reason, row.field) == (odd.reason, odd.field)
    assert row.part == (None if entity == BOOKED else Kind.ENTRY_LINE)
    kept = {each.id: each for each in house.session.scalars(select(EntryRow))}
    assert kept[entry["EntryID"]].gone_at is None
    assert kept[other["EntryID"]].your_ref == "T-3"
    house.session.commit()
    house.mend()
    house.read_entries()
    assert house.listed() == []


def test_an_odd_tombstone_is_listed_and_the_cursor_goes_on(house: House) -> None:
    entry = house.exact.post_entry(YourRef="T-1")
    other = house.exact.post_entry(YourRef="T-2")
    house.exact.post_entry(YourRef="T-3")
    terms = {row["ID"] for row in house.exact.terms(entry["EntryID"])}
    house.pull()
    for each in (entry, other):
        house.exact.call("DELETE", f"{BOOKED}(guid'{each['EntryID']}')")
    key = next(
        key
        for key, row in house.exact.books["Deleted"].rows.items()
        if row["EntityKey"] in terms and row["EntityType"] == 10
    )
    house.spoil("sync/Deleted", key, {"EntityType": "ten"})
    house.pull()
    (row,) = house.listed()
    assert (row.kind, row.reason, row.field) == (Kind.TOMBSTONE, Reason.NO_WHOLE_NUMBER, "EntityType")
    buried = {term.id for term in house.session.scalars(select(TermRow)) if term.deleted_at}
    house.session.commit()
    assert buried
    house.mend()
    house.pull()
    assert house.listed() == []
    assert {term.id for term in house.session.scalars(select(TermRow)) if term.deleted_at} > buried


@pytest.mark.parametrize("place", [None, "soon", 2**63 - 1, 10**25])
def test_a_term_without_a_place_in_its_feed_is_listed_and_the_cursor_stays_among_real_ones(
    house: House, place: object
) -> None:
    house.pull()
    cursor = house.session.get_one(ConnectionRow, house.connection_id).payments.term_cursor
    newest = max(house.exact.terms(), key=lambda row: int(row["Timestamp"]))
    house.spoil(SYNCED, newest["ID"], {"Timestamp": place})
    house.pull()
    connection = house.session.get_one(ConnectionRow, house.connection_id)
    assert cursor <= connection.payments.term_cursor < 10**15
    assert (connection.payments.trouble, connection.payments.pulled_at) == (None, house.now())
