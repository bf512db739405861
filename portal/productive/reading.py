"""How Productive's resources are read one by one, and what is told of one that cannot be read."""

from collections.abc import Callable, Iterable
from typing import Protocol, TypeVar

from portal.domain.unreadable import Fault, Kind, Unreadable
from portal.productive.jsonapi import Resource
from portal.remote.errors import BadAnswerError
from portal.remote.odd import fingerprint, read_each


class Known(Protocol):
    """What has an id."""

    @property
    def id(self) -> str:
        """Return the id in Productive."""


K = TypeVar("K", bound=Known)


def read_resources(
    kind: Kind, resources: Iterable[Resource], parse: Callable[[Resource], K]
) -> list[K | Unreadable]:
    """Read resources. One that cannot be read is told in its place."""
    return read_each(resources, parse, lambda one, fault: tell(kind, one, fault), lambda one: one.id)


def tell(kind: Kind, resource: Resource, fault: Fault) -> Unreadable:
    """Tell of a resource that cannot be read what can be read of it."""
    return Unreadable(
        kind,
        resource.id or fingerprint({"attributes": bytes(resource.attributes).decode(errors="replace")}),
        resource.guess("number", "name", "description"),
        fault,
        parent=_guess_id(resource, "invoice"),
        subsidiary=_guess_id(resource, "subsidiary"),
    )


def _guess_id(resource: Resource, relation: str) -> str:
    try:
        return resource.find_id(relation) or ""
    except BadAnswerError:
        return ""
