"""The companies with invoices to copy that are linked to no customer yet."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from portal.domain.copies.standing import Standing
from portal.store.connections import ConnectionRow
from portal.store.customer_links import CustomerLinkRow
from portal.store.tallies import add_up
from portal.store.use_tallies import COMPANIES

SOME = 500
# Those from before the start stand apart.
TO_COPY = (Standing.READY, Standing.NEEDS_YOU, Standing.UNSURE)


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
    kept = COMPANIES.c
    is_linked = exists().where(
        CustomerLinkRow.connection_id == connection.id, CustomerLinkRow.company_id == kept.company_id
    )
    count = add_up(kept["rows"])
    rows = session.execute(
        select(kept.company_id, func.max(kept.company_name), count)
        .where(
            kept.subsidiary_id == connection.subsidiary_id,
            kept.is_open.is_(True),
            kept.standing.in_(TO_COPY),
            ~is_linked,
        )
        .group_by(kept.company_id)
        .having(count > 0)
        .order_by(count.desc(), kept.company_id)
        .limit(limit)
    )
    return [UnlinkedCompany(company_id, name, int(invoices)) for company_id, name, invoices in rows]
