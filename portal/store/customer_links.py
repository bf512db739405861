"""The customer links of a connection, with what they link."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import JSON, ForeignKey, and_, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.domain.customers.states import LinkOrigin
from portal.store.base import Base, Instant, Word
from portal.store.catalogue import CustomerRow
from portal.store.connections import ConnectionRow
from portal.store.invoices import InvoiceRow

SOME = 500


class CustomerLinkRow(Base):
    """A Productive company linked to an Exact customer, once per connection.

    ``evidence`` holds the signs that spoke for and against it then. ``seen_name`` and ``seen_vat`` are the
    buyer as the invoice named it, which may change later.
    """

    __tablename__ = "customer_link"

    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id"), primary_key=True)
    company_id: Mapped[str] = mapped_column(primary_key=True)
    customer_id: Mapped[str]
    linked_by: Mapped[str]
    linked_at: Mapped[datetime] = mapped_column(Instant)
    how: Mapped[LinkOrigin] = mapped_column(Word(LinkOrigin), default=LinkOrigin.UNKNOWN)
    evidence: Mapped[list[str]] = mapped_column(JSON, default_factory=list)
    seen_name: Mapped[str | None] = mapped_column(default=None)
    seen_vat: Mapped[str | None] = mapped_column(default=None)
    confirmed_by: Mapped[str | None] = mapped_column(default=None)
    confirmed_at: Mapped[datetime | None] = mapped_column(Instant, default=None)


@dataclass(frozen=True, slots=True)
class CompanyLink:
    """A link with the company's name in Productive and the customer, which may be gone from Exact."""

    link: CustomerLinkRow
    company: str
    customer: CustomerRow | None


def links_of(session: Session, connection: ConnectionRow) -> list[CompanyLink]:
    """Return a connection's links by the names of their companies."""
    rows = session.execute(
        select(CustomerLinkRow, CustomerRow)
        .outerjoin(
            CustomerRow,
            and_(
                CustomerRow.connection_id == CustomerLinkRow.connection_id,
                CustomerRow.id == CustomerLinkRow.customer_id,
            ),
        )
        .where(CustomerLinkRow.connection_id == connection.id)
    ).all()

    names = company_names(session, connection.subsidiary_id, [link.company_id for link, _ in rows])
    found = [
        CompanyLink(link, names.get(link.company_id) or link.seen_name or link.company_id, customer)
        for link, customer in rows
    ]

    return sorted(found, key=lambda each: (each.company.casefold(), each.link.company_id))


def company_names(session: Session, subsidiary_id: str, ids: Sequence[str]) -> dict[str, str]:
    """Return the names of companies, as their invoices give them."""
    names: dict[str, str] = {}
    for at in range(0, len(ids), SOME):
        query = (
            select(InvoiceRow.company_id, func.max(InvoiceRow.company_name).label("name"))
            .where(InvoiceRow.subsidiary_id == subsidiary_id, InvoiceRow.company_id.in_(ids[at : at + SOME]))
            .group_by(InvoiceRow.company_id)
        )
        names |= {row.company_id: row.name for row in session.execute(query)}

    return names
