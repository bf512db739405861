"""JSON:API as Productive speaks it: errors, resources, relations, includes.

A relation that was not asked for comes as ``{"meta": {"included": false}}``, without even an id. Only
``organization`` always has its data.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from portal.sandbox.common.odd import USUAL, Odd, repeat
from portal.sandbox.productive.filters import Field
from portal.sandbox.productive.rows import Row
from portal.sandbox.productive.state import Sandbox

MEDIA_TYPE = "application/vnd.api+json"
NOT_INCLUDED: Mapping[str, object] = {"meta": {"included": False}}

Includes = dict[str, "Includes"]
Found = int | None | Sequence[int]


@dataclass(frozen=True)
class Relation:
    """Where a relation leads: the type of its target, and how its id (or ids) is found."""

    type: str
    find: Callable[[Any, Sandbox], Found]


def leads_nowhere(_row: Row, _state: Sandbox) -> None:
    """A relation that the sandbox knows but that is always empty."""


def has_none(_row: Row, _state: Sandbox) -> Sequence[int]:
    """A relation to many that is always empty."""
    return ()


NOWHERE = Relation("", leads_nowhere)
NONE_OF_MANY = Relation("", has_none)


@dataclass(frozen=True)
class Resource:
    """How one type of record is listed, filtered, sorted and shown."""

    type: str
    rows: Callable[[Sandbox], Mapping[int, Any]]
    attributes: Callable[[Any, Sandbox], dict[str, object]]
    relations: Mapping[str, Relation] = field(default_factory=dict)
    filters: Mapping[str, Field] = field(default_factory=dict)
    sorts: Mapping[str, Callable[[Any, Sandbox], Any]] = field(default_factory=dict)
    unkeyed_sorts: frozenset[str] = frozenset()
    order: str = ""
    is_shown: Callable[[Any], bool] = lambda _row: True
    has_organization: bool = True
    is_served: bool = True
    narrow: Callable[[Sandbox, Mapping[str, Mapping[str, Sequence[str]]]], Iterable[Any] | None] = (
        lambda _state, _conditions: None
    )


class Shaper:
    """Turns rows into a document and collects what is to be included, each record once."""

    def __init__(self, state: Sandbox, resources: Mapping[str, Resource], organization: str) -> None:
        self._state = state
        self._resources = resources
        self._organization = {"data": {"type": "organizations", "id": organization}}

    def shape(self, resource: Resource, row: Row, includes: Includes) -> dict[str, object]:
        """One resource object."""
        relations = {
            name: self._shape_relation(relation, row) if name in includes else NOT_INCLUDED
            for name, relation in resource.relations.items()
        }
        if resource.has_organization:
            relations = {"organization": self._organization, **relations}

        odd = self._odd(resource, row)
        return {
            "id": str(row.id),
            "type": resource.type,
            "attributes": odd.lay_over(resource.attributes(row, self._state)),
            "relationships": odd.lay_over_relations(relations),
        }

    def shape_list(
        self, resource: Resource, rows: Iterable[Row], includes: Includes
    ) -> list[dict[str, object]]:
        """The resource objects of a list. An odd row may be there twice."""
        return repeat((self.shape(resource, row, includes), self._odd(resource, row)) for row in rows)

    def _odd(self, resource: Resource, row: Row) -> Odd:
        odd = self._state.tables.odd
        return odd.get(f"{resource.type}/{row.id}", USUAL) if odd else USUAL

    def _shape_relation(self, relation: Relation, row: Row) -> Mapping[str, object]:
        found = relation.find(row, self._state)
        if found is None or isinstance(found, int):
            return {"data": _identify(relation, found)}
        return {"data": [_identify(relation, id_) for id_ in found]}

    def collect(self, resource: Resource, rows: Iterable[Row], includes: Includes) -> list[dict[str, object]]:
        """What ``includes`` leads to from these rows."""
        wanted: dict[tuple[str, int], Includes] = {}
        self._walk(resource, rows, includes, wanted)
        return [
            self.shape(self._resources[type_], self._resources[type_].rows(self._state)[id_], tree)
            for (type_, id_), tree in wanted.items()
        ]

    def _walk(
        self,
        resource: Resource,
        rows: Iterable[Row],
        includes: Includes,
        wanted: dict[tuple[str, int], Includes],
    ) -> None:
        for name, deeper in includes.items():
            relation = resource.relations.get(name)
            target = self._resources.get(relation.type) if relation else None
            if relation is None or target is None:
                continue

            ids = dict.fromkeys(id_ for row in rows for id_ in _as_ids(relation.find(row, self._state)))
            for id_ in ids:
                _merge(wanted.setdefault((target.type, id_), {}), deeper)

            if deeper:
                self._walk(target, [target.rows(self._state)[id_] for id_ in ids], deeper, wanted)


def _identify(relation: Relation, id_: int | None) -> Mapping[str, str] | None:
    return None if id_ is None else {"type": relation.type, "id": str(id_)}


def _as_ids(found: Found) -> Sequence[int]:
    if found is None:
        return ()
    return (found,) if isinstance(found, int) else found


def _merge(into: Includes, more: Includes) -> None:
    for name, deeper in more.items():
        _merge(into.setdefault(name, {}), deeper)
