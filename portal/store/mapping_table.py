"""All that can be mapped in a connection, with its targets, as one reading of the database."""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace

from sqlalchemy import and_, literal, or_, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.selectable import SelectBase

from portal.domain.booking.catalogue import Catalogue
from portal.domain.booking.mapping import DEFAULT_LEDGER, MappingKey, MappingKind, Setting
from portal.domain.booking.place import Place
from portal.domain.connections.states import ConnectionState
from portal.store.catalogue import read_stored_catalogue
from portal.store.connections import ConnectionRow
from portal.store.mappings import (
    CustomerVatRow,
    MappingRow,
    ServiceTypeRow,
    TaxRateRow,
    line_uses,
    service_types,
    tax_rates_of,
)
from portal.store.rate_uses import uses_by_place
from portal.store.tallies import add_up
from portal.store.use_tallies import USES

NO_RATE = ""
"""Stands for the lines that have no tax rate."""

Mappings = Mapping[MappingKey, MappingRow]
"""The rows of mappings by what they map."""


@dataclass(frozen=True, slots=True)
class Source:
    """A service type, a tax rate or the default, and what it is mapped to."""

    # A rate that is split has a source for each place.

    kind: MappingKind
    source_id: str
    name: str = ""
    percentage: str | None = None
    archived: bool = False
    uses: int = 0
    target: str | None = None
    place: Place | None = None
    setting: Setting | None = None
    # Whether companies may have codes of their own for it. Only a part of a table knows that none has.
    may_have_own: bool = True

    @property
    def key(self) -> MappingKey:
        """Return what it maps."""
        return MappingKey(self.kind, self.source_id, self.place)

    @property
    def is_shown(self) -> bool:
        """Say whether people see it. An archived one only matters while it is used or mapped."""
        return not self.archived or self.uses > 0 or self.target is not None or self.place is not None


@dataclass(frozen=True, slots=True)
class MappingTable:
    """What a connection maps, beside what its division offers. It outlives the transaction."""

    connection_id: int
    is_live: bool
    catalogue: Catalogue
    sources: tuple[Source, ...]

    def find(self, key: MappingKey) -> Source | None:
        """Find a source by what it maps."""
        return next((one for one in self.sources if one.key == key), None)

    def known(self, keys: Sequence[MappingKey]) -> list[MappingKey]:
        """Return those of the keys that people see in the table."""
        shown = {one.key for one in self.sources if one.is_shown}
        return [key for key in keys if key in shown]

    def led_to(self, settled: Mapping[MappingKey, tuple[str | None, Setting | None]]) -> "MappingTable":
        """Return the table with other targets for some sources."""
        sources = (
            replace(one, target=settled[one.key][0], setting=settled[one.key][1])
            if one.key in settled
            else one
            for one in self.sources
        )
        return replace(self, sources=tuple(sources))


def read_table(session: Session, connection: ConnectionRow, rows: Mappings) -> MappingTable:
    """Read a connection's table, given the rows of its mappings."""
    uses = line_uses(session, connection.subsidiary_id)
    catalogue = read_stored_catalogue(session, connection.id)
    split = {key.source_id for key in rows if key.place}
    places = uses_by_place(session, connection, split) if split else {}

    sources = []
    for source in _each_source(session, connection, split):
        used = uses.get((source.kind, source.source_id), 0)
        used = places[source.source_id][source.place] if source.place else used
        sources.append(_led(replace(source, uses=used), rows.get(source.key), connection))

    is_live = connection.state is ConnectionState.LIVE
    return MappingTable(connection.id, is_live, catalogue, tuple(sources))


def read_part(
    session: Session, connection: ConnectionRow, catalogue: Catalogue, keys: Sequence[MappingKey]
) -> tuple[dict[MappingKey, MappingRow], MappingTable]:
    """Read the rows of some keys of one kind, and the table as far as it is about them."""
    kinds = {key.kind for key in keys}
    ids = sorted({key.source_id for key in keys})
    found = _named_sources(session, connection, kinds.pop(), ids) if kinds else []
    rows = {row.key: row for _name, row, _uses in found if row is not None}
    split = {key.source_id for key in rows if key.place}
    places = uses_by_place(session, connection, split) if split else {}

    sources: dict[MappingKey, Source] = {}
    for source, _row, used in found:
        for each in _at_places(source, split):
            counted = places[each.source_id][each.place] if each.place else used
            sources[each.key] = _led(replace(each, uses=counted), rows.get(each.key), connection)

    is_live = connection.state is ConnectionState.LIVE
    return rows, MappingTable(connection.id, is_live, catalogue, tuple(sources.values()))


