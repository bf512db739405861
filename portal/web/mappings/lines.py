"""The lines of the mappings screen: every source with its target, its use, and what is wrong."""

from dataclasses import dataclass
from decimal import Decimal

from flask_babel import gettext as _

from portal.domain.booking.catalogue import Catalogue
from portal.domain.booking.mapping import MappingKind
from portal.store.mapping_table import NO_RATE, MappingTable, Source
from portal.web.mappings.targets import name_ledger, name_vat_code


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

    @property
    def slug(self) -> str:
        """Return the source as it stands in an address."""
        return self.source_id or "-"

    @property
    def key(self) -> str:
        """Return what ids in the page are made of."""
        return key_of(self.kind, self.source_id)

    @property
    def is_open(self) -> bool:
        """Say whether nothing is chosen, or what was chosen no longer works."""
        return self.target is None or self.problem is not None


def key_of(kind: MappingKind, source_id: str) -> str:
    """Return what ids in the page are made of."""
    return f"{kind}-{source_id or 'none'}"


def source_of(slug: str) -> str:
    """Return the source that an address names."""
    return "" if slug == "-" else slug


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
