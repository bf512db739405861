"""Field names and types of the served entities, spelled ``Name:type``.

Types: g guid, s string, h int16, i int32, l int64, d double, t date and time, b boolean, y byte, x binary,
c collection. ``+`` follows what a client may write, ``!`` what it must give on POST.
"""

from collections.abc import Mapping
from dataclasses import dataclass

EDM = {
    "g": "Edm.Guid",
    "s": "Edm.String",
    "h": "Edm.Int16",
    "i": "Edm.Int32",
    "l": "Edm.Int64",
    "d": "Edm.Double",
    "t": "Edm.DateTime",
    "b": "Edm.Boolean",
    "y": "Edm.Byte",
    "x": "Edm.Binary",
    "c": "Collection",
}


@dataclass(frozen=True, slots=True)
class Field:
    """One property of an entity."""

    name: str
    kind: str
    writable: bool
    mandatory: bool


def read_fields(spelled: str, *, only: str = "", writable: bool = True) -> Mapping[str, Field]:
    """The fields by name. ``only`` narrows what is writable, ``writable=False`` makes all read-only."""
    allowed = set(only.split())
    fields = {}

    for word in spelled.split():
        name, _, rest = word.partition(":")
        may_write = writable and "+" in rest and (not allowed or name in allowed)
        fields[name] = Field(name, rest[0], may_write, may_write and "!" in rest)

    return fields
