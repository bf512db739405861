"""The lines of the mappings screen: every source with its target, its use, and what is wrong."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from flask_babel import gettext as _

from portal.actions.connections.suggest import Suggestions
from portal.domain.booking.catalogue import Catalogue
from portal.domain.booking.mapping import MappingKey, MappingKind, Setting
from portal.domain.booking.place import Place
from portal.domain.booking.suggest import Suggested, Suggestion
from portal.store.mapping_table import NO_RATE, MappingTable, Source
from portal.web.common.suggestion_words import place_words, suggestion_words
from portal.web.mappings.targets import name_ledger, name_vat_code

NO_SOURCE = "-"
# What stands between a tax rate and a place in an address.
PLACED = "~"


class Stage(StrEnum):
    """How far a mapping is."""

    SUGGESTED = "suggested"
    TO_CHOOSE = "to-choose"
    DECIDED = "decided"


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
    suggestion: Suggestion = None
    suggested: tuple[str, ...] = ()
    may_have_own: bool = True

    @property
    def stage(self) -> Stage:
        """Say whether a person still has to do something about it."""
        if self.target is not None and self.problem is None:
            return Stage.DECIDED
        return Stage.SUGGESTED if self.suggested_target else Stage.TO_CHOOSE

    @property
    def suggested_target(self) -> str | None:
        """Return what one click accepts."""
        return self.suggestion.target if isinstance(self.suggestion, Suggested) else None

    @property
    def accepted(self) -> str:
        """Spell the suggestion as a form sends it."""
        return spell_accepted(self.mapping_key, self.suggested_target or "")

    @property
    def because(self) -> str:
        """Say why something is suggested, or why it is a question."""
        return suggestion_words(self.suggestion.because) if self.suggestion else ""

    @property
    def is_split(self) -> bool:
        """Say whether its rate has a code for each place."""
        return self.place is not None

    @property
    def leads(self) -> bool:
        """Say whether it is the first row of its rate, which carries the name of it."""
        return self.place in (None, Place.DOMESTIC)

    @property
    def place_name(self) -> str:
        """Say where its customers are."""
        return place_words(self.place)

    @property
    def group(self) -> str:
        """Return the id of what the page can be asked to lead to."""
        return key_of(MappingKey(self.kind, self.source_id))

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


def spell_accepted(key: MappingKey, target: str) -> str:
    """Spell a suggestion as a form sends it, so that only what a person saw is accepted."""
    return f"{key.kind}/{slug_of(key)}/{target}"


def mapping_lines(table: MappingTable, suggestions: Suggestions) -> list[MappingLine]:
    """Return the lines that people see, those that need a hand first."""
    lines = [
        line_of(table.catalogue, source, suggestions.find(source.key))
        for source in table.sources
        if source.is_shown
    ]
    order = list(Stage)
    first: dict[str, int] = {}
    for line in lines:
        # The rows of a split rate stay together.
        first[line.group] = min(order.index(line.stage), first.get(line.group, len(order)))

    return sorted(lines, key=lambda line: first[line.group])


def line_of(catalogue: Catalogue, source: Source, suggestion: Suggestion = None) -> MappingLine:
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
        suggestion,
        tuple(name_of_target(catalogue, source, target) for target in targets_of(suggestion)),
        source.may_have_own,
    )


def targets_of(suggestion: Suggestion) -> tuple[str, ...]:
    """Return the targets of a suggestion, several of a question."""
    if suggestion is None:
        return ()
    return (suggestion.target,) if isinstance(suggestion, Suggested) else suggestion.targets


def name_of_target(catalogue: Catalogue, source: Source, target: str) -> str:
    """Return what people call a target of a source."""
    if source.kind is MappingKind.TAX:
        return name_vat_code(catalogue, target, None)[0]
    return name_ledger(catalogue, target)[0]


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
