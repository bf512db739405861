"""The customer links of a connection, with what they link."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import JSON, ForeignKey, and_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.domain.booking.invoice import BillTo, Invoice
from portal.domain.customers.states import LinkOrigin
from portal.store.base import Base, Instant, Word
from portal.store.catalogue import CustomerRow
from portal.store.connections import ConnectionRow
from portal.store.invoices import InvoiceRow, read_invoice
from portal.store.unready import COMPANY, Foreseen, UnreadyKey
from portal.store.use_tallies import COMPANIES

SOME = 500


@dataclass(frozen=True, slots=True)
class Link:
    """Which customer a company becomes, how that was decided, and by whom."""

    customer_id: str
    how: LinkOrigin
    evidence: Sequence[str]
    by: str
    at: datetime


class CustomerLinkRow(Foreseen, Base):
    """A Productive company that is linked to an Exact customer, once per connection."""

    __tablename__ = "customer_link"

    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id"), primary_key=True)
    company_id: Mapped[str] = mapped_column(primary_key=True)
    customer_id: Mapped[str]
    linked_by: Mapped[str]
    linked_at: Mapped[datetime] = mapped_column(Instant)
    how: Mapped[LinkOrigin] = mapped_column(Word(LinkOrigin), default=LinkOrigin.UNKNOWN)
    # The signs that spoke for and against it then.
    evidence: Mapped[list[str]] = mapped_column(JSON, default_factory=list)
    # The buyer as the invoice named it, which may change later.
    seen_name: Mapped[str | None] = mapped_column(default=None)
    seen_vat: Mapped[str | None] = mapped_column(default=None)
    confirmed_by: Mapped[str | None] = mapped_column(default=None)
    confirmed_at: Mapped[datetime | None] = mapped_column(Instant, default=None)

    def each_unready(self) -> Iterator[UnreadyKey]:
        """Name the invoices of the company."""
        yield UnreadyKey(COMPANY, self.company_id, self.connection_id)

    def lead_to(self, link: "Link") -> None:
        """Take another customer, which nobody has confirmed yet."""
        self.customer_id = link.customer_id
        self.how = link.how
        self.evidence = list(link.evidence)
        self.linked_by = link.by
        self.linked_at = link.at
        self.confirmed_by = None
        self.confirmed_at = None

    def confirm(self, *, by: str, at: datetime) -> None:
        """Keep that a person says it is right."""
        self.confirmed_by = by
        self.confirmed_at = at

    def remember_buyer(self, bill_to: BillTo | None) -> None:
        """Keep the buyer as an invoice names it, where one does."""
        if bill_to is not None:
            self.seen_name = bill_to.name
            self.seen_vat = bill_to.vat


@dataclass(frozen=True, slots=True)
class CompanyLink:
    """A link with the company's name in Productive and the customer, which may be gone from Exact."""

    link: CustomerLinkRow
    company: str
    customer: CustomerRow | None


def find_link(session: Session, connection_id: int, company_id: str) -> CustomerLinkRow | None:
    """Find the customer that a company is linked to."""
    return session.get(CustomerLinkRow, (connection_id, company_id))


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
        some = (COMPANIES.c.subsidiary_id == subsidiary_id, COMPANIES.c.company_id.in_(ids[at : at + SOME]))
        rows = session.execute(COMPANIES.read("company_id", "company_name", where=some))
        # Of several names the last in the alphabet, so that it stays the same.
        names |= {row.company_id: row.company_name for row in sorted(rows, key=lambda row: row.company_name)}

    return names


def newest_invoices(session: Session, subsidiary_id: str, company_ids: Sequence[str]) -> dict[str, Invoice]:
    """Return the newest invoice of each of some companies."""
    found: dict[str, Invoice] = {}
    for at in range(0, len(company_ids), SOME):
        some = (
            COMPANIES.c.subsidiary_id == subsidiary_id,
            COMPANIES.c.company_id.in_(company_ids[at : at + SOME]),
        )
        companies = select(COMPANIES.c.company_id).where(*some).distinct().subquery()
        # One seek for each company, however many invoices it has.
        newest = (
            select(InvoiceRow.id)
            .where(InvoiceRow.company_id == companies.c.company_id, InvoiceRow.subsidiary_id == subsidiary_id)
            .order_by(InvoiceRow.invoiced_on.desc(), InvoiceRow.id.desc())
            .limit(1)
            .correlate(companies)
            .scalar_subquery()
        )
        ids = select(newest).select_from(companies)
        rows = session.execute(select(InvoiceRow.company_id, InvoiceRow.body).where(InvoiceRow.id.in_(ids)))
        found |= {company_id: read_invoice(body) for company_id, body in rows}

    return found


def newest_invoice(session: Session, connection_id: int, company_id: str) -> Invoice | None:
    """Return the newest invoice of a company in a connection's subsidiary."""
    subsidiary = session.get_one(ConnectionRow, connection_id).subsidiary_id
    newest = (
        select(InvoiceRow)
        .where(InvoiceRow.company_id == company_id, InvoiceRow.subsidiary_id == subsidiary)
        .order_by(InvoiceRow.invoiced_on.desc(), InvoiceRow.id.desc())
    )

    row = session.scalars(newest.limit(1)).first()
    return row.invoice() if row else None
