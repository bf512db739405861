"""Reads the body of a POST or PUT."""

from flask import request

from portal.sandbox.exact.entities import Entity
from portal.sandbox.exact.errors import ExactError, unreadable
from portal.sandbox.exact.odata.values import read_value
from portal.sandbox.exact.store import Row
from portal.sandbox.exact.texts import say


def read_object() -> dict[str, object]:
    """The JSON object of the request."""
    if not request.is_json:
        raise unreadable("A Content-Type of application/json is expected.")
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise unreadable("The body is not a JSON object.")
    return body


def read_new(entity: Entity, body: dict[str, object]) -> Row:
    """The fields of a POST; what is read-only is ignored without a word, what is unknown refused."""
    _refuse_unknown(entity, body)
    return {
        name: read_value(entity.fields[name], value)
        for name, value in body.items()
        if entity.fields[name].writable and entity.fields[name].kind != "c"
    }


def read_changes(entity: Entity, body: dict[str, object], language: str) -> Row:
    """The fields of a PUT: changes only. A whole model is refused, and so are members of a collection."""
    _refuse_unknown(entity, body)
    for name, value in body.items():
        if entity.fields[name].kind == "c" and value is not None:
            raise unreadable(
                "Binding to new entities is not supported by this call: "
                f"property '{name}' cannot be changed through its owner."
            )
    if any(name == entity.key or not entity.fields[name].writable for name in body):
        raise ExactError(500, say(language, "exists"))
    return {name: read_value(entity.fields[name], value) for name, value in body.items()}


def read_members(target: Entity, value: object) -> list[Row]:
    """The members of a collection inside a POST."""
    if isinstance(value, dict) and "results" in value:
        value = value["results"]
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise unreadable("A collection must be a list of objects.")
    return [read_new(target, each) for each in value]


def _refuse_unknown(entity: Entity, body: dict[str, object]) -> None:
    for name in body:
        if name not in entity.fields and name != "__metadata":
            raise unreadable(
                f"The property name '{name}' specified for type '{entity.type_name}' is not valid."
            )
    body.pop("__metadata", None)
