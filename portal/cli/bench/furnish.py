"""What a measured portal holds beside its invoices: a person, Productive, a connection of a big house."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import select

from portal.actions.house.people import NewPassword, PeopleChange, add_user
from portal.actions.house.profiles import Profile
from portal.cli.bench.seed import RATES, SEED, SERVICES
from portal.cli.demo.data import EMAIL, ORGANIZATION, PASSWORD
from portal.domain.booking.catalogue import Catalogue, Customer, Journal, LedgerAccount, Period, VatCode
from portal.domain.booking.mapping import MappingKind
from portal.domain.connections.states import ConnectionState
from portal.domain.house.states import Role
from portal.extensions import db
from portal.settings import LOCALES, AppRegistration, Settings
from portal.store.catalogue import keep_catalogue, keep_customers
from portal.store.connections import ConnectionRow, ProductiveRow
from portal.store.mappings import MappingRow

CUSTOMERS = 20_000
ACCOUNTS = 500


def settings_with(database_url: str) -> Settings:
    """Return the settings of a portal on a database that nobody else uses."""
    nowhere = AppRegistration("http://localhost:9", "", "")
    return Settings(
        database_url=database_url,
        redis_url="redis://127.0.0.1:9/0",
        secret_key="only for measurements",  # noqa: S106 - guards nothing
        encryption_keys=("MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",),
        public_url="http://localhost",
        productive_url="http://localhost:9/api/v2",
        exact=dict.fromkeys(LOCALES, nowhere),
        testing=True,
    )


def furnish(now: datetime, customers: int = CUSTOMERS) -> None:
    """Add a person, Productive, and a live connection with a catalogue of a big house."""
    session = db.session()
    profile = Profile("Bench", Role.ADMINISTRATOR)
    add_user(session, EMAIL, profile, NewPassword(PASSWORD), PeopleChange("bench", now))

    productive = ProductiveRow(
        id=1,
        organization_id=ORGANIZATION,
        organization_name="Bench",
        currency="EUR",
        token_sealed="",
        checked_at=now,
    )

    session.add(productive)
    row = session.scalars(select(ConnectionRow).where(ConnectionRow.subsidiary_id == SEED)).one()
    row.state = ConnectionState.LIVE
    row.live_subsidiary = SEED
    row.live_division = "NL:1"
    row.division = 1
    row.division_name = "Bench"
    row.division_country = "NL"
    row.default_journal = "70"
    row.default_ledger = "a0"
    row.catalogue_at = now
    row.copy_from = date(2000, 1, 1)
    row.payments.on = True
    row.payments.baseline_done = True
    row.payments.began_at = now
    keep_catalogue(session, row.id, a_catalogue(now.date()), now)
    keep_customers(session, row.id, [a_customer(number) for number in range(customers)])
    for at in range(len(SERVICES)):
        session.add(a_mapping(row.id, MappingKind.SERVICE, at, f"a{at}", now))

    for at in range(len(RATES)):
        session.add(a_mapping(row.id, MappingKind.TAX, at, str(at), now))

    session.commit()


def a_mapping(connection_id: int, kind: MappingKind, at: int, target: str, now: datetime) -> MappingRow:
    """Return the mapping of one of the seed's service types or tax rates."""
    return MappingRow(
        connection_id=connection_id,
        kind=kind,
        source_id=f"{SEED}-{at}",
        target=target,
        set_by="bench",
        set_at=now,
    )


def a_catalogue(today: date) -> Catalogue:
    """Return what a big division offers."""
    accounts = (
        LedgerAccount(f"a{at}", f"{8000 + at}", f"Revenue {at}", 110, "W", False, 0) for at in range(ACCOUNTS)
    )
    codes = (
        VatCode(str(at), name, Decimal(percentage), "E", "B", False, False)
        for at, (percentage, name) in enumerate(RATES)
    )

    periods = (
        Period(today.year - back, 1, date(today.year - back, 1, 1), date(today.year - back, 12, 31))
        for back in range(6)
    )

    journal = Journal("70", "Sales", 20, "EUR", True, True, False)
    return Catalogue(
        (journal,), tuple(accounts), tuple(codes), (), tuple(periods), ("EUR", "GBP", "USD"), (), ()
    )


def a_customer(number: int) -> Customer:
    """Return one of many customers."""
    return Customer(
        f"c{number}", f"{number}", f"Customer {number}", "C", False, None, None, None, None, None, "NL", None
    )
