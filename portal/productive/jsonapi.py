"""Productive's dialect of JSON:API, spoken and understood: documents, relations, filters, links."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, TypeVar
from urllib.parse import urljoin, urlsplit

import msgspec

from portal.remote.errors import BadAnswerError

MEDIA_TYPE = "application/vnd.api+json"
PAGE_SIZE = 200

T = TypeVar("T")
Params = dict[str, str]


class Reference(msgspec.Struct, frozen=True):
    """What a relation points at; ``kind`` is the type on the wire."""

    kind: str = msgspec.field(name="type")
    id: str = msgspec.field()


class Relation(msgspec.Struct, frozen=True):
    """A relation; without ``include`` it comes with no data at all, not even an id."""

    data: Reference | list[Reference] | msgspec.UnsetType | None = msgspec.UNSET


class Resource(msgspec.Struct, frozen=True):
    """One object; its attributes stay raw until someone says what they should be."""

    id: str
    kind: str = msgspec.field(name="type")
    attributes: msgspec.Raw = msgspec.Raw(b"{}")
    relationships: dict[str, Relation] = {}

    def read(self, shape: type[T]) -> T:
        """Read the attributes as a shape; raise BadAnswerError where they are something else."""
        try:
            return msgspec.json.decode(self.attributes, type=shape)
        except msgspec.MsgspecError as error:
            raise BadAnswerError(
                f"Productive sent {self.kind} {self.id} in another shape: {error}"
            ) from error

    def includes(self, name: str) -> bool:
        """Say whether the answer tells what a relation points at."""
        relation = self.relationships.get(name)
        return relation is not None and relation.data is not msgspec.UNSET

    def find_id(self, name: str) -> str | None:
        """Return the id a relation points at, None where it points at nothing or was not included."""
        relation = self.relationships.get(name)
        return relation.data.id if relation and isinstance(relation.data, Reference) else None


class Links(msgspec.Struct, frozen=True):
    """Where the list goes on; ``next`` is absent on the last page."""

    next: str | None = None


class Meta(msgspec.Struct, frozen=True):
    """How long a list is; cursor pages do not tell."""

    total_pages: int | None = None
    total_count: int | None = None


class Document(msgspec.Struct, frozen=True):
    """A whole answer."""

    data: Resource | list[Resource] | None
    included: list[Resource] = []
    links: Links = Links()
    meta: Meta = Meta()

    @property
    def one(self) -> Resource:
        """The single resource of an answer; raise BadAnswerError for anything else."""
        if not isinstance(self.data, Resource):
            raise BadAnswerError("Productive sent something else than one object.")
        return self.data

    @property
    def many(self) -> list[Resource]:
        """The resources of a list; raise BadAnswerError for anything else."""
        if not isinstance(self.data, list):
            raise BadAnswerError("Productive sent something else than a list.")
        return self.data

    def index(self) -> "Included":
        """Return the included resources by type and id."""
        return {(resource.kind, resource.id): resource for resource in self.included}


Included = Mapping[tuple[str, str], Resource]


def read_document(body: bytes) -> Document:
    """Read a body; raise BadAnswerError where it is no JSON:API document."""
    try:
        return msgspec.json.decode(body, type=Document)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise BadAnswerError(f"Productive sent an answer that cannot be read: {error}") from error


def find_related(resource: Resource, name: str, included: Included) -> Resource | None:
    """Return what a relation points at, None for nothing; raise BadAnswerError where it was left out."""
    if not resource.includes(name):
        raise BadAnswerError(f"Productive left out the {name} of {resource.kind} {resource.id}.")
    relation = resource.relationships[name].data
    if not isinstance(relation, Reference):
        return None
    related = included.get((relation.kind, relation.id))
    if related is None:
        raise BadAnswerError(f"Productive left out {relation.kind} {relation.id}.")
    return related


def spell_value(value: object) -> str:
    """Spell a filter value: lists with commas, dates as ISO, truth as true or false."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ",".join(map(spell_value, value))
    return str(value)


def spell_filter(field: str, value: object, operator: str | None = None) -> Params:
    """Spell one filter, such as ``filter[invoiced_on][gt_eq]=2026-01-01``."""
    key = f"filter[{field}][{operator}]" if operator else f"filter[{field}]"
    return {key: spell_value(value)}


def spell_list(
    *filters: Params, include: Sequence[str] = (), sort: str | None = None, size: int = PAGE_SIZE
) -> Params:
    """Spell the query of a list, paging apart."""
    params: Params = {"page[size]": str(size)}
    for each in filters:
        params |= each
    if include:
        params["include"] = ",".join(include)
    if sort:
        params["sort"] = sort
    return params


def spell_resource(
    kind: str,
    attributes: Mapping[str, Any],
    *,
    key: str | None = None,
    relations: Mapping[str, Reference] | None = None,
) -> bytes:
    """Spell the body of a write: ``key`` is the id of what is changed, ``relations`` are to-one."""
    resource: dict[str, Any] = {"type": kind, "attributes": dict(attributes)}
    if key is not None:
        resource["id"] = key
    if relations:
        resource["relationships"] = {name: {"data": each} for name, each in relations.items()}
    return msgspec.json.encode({"data": resource})


def next_url(document: Document, *, base_url: str, current: str) -> str | None:
    """Return where a list goes on; raise BadAnswerError for another host, for the token would go there."""
    if not document.links.next:
        return None
    url = urljoin(current, document.links.next)
    here, there = urlsplit(base_url), urlsplit(url)
    if (there.scheme, there.netloc) != (here.scheme, here.netloc):
        raise BadAnswerError(f"Productive's list goes on at another host: {there.netloc}.")
    if not there.path.startswith(here.path):
        raise BadAnswerError(f"Productive's list goes on outside its API: {there.path}.")
    return url
