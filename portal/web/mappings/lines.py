"""The lines of the mappings screen: every source with its target, its use, and what is wrong."""

from dataclasses import dataclass
from decimal import Decimal

from flask_babel import gettext as _

from portal.domain.booking.catalogue import Catalogue
from portal.domain.booking.mapping import MappingKey, MappingKind, Setting
from portal.domain.booking.place import Place
from portal.store.mapping_table import NO_RATE, MappingTable, Source
from portal.web.mappings.targets import name_ledger, name_vat_code

NO_SOURCE = "-"
# What stands between a tax rate and a place in an address.
PLACED = "~"


@dataclass(frozen=True, slots=True)
class MappingLine:
    """One source. ``problem`` says why its target cannot be used (any more)."""

    kind: MappingKind
    source_id: str
    name: str
    note: str
    uses: int
    target: str | None
    target_name: str
    problem: str | None
    place: Place | None = None
    setting: Setting | None = None

    @property
    def mapping_key(self) -> MappingKey:
        """Return what it maps."""
        return MappingKey(self.kind, self.source_id, self.place)

    @property
    def slug(self) -> str:
        """Return the source as it stands in an address."""
        return slug_of(self.mapping_key)

    @property
    def key(self) -> str:
        """Return what ids in the page are made of."""
        return key_of(self.mapping_key)

    @property
    def is_open(self) -> bool:
        """Say whether nothing is chosen, or what was chosen no longer works."""
        return self.target is None or self.problem is not None


def key_of(key: MappingKey) -> str:
    """Return what ids in the page are made of."""
    whole = f"{key.kind}-{key.source_id or 'none'}"
    return f"{whole}-{key.place}" if key.place else whole


def slug_of(key: MappingKey) -> str:
    """Return a source as it stands in an address, with its place."""
    whole = key.source_id or NO_SOURCE
    return f"{whole}{PLACED}{key.place}" if key.place else whole


def read_slug(kind: MappingKind, slug: str) -> MappingKey | None:
    """Read the source that an address names, None where it names no place that there is."""
    source_id, placed, place = slug.partition(PLACED)
    if placed and place not in list(Place):
        return None

    source_id = "" if source_id == NO_SOURCE else source_id
    return MappingKey(kind, source_id, Place(place) if placed else None)


def mapping_lines(table: MappingTable) -> list[MappingLine]:
    """Return the lines that people see."""
    return [line_of(table.catalogue, source) for source in table.sources if source.is_shown]


def line_of(catalogue: Catalogue, source: Source) -> MappingLine:
    """Say what people read about one source."""
    if source.kind is MappingKind.TAX:
        target_name, problem = name_vat_code(catalogue, source.target, source.percentage)
    else:
        target_name, problem = name_ledger(catalogue, source.target)

    return MappingLine(
        source.kind,
        source.source_id,
        name_of(source),
        note_of(source),
        source.uses,
        source.target,
        target_name,
        problem,
        source.place,
        source.setting,
    )


def name_of(source: Source) -> str:
    """Return what people call a source."""
    if source.kind is MappingKind.DEFAULT:
        return str(_("Default ledger"))
    if source.kind is MappingKind.TAX and source.source_id == NO_RATE:
        return str(_("No tax rate"))
    return source.name


def note_of(source: Source) -> str:
    """Return what stands below the name of a source."""
    if source.kind is MappingKind.DEFAULT:
        return str(_("For lines that no mapping covers"))
    if source.kind is MappingKind.SERVICE:
        return str(_("Archived in Productive")) if source.archived else ""
    if source.percentage is None:
        return str(_("No percentage"))
    return f"{Decimal(source.percentage).normalize():f} %"
