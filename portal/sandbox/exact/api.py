"""The REST API below ``/api/v1``."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote, urlencode
from uuid import UUID

from flask import Blueprint, Response, request

from portal.sandbox.common.reading import parse_whole
from portal.sandbox.exact.answers import answer_fault, answer_list, answer_row
from portal.sandbox.exact.entities import ENTITIES, ME, Entity
from portal.sandbox.exact.errors import ExactError, PlainError, bad_request, not_found
from portal.sandbox.exact.gate import (
    NO_DIVISION,
    Visit,
    check_division,
    check_scope,
    check_token,
)
from portal.sandbox.exact.me import me_row
from portal.sandbox.exact.odata.query import Page, each_wanted, find_page, read_query
from portal.sandbox.exact.odata.render import Address, find_members, render_key, render_page, render_row
from portal.sandbox.exact.stamps import stamp_postings
from portal.sandbox.exact.state import ExactState
from portal.sandbox.exact.store import Books, Row, Value
from portal.sandbox.exact.texts import say
from portal.sandbox.exact.users import User
from portal.sandbox.exact.writes import perform_change, perform_create, perform_delete
from portal.sandbox.exact.writing import read_object

_PATH = re.compile(r"(?P<path>[A-Za-z/]+?)(?:\((?P<key>[^)]*)\))?(?:/(?P<rest>\$count|[A-Za-z]+))?")
_METHODS = ["GET", "POST", "PUT", "DELETE", "PATCH", "MERGE"]


@dataclass(frozen=True)
class Call:
    """A call that passed the gate."""

    entity: Entity
    books: Books
    user: User
    key: str | None
    rest: str | None
    address: Address


def api(state: ExactState) -> Blueprint:
    """The API as a blueprint. Calls are served one at a time."""
    routes = Blueprint("api", __name__, url_prefix="/api/v1")

    @routes.route("/current/Me", methods=_METHODS)
    def show_me() -> Response:
        return _guarded(state, NO_DIVISION, ME.path, lambda visit: _answer_me(state, visit))

    @routes.route("/<int:division>/<path:path>", methods=_METHODS)
    def serve(division: int, path: str) -> Response:
        return _guarded(state, division, path, lambda visit: _answer(state, visit, path))

    return routes


def _guarded(state: ExactState, division: int, path: str, answer: Callable[[Visit], Response]) -> Response:
    visit = Visit(division=division, endpoint=re.split(r"[(]|/\$", path)[0])
    with state.lock:
        try:
            response = _admit(state, visit, answer)
        except PlainError as refusal:
            response = Response(refusal.text, refusal.status, refusal.headers, content_type="text/plain")
        except ExactError as refusal:
            wordless = refusal.status == 500 and "error-words" in state.backstage.readings
            response = _say_nothing() if wordless else answer_fault(refusal)

        if visit.user:
            now = state.clock.time()
            state.errors.note(visit.user.name, division, visit.endpoint, response.status_code, now)

        if request.method != "GET":
            state.touch()

    told = "limit-headers" not in state.backstage.readings
    if visit.headers and response.status_code != 429 and told:
        response.headers.update(visit.headers)

    return response


def _admit(state: ExactState, visit: Visit, answer: Callable[[Visit], Response]) -> Response:
    now = state.clock.time()
    visit.user = check_token(state, visit)
    visit.headers = state.rates.count(visit.division, now)
    state.errors.check(visit.user.name, visit.division, visit.endpoint, now)
    if visit.division != NO_DIVISION:
        check_division(visit.user, state, visit.division)

    return answer(visit)


def _say_nothing() -> Response:
    return Response("<html><body>Server Error</body></html>", 500, content_type="text/html")


def _answer_me(state: ExactState, visit: Visit) -> Response:
    _check_method(ME)
    books = next(iter(state.books.values()))
    query = read_query(ME, request.args)
    assert visit.user is not None  # noqa: S101 - nobody passes the gate without
    page = Page([me_row(state, visit.user)], None, 1)
    address = Address(f"{request.host_url}api/v1")

    return answer_list(ME, render_page(ME, books, page, query, address, None), state.clock.now())


def _answer(state: ExactState, visit: Visit, path: str) -> Response:
    assert visit.user is not None  # noqa: S101 - nobody passes the gate without
    entity, key, rest = _find_entity(path)
    check_scope(state, entity)
    _check_method(entity)
    address = Address(f"{request.host_url}api/v1/{visit.division}")
    call = Call(entity, state.books[visit.division], visit.user, key, rest, address)
    if entity.table in ("Divisions", "AllDivisions"):
        return _answer_divisions(state, call)

    return {"GET": _read, "POST": _create, "PUT": _change, "DELETE": _delete}[request.method](call)


def _find_entity(path: str) -> tuple[Entity, str | None, str | None]:
    """Entity, key and what follows. The longest path that is served wins. Paths are case-sensitive."""
    found = _PATH.fullmatch(path)
    if found and found["path"] in ENTITIES:
        return ENTITIES[found["path"]], found["key"], found["rest"]

    if found and found["rest"] and found["key"] is None:
        whole = f"{found['path']}/{found['rest']}"
        if whole in ENTITIES:
            return ENTITIES[whole], None, None

    raise not_found(path.partition("(")[0].rpartition("/")[2])


def _check_method(entity: Entity) -> None:
    if request.method not in entity.methods:
        raise PlainError(405, f"Method {request.method} is not allowed on {entity.name}.")


def _answer_divisions(state: ExactState, call: Call) -> Response:
    shown = state.books if call.entity.table == "AllDivisions" else call.user.divisions
    rows = [state.books[code].facts for code in shown if code in state.books]

    if call.entity.path.startswith("system/"):
        # Here 1 is active and 2 archived; in hrm/Divisions 0 is regular and 1 archived.
        rows = [{**row, "Status": 1 + int(bool(row["Status"]))} for row in rows]

    if call.key is not None:
        rows = [row for row in rows if str(row["Code"]) == call.key]

    return _list(call, rows) if call.key is None else _single(call, rows[0] if rows else None)


def _picked(call: Call) -> list[Row] | None:
    """The rows of a function, picked by what it was told."""
    parameter = call.entity.parameter
    source = call.entity.source
    if parameter is None or source is None:
        return None

    text = request.args.get(parameter.name)
    if text is None:
        raise bad_request(f"The parameter '{parameter.name}' is missing.")

    value: Value = _read_key(text) if parameter.kind == "g" else parse_whole(text)
    if value is None:
        raise bad_request(f"The parameter '{parameter.name}' is not valid.")

    return [row for row in source(call.books) if parameter.picks(call.books, row, value)]


def _read(call: Call) -> Response:
    stamp_postings(call.books)
    if call.rest == "$count":
        query = read_query(call.entity, request.args, by_key=True)
        total = sum(1 for _ in each_wanted(call.entity, call.books, query, _picked(call)))
        return Response(str(total), content_type="text/plain")

    if call.key is None:
        return _list(call, _picked(call)) if call.rest is None else _refuse_segment(call.rest)

    row = _find_row(call)
    if call.rest is None:
        return _single(call, row)
    if row is None:
        raise not_found(call.entity.name)

    navigation = call.entity.navigations.get(call.rest)
    if navigation is None:
        return _refuse_segment(call.rest)

    target = ENTITIES[navigation.path]
    members = find_members(call.books, target, navigation.field, row)
    inner = Call(target, call.books, call.user, None, None, call.address)

    return _list(inner, members, by_key=True)


def _refuse_segment(segment: str) -> Response:
    raise not_found(segment)


def _list(call: Call, rows: list[Row] | None, *, by_key: bool = False) -> Response:
    query = read_query(call.entity, request.args, by_key=by_key)
    page = find_page(call.entity, call.books, query, rows)
    following = _next_url(page.token) if page.token else None
    listed = render_page(call.entity, call.books, page, query, call.address, following)
    return answer_list(call.entity, listed, call.books.clock.now())


def _single(call: Call, row: Row | None) -> Response:
    query = read_query(call.entity, request.args, by_key=True)
    if row is None:
        raise not_found(call.entity.name)
    shown = render_row(call.entity, call.books, row, query, call.address)
    return answer_row(call.entity, shown, call.books.clock.now())


def _next_url(token: str) -> str:
    kept = [(name, value) for name, value in request.args.items(multi=True) if name != "$skiptoken"]
    query = urlencode([*kept, ("$skiptoken", token)], quote_via=quote, safe="$,'")
    return f"{request.base_url}?{query}"


def _find_row(call: Call) -> Row | None:
    entity = call.entity
    key = _read_key(str(call.key))
    if entity.source:
        return next((row for row in entity.source(call.books) if str(row[entity.key]) == key), None)

    table = call.books[entity.table]
    stamp = parse_whole(key) if entity.by_timestamp else None
    row = table.get(key) if stamp is None else table.first("Timestamp", stamp)

    return row if row is None or entity.shows is None or entity.shows(call.books, row) else None


def _read_key(text: str) -> str:
    if found := re.fullmatch(r"guid'([^']*)'", text):
        try:
            return str(UUID(found[1]))
        except ValueError:
            raise bad_request(f"The key {text} is not valid.") from None

    if found := re.fullmatch(r"'(.*)'|([0-9]{1,18})L?", text):
        return found[1] or found[2] or ""

    raise bad_request(f"The key {text} is not valid.")


def _create(call: Call) -> Response:
    if call.key is not None or call.rest is not None:
        raise PlainError(405, "POST goes to the collection.")

    row = perform_create(call.entity, call.books, call.user.language, read_object())
    fresh = _fresh(call, row)
    bare = call.entity.table == "SalesEntries" and "post-answer" in call.books.readings

    if "return=representation" in request.headers.get("Prefer", "") and not bare:
        shown = render_row(call.entity, call.books, fresh, None, call.address)
    else:
        shown = render_key(call.entity, fresh, call.address)

    return answer_row(call.entity, shown, call.books.clock.now(), 201)


def _fresh(call: Call, row: Row) -> Row:
    """What was made, as it is read from now on."""
    key = call.entity.key
    if call.entity.source:
        return next(each for each in call.entity.source(call.books) if each[key] == row[key])
    return call.books[call.entity.table].rows[str(row[key])]


def _change(call: Call) -> Response:
    row = _find_row(call) if call.key else None
    if row is None:
        raise not_found(call.entity.name)
    perform_change(call.entity, call.books, call.user.language, row, read_object())
    return Response(status=204)


def _delete(call: Call) -> Response:
    row = _find_row(call) if call.key else None
    if row is None:
        # What is gone is reported as 403 or 410, not as 404; 403 counts as an error.
        raise ExactError(403, say(call.user.language, "gone"))
    perform_delete(call.entity, call.books, call.user.language, row)
    return Response(status=204)
