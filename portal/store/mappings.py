"""Mappings of a connection: service types, tax rates and companies to their Exact counterparts."""

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.domain.mapping import MappingRules
from portal.store.base import Base, Instant
from portal.store.connections import ConnectionRow

SERVICE, TAX = "service", "tax"


class ServiceTypeRow(Base):
    """A service type of Productive; one that was merged away stays, archived."""

    __tablename__ = "service_type"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    archived: Mapped[bool] = mapped_column(default=False)


class TaxRateRow(Base):
    """A tax rate of one subsidiary; ``percentage`` as decimal text, empty where Productive has none."""

    __tablename__ = "tax_rate"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    percentage: Mapped[str | None]
    subsidiary_id: Mapped[str | None]
    archived: Mapped[bool] = mapped_column(default=False)


class MappingRow(Base):
    """One mapping; ``target`` is a ledger account id or a VAT code as received, None when undone."""

    __tablename__ = "mapping"
    __table_args__ = (UniqueConstraint("connection_id", "kind", "source_id"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id"))
    kind: Mapped[str]
    source_id: Mapped[str]
    target: Mapped[str | None]
    set_by: Mapped[str]
    set_at: Mapped[datetime] = mapped_column(Instant)
    previous: Mapped[str | None] = mapped_column(default=None)


class CustomerLinkRow(Base):
    """A Productive company linked to an Exact customer, once per connection."""

    __tablename__ = "customer_link"

    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id"), primary_key=True)
    company_id: Mapped[str] = mapped_column(primary_key=True)
    customer_id: Mapped[str]
    linked_by: Mapped[str]
    linked_at: Mapped[datetime] = mapped_column(Instant)


def mapping_rules(session: Session, connection: ConnectionRow) -> MappingRules:
    """Return a connection's rules for the domain."""
    rows = session.scalars(
        select(MappingRow).where(MappingRow.connection_id == connection.id, MappingRow.target.is_not(None))
    ).all()
    return MappingRules(
        ledgers={row.source_id: row.target or "" for row in rows if row.kind == SERVICE},
        vat_codes={row.source_id: row.target or "" for row in rows if row.kind == TAX},
        default_ledger=connection.default_ledger,
    )
