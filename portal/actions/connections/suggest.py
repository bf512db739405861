"""Suggest what is not mapped yet, and accept suggestions, one by one or all at once."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from rapidfuzz.fuzz import token_sort_ratio
from sqlalchemy.orm import Session

from portal.actions.connections.mapping import (
    CannotMapError,
    Setter,
    Targets,
    open_mappings,
    write_mappings,
)
from portal.actions.engine.jobs import Job
from portal.actions.engine.ports import Nudge
from portal.actions.engine.turn import transaction
from portal.domain.booking.mapping import MappingKey, MappingKind
from portal.domain.booking.place import Place
from portal.domain.booking.suggest import Suggested, Suggestion, Tie
from portal.domain.booking.suggest_ledgers import Precedent, rank_accounts, suggest_ledger
from portal.domain.booking.suggest_vat import Rate, rank_vat_codes, suggest_vat
from portal.domain.happened import Happened
from portal.domain.here import day_here
from portal.domain.refused import Refused
from portal.domain.said import said
from portal.store.connections import ConnectionRow
from portal.store.mapping_table import MappingTable, Source, read_table
from portal.store.precedents import read_precedents
from portal.store.rate_uses import uses_by_place


@dataclass(frozen=True, slots=True)
class Suggestions:
    """What is suggested for the sources that lead nowhere yet, or asked where several fit equally."""

    by_key: Mapping[MappingKey, Suggested | Tie]

    def find(self, key: MappingKey) -> Suggestion:
        """Return what is suggested for a source, None where nothing fits."""
        return self.by_key.get(key)

    def of(self, kind: MappingKind, source_id: str, place: Place | None = None) -> Suggestion:
        """Return what is suggested for a service type or a tax rate."""
        return self.find(MappingKey(kind, source_id, place))

    @property
    def certain(self) -> dict[MappingKey, Suggested]:
        """Return what can be accepted, without the questions."""
        return {key: one for key, one in self.by_key.items() if isinstance(one, Suggested)}

    @property
    def questions(self) -> dict[MappingKey, Tie]:
        """Return where several fit equally."""
        return {key: one for key, one in self.by_key.items() if isinstance(one, Tie)}


@dataclass(frozen=True, slots=True)
class Accepted:
    """What became of accepting: the table with it, and the sources that were mapped."""

    table: MappingTable
    keys: tuple[MappingKey, ...]


def suggest_for(session: Session, connection: ConnectionRow, *, today: date) -> Suggestions:
    """Suggest what a connection's sources may lead to."""
    table = read_table(session, connection)
    return suggest_in(session, connection, table, today=today)


def suggest_in(
    session: Session, connection: ConnectionRow, table: MappingTable, *, today: date
) -> Suggestions:
    """Suggest what the sources of a table may lead to that lead nowhere yet."""
    suggester = Suggester(session, connection, table, today)
    open_sources = [one for one in table.sources if one.is_shown and one.target is None]
    found = {source.key: suggester.suggest(source) for source in open_sources}

    return Suggestions({key: one for key, one in found.items() if one is not None})


def accept(
    session: Session,
    nudge: Nudge,
    setter: Setter,
    keys: Mapping[MappingKey, str] | None = None,
) -> Accepted:
    """Map sources to what is suggested for them, all without keys. Raises CannotMapError if none is left.

    A key is accepted only while what is suggested is what the person saw.
    """
    with transaction(session):
        opened = open_mappings(session, setter.connection_id)
        certain = suggest_in(session, opened.connection, opened.table, today=day_here(setter.at)).certain
        wanted = {key: one.target for key, one in certain.items()} if keys is None else keys
        taken = {key: certain[key] for key, seen in wanted.items() if _is_still(certain.get(key), seen)}

        if not taken:
            raise CannotMapError(Refused.NO_LONGER_SUGGESTED, opened.table)

        targets: Targets = {key: (one.target, one.because) for key, one in taken.items()}
        accepted = said(Happened.SUGGESTIONS_ACCEPTED, count=len(taken))
        table = write_mappings(session, opened, setter, targets, accepted)

    nudge(Job.LOOK_AT_HELD, str(setter.connection_id))
    return Accepted(table, tuple(taken))


def score_names(one: str, other: str) -> float:
    """Return how alike two names are, from 0 to 1."""
    return token_sort_ratio(one, other) / 100


def _is_still(suggested: Suggested | None, seen: str) -> bool:
    return suggested is not None and suggested.target == seen


class Suggester:
    """Suggests for the sources of one connection, and reads what it needs once."""

    def __init__(self, session: Session, connection: ConnectionRow, table: MappingTable, today: date) -> None:
        self.session = session
        self.connection = connection
        self.table = table
        self.today = today

    def order(self, source: Source) -> list[str]:
        """Return the targets that a source may lead to, those that fit best first."""
        catalogue = self.table.catalogue
        if source.kind is MappingKind.TAX:
            codes = rank_vat_codes(self._rate(source), catalogue, self.today, score_names)
            return [code.code for code in codes]

        return [one.id for one in rank_accounts(source.name, catalogue, self.precedents, score_names)]

    def suggest(self, source: Source) -> Suggestion:
        """Suggest what a source may lead to, None where nothing fits."""
        if source.kind is MappingKind.SERVICE:
            return suggest_ledger(source.name, self.table.catalogue, self.precedents, score_names)
        if source.kind is MappingKind.TAX:
            return suggest_vat(self._rate(source), self.table.catalogue, self.today, score_names)
        return None

    @cached_property
    def precedents(self) -> list[Precedent]:
        """Return what was chosen for service types before."""
        return read_precedents(self.session, self.connection, self.table.catalogue)

    @cached_property
    def seen(self) -> Mapping[str, Counter[Place | None]]:
        """Return where the customers of the rates without VAT are."""
        rates = [one for one in self.table.sources if one.kind is MappingKind.TAX and one.place is None]
        free = {one.source_id for one in rates if not _percentage(one)}
        return uses_by_place(self.session, self.connection, free)

    def _rate(self, source: Source) -> Rate:
        percentage = _percentage(source)
        if percentage or source.place:
            return Rate(source.name, percentage, source.place)

        seen = frozenset(place for place in self.seen[source.source_id] if place)
        return Rate(source.name, percentage, None, seen)


def _percentage(source: Source) -> Decimal:
    return Decimal(source.percentage or 0)
