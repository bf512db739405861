"""All that can be mapped in a connection, with its targets, as one reading of the database."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from portal.domain.booking.catalogue import Catalogue
from portal.domain.booking.mapping import MappingKind
from portal.domain.connections.states import ConnectionState
from portal.store.catalogue import read_stored_catalogue
from portal.store.connections import ConnectionRow
from portal.store.mappings import MappingRow, line_uses, service_types, tax_rates_of

NO_RATE = ""
"""Stands for the lines that have no tax rate."""

DEFAULT_LEDGER = "ledger"
"""Stands for the lines that no mapping covers."""

Mappings = Mapping[tuple[MappingKind, str], MappingRow]
"""The rows of mappings by their kind and source."""


@dataclass(frozen=True, slots=True)
class Source:
    """A service type, a tax rate or the default, and what it is mapped to."""

    kind: MappingKind
    source_id: str
    name: str = ""
    percentage: str | None = None
    archived: bool = False
    uses: int = 0
    target: str | None = None

    @property
    def is_shown(self) -> bool:
        """Say whether people see it. An archived one only matters while it is used or mapped."""
        return not self.archived or self.uses > 0 or self.target is not None


@dataclass(frozen=True, slots=True)
class MappingTable:
    """What a connection maps, beside what its division offers. It outlives the transaction."""

    connection_id: int
    is_live: bool
    catalogue: Catalogue
    sources: tuple[Source, ...]

    def find(self, kind: MappingKind, source_id: str) -> Source | None:
        """Find a source by its kind and id."""
        return next((one for one in self.sources if (one.kind, one.source_id) == (kind, source_id)), None)

    def known(self, kind: MappingKind, source_ids: Sequence[str]) -> list[str]:
        """Return those of the ids that people see in the table."""
        shown = {one.source_id for one in self.sources if one.kind is kind and one.is_shown}
        return [source_id for source_id in source_ids if source_id in shown]

    def led_to(self, kind: MappingKind, targets: Mapping[str, str | None]) -> "MappingTable":
        """Return the table with other targets for some sources of a kind."""
        sources = (
            replace(one, target=targets[one.source_id])
            if one.kind is kind and one.source_id in targets
            else one
            for one in self.sources
        )
        return replace(self, sources=tuple(sources))


def read_table(session: Session, connection: ConnectionRow, rows: Mappings) -> MappingTable:
    """Read a connection's table, given the rows of its mappings."""
    uses = line_uses(session, connection.subsidiary_id)
    catalogue = read_stored_catalogue(session, connection.id)

    sources = []
    for source in _each_source(session, connection):
        key = (source.kind, source.source_id)
        row = rows.get(key)
        target = row.target if row else None
        # The default stands in the connection, where the set-up writes it too.
        target = connection.default_ledger if source.kind is MappingKind.DEFAULT else target
        sources.append(replace(source, uses=uses.get(key, 0), target=target))

    is_live = connection.state is ConnectionState.LIVE
    return MappingTable(connection.id, is_live, catalogue, tuple(sources))


def _each_source(session: Session, connection: ConnectionRow) -> Iterator[Source]:
    """Yield what a connection may map, in the order of the screen."""
    yield Source(MappingKind.DEFAULT, DEFAULT_LEDGER)

    for service in service_types(session):
        yield Source(MappingKind.SERVICE, service.id, service.name, archived=service.archived)

    for rate in tax_rates_of(session, connection.subsidiary_id):
        yield Source(MappingKind.TAX, rate.id, rate.name, rate.percentage, archived=rate.archived)

    # Lines without a rate are only mapped where there are some.
    yield Source(MappingKind.TAX, NO_RATE, percentage="0", archived=True)
