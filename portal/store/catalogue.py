"""The catalogue: a division's offer as one document, its customers as rows that can be searched."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import msgspec
from sqlalchemy import ForeignKey, Text, and_, delete, or_, select, union
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.domain.booking.catalogue import Catalogue, Customer
from portal.domain.countries import iso_country
from portal.domain.customers.names import normalise_name
from portal.domain.customers.search import searched_text
from portal.store.base import Base, Instant
from portal.store.connections import ConnectionRow
from portal.store.proposals import forget_proposals
from portal.store.stale import has_changed
from portal.store.unreadable import UnreadableRow
from portal.store.unready import CONNECTION, Foreseen, UnreadyKey
from portal.vat_numbers import read_vat

SOME = 500
MOST_PARTS = 20
MOST_SIGNS = 100
# How many catalogues a process keeps parsed, of a few hundred kilobytes each.
PARSED = 16
EMPTY = Catalogue((), (), (), (), (), (), (), ())


class CatalogueRow(Foreseen, Base):
    """Everything a division offers but its customers, at one moment."""

    __tablename__ = "catalogue"

    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id"), primary_key=True)
    body: Mapped[str] = mapped_column(Text)
    read_at: Mapped[datetime] = mapped_column(Instant)

    def each_unready(self) -> Iterator[UnreadyKey]:
        """Name every invoice of the connection, where the division offers something else now."""
        if has_changed(self, "body"):
            yield UnreadyKey(CONNECTION, "", self.connection_id)


class CustomerRow(Foreseen, Base):
    """An Exact account of a division."""

    __tablename__ = "customer"

    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id"), primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    code: Mapped[str]
    name: Mapped[str]
    # The keys are for searching.
    name_key: Mapped[str] = mapped_column(index=True)
    vat_key: Mapped[str | None] = mapped_column(index=True)
    status: Mapped[str]
    blocked: Mapped[bool]
    ended_on: Mapped[date | None]
    vat_number: Mapped[str | None]
    chamber_of_commerce: Mapped[str | None]
    email: Mapped[str | None]
    city: Mapped[str | None]
    country: Mapped[str | None]
    payment_condition: Mapped[str | None]
    deleted: Mapped[bool] = mapped_column(default=False)
    # What a search looks through: code, name, VAT number and city, see ``domain/customers/search.py``.
    search_text: Mapped[str] = mapped_column(Text, default="")

    def each_unready(self) -> Iterator[UnreadyKey]:
        """Name every invoice of the connection, for each may be this customer's now, or no longer."""
        yield UnreadyKey(CONNECTION, "", self.connection_id)


def read_stored_catalogue(session: Session, connection_id: int) -> Catalogue:
    """Return the catalogue as last read, an empty one before that."""
    body = session.scalar(select(CatalogueRow.body).where(CatalogueRow.connection_id == connection_id))
    return EMPTY if body is None else parse_catalogue(body)


def catalogue_of(row: CatalogueRow | None) -> Catalogue:
    """Return the catalogue that a row holds, an empty one where there is none."""
    return EMPTY if row is None else parse_catalogue(row.body)


def lock_connection(session: Session, connection_id: int) -> tuple[ConnectionRow | None, Catalogue]:
    """Lock a connection and read its catalogue, by one statement."""
    query = (
        select(ConnectionRow, CatalogueRow.body)
        .outerjoin(CatalogueRow, CatalogueRow.connection_id == ConnectionRow.id)
        .where(ConnectionRow.id == connection_id)
        .with_for_update(of=ConnectionRow)
        .execution_options(populate_existing=True)
    )
    found = session.execute(query).first()
    if found is None:
        return None, EMPTY

    row, body = found
    return row, EMPTY if body is None else parse_catalogue(body)


# A body is its own key, so that an old catalogue is never taken for the one that is stored.
@lru_cache(PARSED)
def parse_catalogue(body: str) -> Catalogue:
    """Read a catalogue as it is kept."""
    return msgspec.json.decode(body, type=Catalogue)


def keep_catalogue(session: Session, connection_id: int, catalogue: Catalogue, now: datetime) -> None:
    """Replace the stored catalogue."""
    body = msgspec.json.encode(catalogue).decode()
    session.merge(CatalogueRow(connection_id=connection_id, body=body, read_at=now))


def keep_customers(session: Session, connection_id: int, customers: Sequence[Customer]) -> None:
    """Insert or refresh customers, with the keys they are searched by."""
    known = {
        row.id: row
        for row in session.scalars(
            select(CustomerRow).where(
                CustomerRow.connection_id == connection_id, CustomerRow.id.in_([one.id for one in customers])
            )
        )
    }
    for customer in customers:
        fields = customer_fields(customer)
        row = known.get(customer.id)

        if row is None:
            known[customer.id] = CustomerRow(connection_id=connection_id, **fields)
            session.add(known[customer.id])
            continue

        for name, value in fields.items():
            setattr(row, name, value)