def _named_sources(
    session: Session, connection: ConnectionRow, kind: MappingKind, ids: Sequence[str]
) -> list[tuple[Source, MappingRow | None, int]]:
    """Read some sources of a kind with their mappings and how often they are used, by one statement."""
    mapped = and_(MappingRow.connection_id == connection.id, MappingRow.kind == kind)
    if kind is MappingKind.DEFAULT:
        first = session.scalar(select(MappingRow).where(mapped, MappingRow.source_id == DEFAULT_LEDGER))
        return [(Source(kind, DEFAULT_LEDGER), first, 0)] if DEFAULT_LEDGER in ids else []

    table = ServiceTypeRow if kind is MappingKind.SERVICE else TaxRateRow
    each = _wanted(connection, kind, ids).subquery()
    counted = (
        select(add_up(USES.c.lines))
        .where(
            USES.c.subsidiary_id == connection.subsidiary_id,
            USES.c.kind == kind,
            USES.c.source_id == each.c.id,
        )
        .scalar_subquery()
    )
    own = (
        select(CustomerVatRow.source_id)
        .where(CustomerVatRow.connection_id == connection.id, CustomerVatRow.source_id == each.c.id)
        .exists()
    )
    query = (
        select(each.c.id, table, MappingRow, counted, own)
        .select_from(each)
        .outerjoin(table, table.id == each.c.id)
        .outerjoin(MappingRow, and_(mapped, MappingRow.source_id == each.c.id))
        .order_by(each.c.id, MappingRow.id)
    )
    return [
        (replace(_no_rate() if named is None else _source_of(named), may_have_own=has_own), row, int(used))
        for _id, named, row, used, has_own in session.execute(query)
    ]


def _wanted(connection: ConnectionRow, kind: MappingKind, ids: Sequence[str]) -> SelectBase:
    """Return the query of those ids of a kind that the connection may map."""
    if kind is MappingKind.SERVICE:
        return select(ServiceTypeRow.id.label("id")).where(ServiceTypeRow.id.in_(ids))

    here = or_(TaxRateRow.subsidiary_id == connection.subsidiary_id, TaxRateRow.subsidiary_id.is_(None))
    named = select(TaxRateRow.id.label("id")).where(TaxRateRow.id.in_(ids), here)
    return named.union_all(select(literal(NO_RATE).label("id"))) if NO_RATE in ids else named


def _source_of(row: ServiceTypeRow | TaxRateRow) -> Source:
    if isinstance(row, TaxRateRow):
        return Source(MappingKind.TAX, row.id, row.name, row.percentage, archived=row.archived)
    return Source(MappingKind.SERVICE, row.id, row.name, archived=row.archived)


def _no_rate() -> Source:
    # Lines without a rate are only mapped where there are some.
    return Source(MappingKind.TAX, NO_RATE, percentage="0", archived=True)


def _at_places(source: Source, split: Set[str]) -> list[Source]:
    """Return a source, or one for each place where its rate is split."""
    if source.kind is MappingKind.TAX and source.source_id in split:
        return [replace(source, place=place) for place in Place]
    return [source]


def _led(source: Source, row: MappingRow | None, connection: ConnectionRow) -> Source:
    """Return a source with what it leads to."""
    target = row.target if row else None
    # The default stands in the connection, where the set-up writes it too.
    target = connection.default_ledger if source.kind is MappingKind.DEFAULT else target
    setting = row.setting if row and row.target == target else None
    return replace(source, target=target, setting=setting)


def _each_source(session: Session, connection: ConnectionRow, split: Set[str]) -> Iterator[Source]:
    """Yield what a connection may map, in the order of the screen."""
    yield Source(MappingKind.DEFAULT, DEFAULT_LEDGER)

    for service in service_types(session):
        yield _source_of(service)

    for rate in tax_rates_of(session, connection.subsidiary_id):
        yield from _at_places(_source_of(rate), split)

    yield _no_rate()
