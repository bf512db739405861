"""Where the customers are that a tax rate is used for."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from portal.domain.booking.catalogue import Customer
from portal.domain.booking.place import Place
from portal.domain.countries import iso_country
from portal.domain.customers.place import LEFT_OUT, territory_of
from portal.domain.customers.whereabouts import find_whereabouts
from portal.store.catalogue import CustomerRow
from portal.store.connections import ConnectionRow
from portal.store.customer_links import CustomerLinkRow, newest_invoices
from portal.store.use_tallies import RATES_BY_COMPANY
from portal.vat_numbers import read_vat


@dataclass(frozen=True, slots=True)
class _Use:
    """How many lines of a company use a tax rate."""

    rate_id: str
    company_id: str
    lines: int


def uses_by_place(
    session: Session, connection: ConnectionRow, rate_ids: Collection[str]
) -> Mapping[str, Counter[Place | None]]:
    """Count the lines of tax rates by where their customers are, None where that is not known."""
    uses = _read_uses(session, connection.subsidiary_id, rate_ids)
    places = _places_of(session, connection, {use.company_id for use in uses})
    counted: dict[str, Counter[Place | None]] = {rate_id: Counter() for rate_id in rate_ids}

    for use in uses:
        counted[use.rate_id][places[use.company_id]] += use.lines

    return counted


def _read_uses(session: Session, subsidiary_id: str, rate_ids: Collection[str]) -> list[_Use]:
    if not rate_ids:
        return []

    here = (
        RATES_BY_COMPANY.c.subsidiary_id == subsidiary_id,
        RATES_BY_COMPANY.c.source_id.in_(rate_ids),
    )
    rows = session.execute(RATES_BY_COMPANY.read("source_id", "company_id", where=here))
    return [_Use(row.source_id, row.company_id, row.lines) for row in rows]


def _places_of(
    session: Session, connection: ConnectionRow, companies: Collection[str]
) -> dict[str, Place | None]:
    """Return where companies are, by their customers, else by their newest invoices."""
    customers = _linked(session, connection.id, companies) if companies else {}
    # Of most customers the record says all that counts.
    told = {company_id for company_id, customer in customers.items() if _says_all(customer)}
    asked = sorted(set(companies) - told)
    invoices = newest_invoices(session, connection.subsidiary_id, asked)
    country = connection.the_division.country

    found: dict[str, Place | None] = {}
    for company_id in companies:
        invoice = invoices.get(company_id)
        buyer = invoice.bill_to if invoice else None
        found[company_id] = find_whereabouts(customers.get(company_id), buyer, country, read_vat).place

    return found


def _says_all(customer: Customer) -> bool:
    """Say whether an invoice could not say more of where a customer is."""
    known = territory_of(iso_country(customer.country), None)
    return known is not None and known not in LEFT_OUT.values()


def _linked(session: Session, connection_id: int, companies: Collection[str]) -> dict[str, Customer]:
    """Return the customers that companies are linked to, without those that are gone."""
    same = (
        CustomerRow.connection_id == CustomerLinkRow.connection_id,
        CustomerRow.id == CustomerLinkRow.customer_id,
    )
    columns = (getattr(CustomerRow, name) for name in Customer.__slots__)
    found = session.execute(
        select(CustomerLinkRow.company_id, *columns)
        .join(CustomerRow, and_(*same))
        .where(CustomerLinkRow.connection_id == connection_id, CustomerRow.deleted.is_(False))
    )
    return {row[0]: Customer(*row[1:]) for row in found if row[0] in companies}