def customer_fields(customer: Customer) -> dict[str, Any]:
    """Spell a customer for its row, with the keys it is searched by."""
    fields = {name: getattr(customer, name) for name in Customer.__slots__}
    fields["name_key"] = normalise_name(customer.name)
    fields["vat_key"] = read_vat(customer.vat_number, iso_country(customer.country)).key or None
    return {**fields, "deleted": False, "search_text": searched_text(customer)}


def find_customer(session: Session, connection_id: int, customer_id: str | None) -> Customer | None:
    """Find a customer of the catalogue. A deleted one is not found."""
    row = session.get(CustomerRow, (connection_id, customer_id)) if customer_id else None
    return None if row is None or row.deleted else customer_of(row)


def customer_of(row: CustomerRow) -> Customer:
    """Turn a row into the domain's customer."""
    return Customer(**{name: getattr(row, name) for name in Customer.__slots__})


def all_customers(session: Session, connection_id: int) -> list[Customer]:
    """Return every customer of the catalogue that still exists."""
    columns = (getattr(CustomerRow, name) for name in Customer.__slots__)
    found = session.execute(
        select(*columns).where(CustomerRow.connection_id == connection_id, CustomerRow.deleted.is_(False))
    )
    return [Customer(*row) for row in found]


def customers_with(
    session: Session, connection_id: int, names: Iterable[str], vat_keys: Iterable[str]
) -> list[Customer]:
    """Return the customers that have one of some names or VAT numbers, in the order of their ids."""
    keys = (
        (CustomerRow.name_key, sorted(set(names) - {""})),
        (CustomerRow.vat_key, sorted(set(vat_keys) - {""})),
    )
    # Each key has an index of its own, which an OR of both would not use on every database.
    parts = [
        select(CustomerRow.id).where(CustomerRow.connection_id == connection_id, column.in_(wanted))
        for column, wanted in keys
        if wanted
    ]
    if not parts:
        return []

    here = (CustomerRow.connection_id == connection_id, CustomerRow.deleted.is_(False))
    rows = session.scalars(select(CustomerRow).where(*here, CustomerRow.id.in_(union(*parts))))
    return sorted(map(customer_of, rows), key=lambda each: each.id)


def customers_having(
    session: Session, connection_id: int, parts: Sequence[str], vat_key: str
) -> list[Customer]:
    """Return the customers that may have every part of a query, or have a VAT number."""
    # Who calls looks at every part. More and longer ones than these would be too much for a database.
    some = [part[:MOST_SIGNS] for part in parts[:MOST_PARTS]]
    has_all = and_(*(CustomerRow.search_text.contains(part, autoescape=True) for part in some))
    found = or_(has_all, CustomerRow.vat_key == vat_key) if vat_key else has_all
    columns = (getattr(CustomerRow, name) for name in Customer.__slots__)
    here = (CustomerRow.connection_id == connection_id, CustomerRow.deleted.is_(False))

    return [Customer(*row) for row in session.execute(select(*columns).where(*here, found))]


def customers_by_id(session: Session, connection_id: int, ids: Iterable[str]) -> dict[str, Customer]:
    """Return some customers that still exist, by their ids."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}

    some = (CustomerRow.connection_id == connection_id, CustomerRow.id.in_(wanted))
    rows = session.scalars(select(CustomerRow).where(*some, CustomerRow.deleted.is_(False)))
    return {row.id: customer_of(row) for row in rows}


def some_customers(session: Session, connection_id: int, most: int) -> list[Customer] | None:
    """Return every customer that still exists, None where there are more than so many."""
    columns = (getattr(CustomerRow, name) for name in Customer.__slots__)
    here = (CustomerRow.connection_id == connection_id, CustomerRow.deleted.is_(False))
    found = session.execute(select(*columns).where(*here).limit(most + 1)).all()
    return None if len(found) > most else [Customer(*row) for row in found]


def customers_known(session: Session, connection_id: int) -> set[str]:
    """Return the ids of the customers that should still be in Exact."""
    here = (CustomerRow.connection_id == connection_id, CustomerRow.deleted.is_(False))
    return set(session.scalars(select(CustomerRow.id).where(*here)))


def bury_customers(session: Session, connection_id: int, ids: Iterable[str]) -> list[CustomerRow]:
    """Mark customers as gone from Exact. Return those that were not yet."""
    gone: list[CustomerRow] = []
    wanted = sorted(set(ids))

    for at in range(0, len(wanted), SOME):
        some = (CustomerRow.connection_id == connection_id, CustomerRow.id.in_(wanted[at : at + SOME]))
        gone += session.scalars(select(CustomerRow).where(*some, CustomerRow.deleted.is_(False)))

    for row in gone:
        row.deleted = True

    return gone


def forget_catalogue(session: Session, connection_id: int) -> None:
    """Drop the catalogue and customers of a connection, what was suggested, and what cannot be read of it."""
    session.execute(delete(UnreadableRow).where(UnreadableRow.connection_id == connection_id))
    session.execute(delete(CatalogueRow).where(CatalogueRow.connection_id == connection_id))
    session.execute(delete(CustomerRow).where(CustomerRow.connection_id == connection_id))
    forget_proposals(session, [connection_id])
