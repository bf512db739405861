"""Mappings of a connection: service types, tax rates and companies to their Exact counterparts."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, delete, or_, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.domain.booking.mapping import MappingKey, MappingKind, MappingRules, Setting
from portal.domain.booking.place import Place
from portal.domain.booking.suggest import Because, Reason
from portal.store.base import Base, Instant, Word
from portal.store.connections import ConnectionRow
from portal.store.customer_links import CustomerLinkRow
from portal.store.unready import COMPANY, CONNECTION, SERVICE, TAX, Foreseen, UnreadyKey

# What is kept of the mapping of a place besides the moment.
OF_A_PLACE = ("place", "target", "set_by", "previous", "reason", "reason_values")
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
    """One mapping of a service type, a tax rate or the default, for one place or for all."""

    __tablename__ = "mapping"
    __table_args__ = (
        # Two rows without a place are not the same to a plain constraint.
        Index(
            "uq_mapping_anywhere",
            "connection_id",
            "kind",
            "source_id",
            unique=True,
            sqlite_where=text("place IS NULL"),
            postgresql_where=text("place IS NULL"),
        ),
        Index("uq_mapping_place", "connection_id", "kind", "source_id", "place", unique=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id"))
    kind: Mapped[MappingKind] = mapped_column(Word(MappingKind))
    source_id: Mapped[str]
    # The id of a ledger account or a VAT code as received, None when undone.
    target: Mapped[str | None]
    set_by: Mapped[str]
    set_at: Mapped[datetime] = mapped_column(Instant)
    previous: Mapped[str | None] = mapped_column(default=None)
    # Where the customers are that it is for. None is anywhere. A rate with places is split.
    place: Mapped[Place | None] = mapped_column(Word(Place), default=None)
    # Why it was suggested, where a person accepted a suggestion.
    reason: Mapped[Reason | None] = mapped_column(Word(Reason), default=None)
    reason_values: Mapped[dict[str, str]] = mapped_column(JSON, default_factory=dict)
    # The mappings of the places that one code for all took the place of, for an undo.
    joined: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON, default=None)

    def each_unready(self) -> Iterator[UnreadyKey]:
        """Name the invoices that use what is mapped."""
        yield UnreadyKey(UNREADY[self.kind], self.source_id, self.connection_id)

    @property
    def key(self) -> MappingKey:
        """Return what it maps."""
        return MappingKey(self.kind, self.source_id, self.place)

    @property
    def setting(self) -> Setting:
        """Return who set it and why."""
        values = tuple(self.reason_values.items())
        return Setting(self.set_by, self.set_at, Because(self.reason, values) if self.reason else None)

    def lead_to(
        self,
        target: str | None,
        *,
        instead_of: str | None,
        by: str,
        at: datetime,
        because: Because | None = None,
    ) -> None:
        """Take another target, and keep the one before it for an undo."""
        self.previous = instead_of
        self.target = target
        self.set_by = by
        self.set_at = at
        self.reason = because.reason if because else None
        self.reason_values = dict(because.values) if because else {}
        self.joined = None

    def join(self, placed: Sequence["MappingRow"]) -> None:
        """Take the place of the mappings of places, and keep them for an undo."""
        self.joined = [{name: getattr(row, name) for name in OF_A_PLACE} | row.when for row in placed]

    def split_again(self) -> list["MappingRow"]:
        """Return the mappings of places as they were before one code for all."""
        parts = self.joined or []
        self.joined = None
        return [
            MappingRow(
                connection_id=self.connection_id,
                kind=self.kind,
                source_id=self.source_id,
                **{name: part[name] for name in OF_A_PLACE} | {"place": Place(part["place"])},
                set_at=datetime.fromisoformat(part["set_at"]),
            )
            for part in parts
        ]

    @property
    def when(self) -> dict[str, str]:
        """Return when it was set, as text."""
        return {"set_at": self.set_at.isoformat()}


class CustomerVatRow(Foreseen, Base):
    """The VAT code that one company has for a tax rate, wherever it is."""

    __tablename__ = "customer_vat"

    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id"), primary_key=True)
    company_id: Mapped[str] = mapped_column(primary_key=True)
    # The id of the tax rate.
    source_id: Mapped[str] = mapped_column(primary_key=True)
    target: Mapped[str]
    set_by: Mapped[str]
    set_at: Mapped[datetime] = mapped_column(Instant)

    def each_unready(self) -> Iterator[UnreadyKey]:
        """Name the invoices of the company."""
        yield UnreadyKey(COMPANY, self.company_id, self.connection_id)

    def lead_to(self, target: str, *, by: str, at: datetime) -> None:
        """Take another VAT code."""
        self.target = target
        self.set_by = by
        self.set_at = at


def mapping_rules(session: Session, connection: ConnectionRow) -> MappingRules:
    """Return a connection's rules for the domain."""
    rows = mappings_of(session, connection.id)
    return rules_of(connection, rows.values(), own_codes_of(session, connection.id))


