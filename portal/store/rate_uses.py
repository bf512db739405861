"""Where the customers are that a tax rate is used for."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from portal.domain.booking.catalogue import Customer
from portal.domain.booking.invoice import BillTo
from portal.domain.booking.mapping import MappingKind
from portal.domain.booking.place import Place
from portal.domain.customers.whereabouts import find_whereabouts
from portal.store.catalogue import CustomerRow, customer_of
from portal.store.connections import ConnectionRow
from portal.store.customer_links import CustomerLinkRow
from portal.store.invoices import InvoiceRow, LineUseRow
from portal.vat_numbers import read_vat

SOME = 500


@dataclass(frozen=True, slots=True)
class _Use:
    """How many lines of a company use a tax rate, and one of its invoices."""

    rate_id: str
    company_id: str
    lines: int
    invoice_id: str


def uses_by_place(
    session: Session, connection: ConnectionRow, rate_ids: Collection[str]
) -> Mapping[str, Counter[Place | None]]:
    """Count the lines of tax rates by where their customers are, None where that is not known."""
    uses = _read_uses(session, connection.subsidiary_id, rate_ids)
    places = _places_of(session, connection, {use.company_id: use.invoice_id for use in uses})
    counted: dict[str, Counter[Place | None]] = {rate_id: Counter() for rate_id in rate_ids}

    for use in uses:
        counted[use.rate_id][places[use.company_id]] += use.lines

    return counted


def _read_uses(session: Session, subsidiary_id: str, rate_ids: Collection[str]) -> list[_Use]:
    if not rate_ids:
        return []

    rows = session.execute(
        select(
            LineUseRow.source_id,
            InvoiceRow.company_id,
            func.sum(LineUseRow.lines),
            func.max(InvoiceRow.id),
        )
        .join(InvoiceRow, InvoiceRow.id == LineUseRow.invoice_id)
        .where(
            LineUseRow.kind == MappingKind.TAX,
            LineUseRow.source_id.in_(rate_ids),
            InvoiceRow.subsidiary_id == subsidiary_id,
            InvoiceRow.deleted.is_(False),
            InvoiceRow.sample.is_(False),
        )
        .group_by(LineUseRow.source_id, InvoiceRow.company_id)
    )
    return [_Use(rate_id, company_id, int(lines), newest) for rate_id, company_id, lines, newest in rows]


def _places_of(
    session: Session, connection: ConnectionRow, invoices: Mapping[str, str]
) -> dict[str, Place | None]:
    """Return where companies are, given an invoice of each."""
    customers = _linked(session, connection.id) if invoices else {}
    buyers = _buyers(session, list(invoices.values()))
    country = connection.the_division.country

    return {
        company_id: find_whereabouts(
            customers.get(company_id), buyers.get(invoice_id), country, read_vat
        ).place
        for company_id, invoice_id in invoices.items()
    }


def _linked(session: Session, connection_id: int) -> dict[str, Customer]:
    """Return the customers that companies are linked to, without those that are gone."""
    same = (
        CustomerRow.connection_id == CustomerLinkRow.connection_id,
        CustomerRow.id == CustomerLinkRow.customer_id,
    )
    found = session.execute(
        select(CustomerLinkRow.company_id, CustomerRow)
        .join(CustomerRow, and_(*same))
        .where(CustomerLinkRow.connection_id == connection_id, CustomerRow.deleted.is_(False))
    )
    return {company_id: customer_of(row) for company_id, row in found}


def _buyers(session: Session, invoice_ids: list[str]) -> dict[str, BillTo | None]:
    """Return the buyers of some invoices."""
    buyers: dict[str, BillTo | None] = {}
    for at in range(0, len(invoice_ids), SOME):
        found = select(InvoiceRow).where(InvoiceRow.id.in_(invoice_ids[at : at + SOME]))
        buyers |= {row.id: row.invoice().bill_to for row in session.scalars(found)}

    return buyers
