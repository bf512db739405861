"""What comes in from outside as every database takes it: no NUL in a text, no number beyond a row's."""

from collections.abc import Iterable
from typing import Any

from flask import Flask, Request, abort, request
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.routing import IntegerConverter, Map

NUL = "\0"
ODD = "\ufffd"
LARGEST = 2**31 - 1


class Texts(ImmutableMultiDict[str, str]):
    """The arguments of an address, or the fields of a form."""

    # Nothing is found by a NUL that was replaced.

    def __init__(self, pairs: Iterable[tuple[str, str]] = ()) -> None:
        super().__init__((name.replace(NUL, ODD), text.replace(NUL, ODD)) for name, text in pairs)


class TextRequest(Request):
    """A request whose texts can be asked for in any database."""

    parameter_storage_class = Texts

    def __init__(self, environ: dict[str, Any], populate_request: bool = True, shallow: bool = False) -> None:
        super().__init__(environ, populate_request, shallow)
        self.query_string = self.query_string.decode(errors="replace").encode()


class RowNumber(IntegerConverter):
    """The number of a row in an address. A larger one, or one in other digits than ours, is no address."""

    regex = "[0-9]+"

    def __init__(self, map: Map) -> None:
        super().__init__(map, max=LARGEST)


def row_number(text: str) -> int:
    """Read the number of a row, as in an address. ValueError where there can be none."""
    if not (text.isascii() and text.isdecimal()) or len(text) > len(str(LARGEST)) or int(text) > LARGEST:
        raise ValueError(text)
    return int(text)


def take_texts(app: Flask) -> None:
    """Let the app take only what its database takes."""
    # This comes before the blueprints are registered.
    app.request_class = TextRequest
    app.url_map.converters["int"] = RowNumber
    app.before_request(refuse_odd_address)


def refuse_odd_address() -> None:
    """Answer 404 to an address with a NUL in it."""
    # No row has such a name.
    if NUL in request.path:
        abort(404)
