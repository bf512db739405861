"""The companies with invoices to copy that are linked to no customer yet."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from portal.store.connections import ConnectionRow
from portal.store.customer_links import CustomerLinkRow
from portal.store.invoices import NOT_COPIED, InvoiceRow

SOME = 500


@dataclass(frozen=True, slots=True)
class UnlinkedCompany:
    """A company without a customer, and how many of its invoices are not copied."""

    company_id: str
    name: str
    invoices: int


def unlinked_companies(
    session: Session, connection: ConnectionRow, limit: int = SOME
) -> Sequence[UnlinkedCompany]:
    """Return the companies of invoices that are not copied and have no customer, the busiest first."""
    is_linked = exists().where(
        CustomerLinkRow.connection_id == connection.id,
        CustomerLinkRow.company_id == InvoiceRow.company_id,
    )
    wanted = [
        InvoiceRow.subsidiary_id == connection.subsidiary_id,
        InvoiceRow.copy_state == NOT_COPIED,
        InvoiceRow.deleted.is_(False),
        InvoiceRow.sample.is_(False),
        InvoiceRow.exclude_reason.is_(None),
        ~is_linked,
    ]
    if connection.copy_from is not None:
        wanted.append(InvoiceRow.invoiced_on >= connection.copy_from)

    count = func.count(InvoiceRow.id)
    rows = session.execute(
        select(InvoiceRow.company_id, func.max(InvoiceRow.company_name), count)
        .where(*wanted)
        .group_by(InvoiceRow.company_id)
        .order_by(count.desc(), InvoiceRow.company_id)
        .limit(limit)
    )
    return [UnlinkedCompany(company_id, name, int(invoices)) for company_id, name, invoices in rows]
