"""Reads the body of a POST or PUT."""

from flask import request

from portal.sandbox.common.reading import parse_json
from portal.sandbox.exact.entities import Entity
from portal.sandbox.exact.errors import ExactError, unreadable
from portal.sandbox.exact.odata.values import read_value
from portal.sandbox.exact.store import Row
from portal.sandbox.exact.texts import say


def read_object() -> dict[str, object]:
    """The JSON object of the request."""
    if not request.is_json:
        raise unreadable("A Content-Type of application/json is expected.")

    try:
        body = parse_json(request.get_data())
    except ValueError:
        body = None

    if not isinstance(body, dict):
        raise unreadable("The body is not a JSON object.")

    return body


def read_new(entity: Entity, body: dict[str, object]) -> Row:
    """The fields of a POST. What is read-only is ignored without a word, what is unknown refused."""
    _refuse_unknown(entity, body)
    return {
        name: read_value(entity.fields[name], value)
        for name, value in body.items()
        if entity.fields[name].writable and entity.fields[name].kind != "c"
    }


def read_changes(entity: Entity, body: dict[str, object], row: Row, language: str) -> Row:
    """The fields of a PUT: changes only.

    What clients report (picqer/exact-php-client): its updates carry the key, which is taken if it is the
    row's own. A whole model is refused with 500 (#323, #416), which its collections that were never loaded
    ({"__deferred": …}) do not turn into a 400. Only real members of a collection are a binding (#538).
    """
    _refuse_unknown(entity, body)
    given = {name: value for name, value in body.items() if not _is_own_key(entity, row, name, value)}

    if any(_is_member(entity, name, value) for name, value in given.items()):
        raise unreadable(
            "Binding to new entities is not supported by this call: "
            "a collection cannot be changed through its owner."
        )

    plain = {name: value for name, value in given.items() if entity.fields[name].kind != "c"}
    if any(name == entity.key or not entity.fields[name].writable for name in plain):
        raise ExactError(500, say(language, "exists"))

    return {name: read_value(entity.fields[name], value) for name, value in plain.items()}


def _is_own_key(entity: Entity, row: Row, name: str, value: object) -> bool:
    return name == entity.key and str(value).strip("{} ").lower() == str(row[name]).lower()


def _is_member(entity: Entity, name: str, value: object) -> bool:
    is_deferred = isinstance(value, dict) and set(value) == {"__deferred"}
    return entity.fields[name].kind == "c" and value is not None and not is_deferred


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
