"""Answers in the form that was asked for: JSON where Accept names it, Atom otherwise."""

from datetime import datetime

import msgspec
from flask import Response, request

from portal.sandbox.exact.entities import Entity
from portal.sandbox.exact.errors import ExactError
from portal.sandbox.exact.odata.atom import write_entry, write_fault, write_feed


def wants_atom() -> bool:
    """Whether nobody asked for JSON. A client that says nothing gets Atom, as two of them report."""
    return "application/json" not in request.headers.get("Accept", "")


def answer_list(entity: Entity, listed: object, now: datetime) -> Response:
    """A page of rows."""
    if wants_atom():
        return _as_atom(write_feed(entity, listed, request.base_url, now), "feed", 200)
    return _as_json({"d": listed}, 200)


def answer_row(entity: Entity, row: object, now: datetime, status: int = 200) -> Response:
    """One row."""
    if wants_atom():
        return _as_atom(write_entry(entity, row, request.base_url, now), "entry", status)
    return _as_json({"d": row}, status)


def answer_fault(error: ExactError) -> Response:
    """Exact's error body."""
    if wants_atom():
        return Response(write_fault(error.text), error.status, content_type="application/xml;charset=utf-8")
    return _as_json(error.body(), error.status)


def _as_json(body: object, status: int) -> Response:
    return Response(msgspec.json.encode(body), status, content_type="application/json; charset=utf-8")


def _as_atom(text: str, kind: str, status: int) -> Response:
    response = Response(text, status, content_type=f"application/atom+xml;type={kind};charset=utf-8")
    response.headers["DataServiceVersion"] = "2.0;"
    return response
