"""All that can be mapped in a connection, with its targets, as one reading of the database."""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from portal.domain.booking.catalogue import Catalogue
from portal.domain.booking.mapping import DEFAULT_LEDGER, MappingKey, MappingKind, Setting
from portal.domain.booking.place import Place
from portal.domain.connections.states import ConnectionState
from portal.store.catalogue import read_stored_catalogue
from portal.store.connections import ConnectionRow
from portal.store.mappings import MappingRow, line_uses, service_types, tax_rates_of
from portal.store.rate_uses import uses_by_place

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
        row = rows.get(source.key)
        target = row.target if row else None
        # The default stands in the connection, where the set-up writes it too.
        target = connection.default_ledger if source.kind is MappingKind.DEFAULT else target
        used = uses.get((source.kind, source.source_id), 0)
        used = places[source.source_id][source.place] if source.place else used
        setting = row.setting if row and row.target == target else None
        sources.append(replace(source, uses=used, target=target, setting=setting))

    is_live = connection.state is ConnectionState.LIVE
    return MappingTable(connection.id, is_live, catalogue, tuple(sources))


def _each_source(session: Session, connection: ConnectionRow, split: Set[str]) -> Iterator[Source]:
    """Yield what a connection may map, in the order of the screen."""
    yield Source(MappingKind.DEFAULT, DEFAULT_LEDGER)

    for service in service_types(session):
        yield Source(MappingKind.SERVICE, service.id, service.name, archived=service.archived)

    for rate in tax_rates_of(session, connection.subsidiary_id):
        source = Source(MappingKind.TAX, rate.id, rate.name, rate.percentage, archived=rate.archived)
        if rate.id in split:
            yield from (replace(source, place=place) for place in Place)
        else:
            yield source

    # Lines without a rate are only mapped where there are some.
    yield Source(MappingKind.TAX, NO_RATE, percentage="0", archived=True)
