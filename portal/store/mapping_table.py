"""All that can be mapped in a connection, with its targets, as one reading of the database."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Select, String, and_, cast, false, literal, null, or_, select, true, union_all
from sqlalchemy.orm import Session

from portal.domain.booking.catalogue import Catalogue
from portal.domain.booking.mapping import DEFAULT_LEDGER, MappingKey, MappingKind, Setting
from portal.domain.booking.place import Place
from portal.domain.connections.states import ConnectionState
from portal.store.catalogue import read_stored_catalogue
from portal.store.connections import ConnectionRow
from portal.store.mappings import CustomerVatRow, MappingRow, ServiceTypeRow, TaxRateRow
from portal.store.rate_uses import uses_by_place
from portal.store.tallies import add_up
from portal.store.use_tallies import USES

# The order of the screen.
ORDER = (MappingKind.DEFAULT, MappingKind.SERVICE, MappingKind.TAX)
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


def read_table(session: Session, connection: ConnectionRow) -> MappingTable:
    """Read all that a connection maps."""
    return read_whole(session, connection)[1]


def read_whole(
    session: Session, connection: ConnectionRow
) -> tuple[dict[MappingKey, MappingRow], MappingTable]:
    """Read the rows of a connection's mappings, and the table that they stand in."""
    return _read(session, connection, read_stored_catalogue(session, connection.id), _offered(connection))


def read_part(
    session: Session, connection: ConnectionRow, catalogue: Catalogue, keys: Sequence[MappingKey]
) -> tuple[dict[MappingKey, MappingRow], MappingTable]:
    """Read the rows of some keys of one kind, and the table as far as it is about them."""
    return _read(session, connection, catalogue, _offered(connection, keys))


def _read(
    session: Session, connection: ConnectionRow, catalogue: Catalogue, offered: Sequence[Select[Any]]
) -> tuple[dict[MappingKey, MappingRow], MappingTable]:
    found = _named_sources(session, connection, offered) if offered else []
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


def _offered(connection: ConnectionRow, keys: Sequence[MappingKey] | None = None) -> list[Select[Any]]:
    """Return the queries of what a connection may map, of all of it or of some keys."""
    ids = {kind: sorted({key.source_id for key in keys or () if key.kind is kind}) for kind in MappingKind}
    here = or_(TaxRateRow.subsidiary_id == connection.subsidiary_id, TaxRateRow.subsidiary_id.is_(None))
    service = _facts(MappingKind.SERVICE, ServiceTypeRow.id, ServiceTypeRow.name, ServiceTypeRow.archived)
    rate = _facts(MappingKind.TAX, TaxRateRow.id, TaxRateRow.name, TaxRateRow.archived, TaxRateRow.percentage)
    no_rate = _facts(MappingKind.TAX, literal(NO_RATE), literal(""), true(), literal("0"))
    default = _facts(MappingKind.DEFAULT, literal(DEFAULT_LEDGER), literal(""), false())
    if keys is None:
        return [default, service, rate.where(here), no_rate]

    found = []
    if DEFAULT_LEDGER in ids[MappingKind.DEFAULT]:
        found.append(default)
    if ids[MappingKind.SERVICE]:
        found.append(service.where(ServiceTypeRow.id.in_(ids[MappingKind.SERVICE])))
    if ids[MappingKind.TAX]:
        found.append(rate.where(here, TaxRateRow.id.in_(ids[MappingKind.TAX])))
    if NO_RATE in ids[MappingKind.TAX]:
        found.append(no_rate)

    return found


def _facts(
    kind: MappingKind, source_id: Any, name: Any, archived: Any, percentage: Any = None
) -> Select[Any]:
    return select(
        literal(str(kind)).label("kind"),
        source_id.label("id"),
        name.label("name"),
        archived.label("archived"),
        (cast(null(), String) if percentage is None else percentage).label("percentage"),
    )


def _named_sources(
    session: Session, connection: ConnectionRow, offered: Sequence[Select[Any]]
) -> list[tuple[Source, MappingRow | None, int]]:
    """Read sources with their mappings and how often they are used, by one statement, in their order."""
    each = union_all(*offered).subquery()
    uses = USES.c
    counted = (
        select(add_up(uses.lines))
        .where(
            uses.subsidiary_id == connection.subsidiary_id,
            uses.kind == each.c.kind,
            uses.source_id == each.c.id,
        )
        .scalar_subquery()
    )
    own = (
        select(CustomerVatRow.source_id)
        .where(CustomerVatRow.connection_id == connection.id, CustomerVatRow.source_id == each.c.id)
        .exists()
    )
    mapped = and_(
        MappingRow.connection_id == connection.id,
        cast(MappingRow.kind, String) == each.c.kind,
        MappingRow.source_id == each.c.id,
    )
    query = select(each, MappingRow, counted.label("used"), own.label("has_own"))
    rows = session.execute(query.outerjoin(MappingRow, mapped)).all()

    # Lines without a rate stand last, for they are only mapped where there are some.
    order = list(ORDER)
    rows = sorted(rows, key=lambda row: (order.index(row.kind), not row.id, row.archived, row.name, row.id))
    return [
        (
            Source(
                MappingKind(row.kind),
                row.id,
                row.name,
                row.percentage,
                archived=bool(row.archived),
                may_have_own=bool(row.has_own),
            ),
            row.MappingRow,
            int(row.used),
        )
        for row in rows
    ]


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
