"""Productive's dialect of JSON:API, spoken and understood: documents, relations, filters, links."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar
from urllib.parse import urljoin, urlsplit

import msgspec

from portal.domain.characters import clean
from portal.domain.unreadable import Fault, Reason
from portal.productive.oddities import check_attributes, name_oddity
from portal.remote.bodies import read_json, shallow
from portal.remote.errors import BadAnswerError
from portal.remote.odd import OddValueError, show

MEDIA_TYPE = "application/vnd.api+json"
PAGE_SIZE = 200
# Ids are numbers of some digits.
MOST_KEY = 64
# Half a character spelt out, or a control that stands in the middle of a text.
_SUSPECT = re.compile(rb"\\u[dD][89a-fA-F]|[\x00-\x08\x0b\x0c\x0e-\x1f]")
_ENCODER = msgspec.json.Encoder(decimal_format="number")

T = TypeVar("T")
Params = dict[str, str]


class Reference(msgspec.Struct, frozen=True):
    """What a relation points at. ``kind`` is the type on the wire."""

    kind: str = msgspec.field(name="type")
    id: str = msgspec.field()


class Relation(msgspec.Struct, frozen=True):
    """A relation. Without ``include`` it comes with no data at all, not even an id."""

    data: Reference | list[Reference] | msgspec.UnsetType | None = msgspec.UNSET


class Resource(msgspec.Struct, frozen=True):
    """One object. Its attributes stay raw until someone says what they should be.

    ``fault`` says why the object itself cannot be read. It never comes over the wire.
    """

    id: str
    kind: str = msgspec.field(name="type")
    attributes: msgspec.Raw = msgspec.Raw(b"{}")
    relationships: dict[str, msgspec.Raw] | None = None
    fault: Fault | None = msgspec.field(default=None, name="(fault)")

    def read(self, shape: type[T]) -> T:
        """Read the attributes as a shape, cleaned. Raise OddValueError where they are something else."""
        if self.fault:
            raise self._odd(self.fault)

        try:
            said = msgspec.json.decode(self.attributes, type=shape)
        except msgspec.MsgspecError as error:
            raise self._odd(name_oddity(error, self._plain()).fault) from error

        try:
            check_attributes(said)
        except OddValueError as error:
            raise self._odd(error.fault) from error

        return said

    def includes(self, name: str) -> bool:
        """Say whether the answer tells what a relation points at."""
        return self.find_relation(name) is not msgspec.UNSET

    def find_id(self, name: str) -> str | None:
        """Return the id a relation points at, None where it points at nothing or was not included."""
        data = self.find_relation(name)
        return data.id if isinstance(data, Reference) else None

    def find_relation(self, name: str) -> Reference | list[Reference] | msgspec.UnsetType | None:
        """Return what a relation points at, UNSET where it was not included."""
        raw = (self.relationships or {}).get(name)
        if raw is None:
            return msgspec.UNSET

        try:
            data = msgspec.json.decode(raw, type=Relation).data
        except msgspec.MsgspecError as error:
            raise self._odd(Fault(Reason.NO_KEY, name)) from error

        for each in data if isinstance(data, list) else [data]:
            if isinstance(each, Reference) and not _is_key(each.id):
                raise self._odd(Fault(Reason.NO_KEY, name, show(each.id)))

        return data

    def guess(self, *names: str) -> str:
        """Return the first of some attributes that says something to people, however odd the rest is."""
        plain = self._plain()
        values = (plain.get(name) for name in names)
        return next((show(value) for value in values if isinstance(value, str | int) and value), "")

    def _plain(self) -> dict[str, Any]:
        try:
            plain = msgspec.json.decode(self.attributes)
        except msgspec.MsgspecError:
            return {}
        return plain if isinstance(plain, dict) else {}

    def _odd(self, fault: Fault) -> OddValueError:
        return OddValueError(fault, of=f"Productive sent {self.kind} {self.id} in another shape")


class Links(msgspec.Struct, frozen=True):
    """Where the list goes on. ``next`` is absent on the last page."""

    next: str | None = None


class Meta(msgspec.Struct, frozen=True):
    """How long a list is. Cursor pages do not tell."""

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
        """The single resource of an answer. Raises BadAnswerError for anything else."""
        if not isinstance(self.data, Resource):
            raise BadAnswerError("Productive sent something else than one object.")
        return self.data

    @property
    def many(self) -> list[Resource]:
        """The resources of a list. Raises BadAnswerError for anything else."""
        if not isinstance(self.data, list):
            raise BadAnswerError("Productive sent something else than a list.")
        return self.data

    def index(self) -> "Included":
        """Return the included resources by type and id."""
        return {(resource.kind, resource.id): resource for resource in self.included}


Included = Mapping[tuple[str, str], Resource]


class _Envelope(msgspec.Struct, frozen=True):
    data: msgspec.Raw
    included: list[msgspec.Raw] = []
    links: Links = Links()
    meta: Meta = Meta()


def read_document(body: bytes) -> Document:
    """Read a body. Raise BadAnswerError where it is no JSON:API document.

    A resource that cannot be read stands in its place with its fault.
    """
    try:
        return _read_document(body)
    except RecursionError:
        pass
    except ValueError as error:
        raise BadAnswerError(f"Productive sent an answer that cannot be read: {error}") from error

    try:
        return _read_document(shallow(body.decode("utf-8-sig", "replace")).encode())
    except (ValueError, RecursionError) as error:
        raise BadAnswerError(f"Productive sent an answer that cannot be read: {error}") from error


def _read_document(body: bytes) -> Document:
    envelope = msgspec.json.decode(_mended(body), type=_Envelope)
    data = msgspec.json.decode(envelope.data, type=list[msgspec.Raw] | dict[str, msgspec.Raw] | None)
    return Document(
        [_read_resource(each) for each in data]
        if isinstance(data, list)
        else data and _read_resource(envelope.data),
        [_read_resource(each) for each in envelope.included],
        envelope.links,
        envelope.meta,
    )


def _mended(body: bytes) -> bytes:
    """Return a body without halves of characters, controls and bytes that are no text."""
    try:
        body.decode()
        if not _SUSPECT.search(body):
            return body
    except UnicodeDecodeError:
        pass

    read = read_json(body.decode("utf-8-sig", "replace"))
    return _ENCODER.encode(_mend(read))


def _mend(value: object) -> object:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [_mend(each) for each in value]
    if isinstance(value, dict):
        return {clean(name): _mend(each) for name, each in value.items()}
    if isinstance(value, Decimal) and not value.is_finite():
        return str(value)

    return value


def _read_resource(raw: msgspec.Raw) -> Resource:
    try:
        read = msgspec.json.decode(raw, type=Resource)
        if _is_key(read.id):
            return read

        odd = Fault(Reason.NO_KEY, "id", show(read.id))
        return Resource("", read.kind, read.attributes, read.relationships, odd)
    except msgspec.MsgspecError as error:
        plain = msgspec.json.decode(raw)
        fields: dict[str, Any] = plain if isinstance(plain, dict) else {}
        id_ = fields.get("id")
        kind = fields.get("type")

        return Resource(
            id=show(id_) if isinstance(id_, str | int) and not isinstance(id_, bool) else "",
            kind=show(kind) if isinstance(kind, str) else "",
            attributes=msgspec.Raw(msgspec.json.encode(fields.get("attributes"))),
            fault=name_oddity(error, plain).fault,
        )


def _is_key(text: str) -> bool:
    """Say whether an id can be kept, asked for, and put into an address."""
    return 0 < len(text) <= MOST_KEY and text.isascii() and text.isprintable()


def find_related(resource: Resource, name: str, included: Included) -> Resource | None:
    """Return what a relation points at, None for nothing. Raise OddValueError where it was left out."""
    relation = resource.find_relation(name)
    if relation is msgspec.UNSET:
        raise OddValueError(Fault(Reason.LEFT_OUT, name), of=f"Productive sent {resource.kind} {resource.id}")
    if not isinstance(relation, Reference):
        return None

    related = included.get((relation.kind, relation.id))
    if related is None:
        left_out = Fault(Reason.LEFT_OUT, name, relation.id)
        raise OddValueError(left_out, of=f"Productive sent {resource.kind} {resource.id}")

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
    """Return where a list goes on.

    Raise BadAnswerError for another host, for the token would go there.
    """
    if not document.links.next:
        return None

    url = urljoin(current, document.links.next)
    here = urlsplit(base_url)
    there = urlsplit(url)
    if (there.scheme, there.netloc) != (here.scheme, here.netloc):
        raise BadAnswerError(f"Productive's list goes on at another host: {there.netloc}.")
    if not there.path.startswith(here.path):
        raise BadAnswerError(f"Productive's list goes on outside its API: {there.path}.")

    return url