def rules_of(
    connection: ConnectionRow, mappings: Iterable[MappingRow], own: Iterable[CustomerVatRow]
) -> MappingRules:
    """Return the rules that a connection's mappings make, with the VAT codes of single companies."""
    rows = {row.key: row for row in mappings}
    own = sorted(own, key=lambda row: (row.source_id, row.company_id))
    set_rows = {key: row for key, row in rows.items() if row.target is not None}
    set_rows = {key: row for key, row in set_rows.items() if _holds(row, connection)}
    split: dict[str, dict[Place, str]] = {key.source_id: {} for key in rows if key.place}

    for key, row in set_rows.items():
        if key.place:
            split[key.source_id][key.place] = row.target or ""

    return MappingRules(
        ledgers=_targets(set_rows, MappingKind.SERVICE),
        vat_codes=_targets(set_rows, MappingKind.TAX),
        default_ledger=connection.default_ledger,
        split=split,
        own={(row.company_id, row.source_id): row.target for row in own},
        settings={key: row.setting for key, row in set_rows.items()},
        own_settings={(row.company_id, row.source_id): Setting(row.set_by, row.set_at) for row in own},
    )


def _holds(row: MappingRow, connection: ConnectionRow) -> bool:
    """Say whether a row still says what is in force. The set-up writes the default past it."""
    return row.kind is not MappingKind.DEFAULT or row.target == connection.default_ledger


def _targets(rows: dict[MappingKey, MappingRow], kind: MappingKind) -> dict[str, str]:
    """Return what the sources of a kind lead to anywhere."""
    return {
        key.source_id: row.target or "" for key, row in rows.items() if key.kind is kind and key.place is None
    }


def mappings_of(session: Session, connection_id: int) -> dict[MappingKey, MappingRow]:
    """Return a connection's mappings by what they map."""
    rows = session.scalars(select(MappingRow).where(MappingRow.connection_id == connection_id))
    return {row.key: row for row in rows}


def own_codes_of(session: Session, connection_id: int) -> Sequence[CustomerVatRow]:
    """Return the VAT codes of single companies."""
    found = select(CustomerVatRow).where(CustomerVatRow.connection_id == connection_id)
    return session.scalars(found.order_by(CustomerVatRow.source_id, CustomerVatRow.company_id)).all()


def forget_mappings(session: Session, connection_id: int) -> None:
    """Drop a connection's mappings and customer links."""
    session.execute(delete(CustomerVatRow).where(CustomerVatRow.connection_id == connection_id))
    session.execute(delete(MappingRow).where(MappingRow.connection_id == connection_id))
    session.execute(delete(CustomerLinkRow).where(CustomerLinkRow.connection_id == connection_id))


def tax_rates_of(session: Session, subsidiary_id: str) -> Sequence[TaxRateRow]:
    """Return the tax rates of a subsidiary by name, archived ones last."""
    return session.scalars(
        select(TaxRateRow)
        .where(or_(TaxRateRow.subsidiary_id == subsidiary_id, TaxRateRow.subsidiary_id.is_(None)))
        .order_by(TaxRateRow.archived, TaxRateRow.name, TaxRateRow.id)
    ).all()
