"""Mappings of a connection: service types, tax rates and companies to their Exact counterparts."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint, delete, func, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.domain.booking.mapping import MappingKind, MappingRules
from portal.store.base import Base, Instant, Word
from portal.store.connections import ConnectionRow
from portal.store.customer_links import CustomerLinkRow
from portal.store.invoices import InvoiceRow, LineUseRow
from portal.store.unready import CONNECTION, SERVICE, TAX, Foreseen, UnreadyKey

UNREADY = {MappingKind.SERVICE: SERVICE, MappingKind.TAX: TAX, MappingKind.DEFAULT: CONNECTION}


class ServiceTypeRow(Base):
    """A service type of Productive. One that was merged away stays, archived."""

    __tablename__ = "service_type"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    archived: Mapped[bool] = mapped_column(default=False)


class TaxRateRow(Base):
    """A tax rate of one subsidiary."""

    __tablename__ = "tax_rate"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    # A decimal as text, empty where Productive has none.
    percentage: Mapped[str | None]
    subsidiary_id: Mapped[str | None]
    archived: Mapped[bool] = mapped_column(default=False)


class MappingRow(Foreseen, Base):
    """One mapping of a service type, a tax rate or the default."""

    __tablename__ = "mapping"
    __table_args__ = (UniqueConstraint("connection_id", "kind", "source_id"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id"))
    kind: Mapped[MappingKind] = mapped_column(Word(MappingKind))
    source_id: Mapped[str]
    # The id of a ledger account or a VAT code as received, None when undone.
    target: Mapped[str | None]
    set_by: Mapped[str]
    set_at: Mapped[datetime] = mapped_column(Instant)
    previous: Mapped[str | None] = mapped_column(default=None)

    def each_unready(self) -> Iterator[UnreadyKey]:
        """Name the invoices that use what is mapped."""
        yield UnreadyKey(UNREADY[self.kind], self.source_id, self.connection_id)

    def lead_to(self, target: str | None, *, instead_of: str | None, by: str, at: datetime) -> None:
        """Take another target, and keep the one before it for an undo."""
        self.previous = instead_of
        self.target = target
        self.set_by = by
        self.set_at = at


def mapping_rules(session: Session, connection: ConnectionRow) -> MappingRules:
    """Return a connection's rules for the domain."""
    rows = session.scalars(
        select(MappingRow).where(MappingRow.connection_id == connection.id, MappingRow.target.is_not(None))
    ).all()
    return MappingRules(
        ledgers={row.source_id: row.target or "" for row in rows if row.kind is MappingKind.SERVICE},
        vat_codes={row.source_id: row.target or "" for row in rows if row.kind is MappingKind.TAX},
        default_ledger=connection.default_ledger,
    )


def mappings_of(session: Session, connection_id: int) -> dict[tuple[MappingKind, str], MappingRow]:
    """Return a connection's mappings by kind and source."""
    rows = session.scalars(select(MappingRow).where(MappingRow.connection_id == connection_id))
    return {(row.kind, row.source_id): row for row in rows}


def forget_mappings(session: Session, connection_id: int) -> None:
    """Drop a connection's mappings and customer links."""
    session.execute(delete(MappingRow).where(MappingRow.connection_id == connection_id))
    session.execute(delete(CustomerLinkRow).where(CustomerLinkRow.connection_id == connection_id))


def service_types(session: Session) -> Sequence[ServiceTypeRow]:
    """Return all service types by name, archived ones last."""
    return session.scalars(
        select(ServiceTypeRow).order_by(ServiceTypeRow.archived, ServiceTypeRow.name, ServiceTypeRow.id)
    ).all()


def tax_rates_of(session: Session, subsidiary_id: str) -> Sequence[TaxRateRow]:
    """Return the tax rates of a subsidiary by name, archived ones last."""
    return session.scalars(
        select(TaxRateRow)
        .where(or_(TaxRateRow.subsidiary_id == subsidiary_id, TaxRateRow.subsidiary_id.is_(None)))
        .order_by(TaxRateRow.archived, TaxRateRow.name, TaxRateRow.id)
    ).all()


def line_uses(session: Session, subsidiary_id: str) -> dict[tuple[MappingKind, str], int]:
    """Return how many invoice lines of a subsidiary use each service type and tax rate."""
    rows = session.execute(
        select(LineUseRow.kind, LineUseRow.source_id, func.sum(LineUseRow.lines))
        .join(InvoiceRow, InvoiceRow.id == LineUseRow.invoice_id)
        .where(InvoiceRow.subsidiary_id == subsidiary_id, InvoiceRow.deleted.is_(False))
        .group_by(LineUseRow.kind, LineUseRow.source_id)
    )
    return {(kind, source_id): int(lines) for kind, source_id, lines in rows}
