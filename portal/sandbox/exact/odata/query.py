"""Reads the query options of a call and picks the rows that it wants."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from math import ceil, floor

from portal.sandbox.common.reading import parse_whole
from portal.sandbox.exact.entities import Entity
from portal.sandbox.exact.errors import bad_request
from portal.sandbox.exact.odata.filters import Comparison, Condition, each_demand, read_filter
from portal.sandbox.exact.store import Books, Row, Value

_KNOWN = (
    "$select",
    "$filter",
    "$top",
    "$orderby",
    "$expand",
    "$skiptoken",
    "$skip",
    "$inlinecount",
    "$format",
)


@dataclass(frozen=True)
class Query:
    """The query options of one call."""

    select: tuple[str, ...] | None
    expand: tuple[str, ...]
    condition: Condition | None
    top: int | None
    order: tuple[tuple[str, bool], ...]
    skip: int
    token: str | None
    with_count: bool


@dataclass(frozen=True)
class Page:
    """The rows of one page. ``token`` leads to the next."""

    rows: list[Row]
    token: str | None
    total: int


def read_query(entity: Entity, given: Mapping[str, str], *, by_key: bool = False) -> Query:
    """The query options, or a refusal with Exact's reasons."""
    if strange := [name for name in given if name.startswith("$") and name not in _KNOWN]:
        raise bad_request(f"The query parameter '{strange[0]}' is not supported.")
    if "$skip" in given and entity.page_size > 60:
        raise bad_request("The query parameter '$skip' is not supported by this endpoint.")

    condition = read_filter(given["$filter"], entity.fields) if given.get("$filter") else None
    expand = tuple(_names(given.get("$expand")))
    _check_demands(entity, given, condition, by_key=by_key)

    for name in expand:
        if name not in entity.navigations:
            raise bad_request(f"The property '{name}' cannot be expanded.")

    return Query(
        select=_read_select(entity, given.get("$select"), expand),
        expand=expand,
        condition=condition,
        top=_read_whole(given, "$top"),
        order=_read_order(entity, given.get("$orderby")),
        skip=_read_whole(given, "$skip") or 0,
        token=given.get("$skiptoken"),
        with_count=given.get("$inlinecount") == "allpages",
    )


def find_page(entity: Entity, books: Books, query: Query, rows: Iterable[Row] | None = None) -> Page:
    """The page of rows that a query asks for, out of all rows or out of those given."""
    wanted = each_wanted(entity, books, query, rows)
    if entity.by_timestamp and not query.order:
        return _page_by_timestamp(entity, wanted, query)

    found = list(wanted)
    ordered = _in_order(entity, books, found, query)
    most = _page_size(entity, books)
    size = most if query.top is None else min(query.top, most)
    page = ordered[: size + 1]
    more = len(page) >= size and len(ordered) > 0 and query.top is None
    token = _next_token(entity, query, page[:size]) if more else None

    return Page(page[:size], token, len(found))


def _page_size(entity: Entity, books: Books) -> int:
    return 30 if entity.page_size == 60 and "page-sizes" in books.readings else entity.page_size


def each_wanted(
    entity: Entity, books: Books, query: Query, rows: Iterable[Row] | None = None
) -> Iterator[Row]:
    """The rows that a query's filter lets through."""
    condition = query.condition
    if condition is not None and _finds_nothing(entity, books, set(condition.each_field())):
        return

    for row in _candidates(entity, books, query) if rows is None else rows:
        if entity.shows and not entity.shows(books, row):
            continue
        if condition is None or condition.holds(partial(entity.read, books, row)):
            yield row


def _finds_nothing(entity: Entity, books: Books, used: set[str]) -> bool:
    """Whether another reading lets a filter find nothing. It may also refuse it."""
    by_entry = entity.path == "cashflow/Receivables" and "TransactionEntryID" in used
    if by_entry and "terms-by-entry" in books.readings:
        raise bad_request("Filtering on 'TransactionEntryID' is not supported.")
    if entity.path == "bulk/Cashflow/Receivables" and "Status" in used and "open-terms" in books.readings:
        return True
    return entity.table == "SalesEntries" and "YourRef" in used and "find-by-number" in books.readings


def _names(listed: str | None) -> list[str]:
    return [name.strip() for name in listed.split(",") if name.strip()] if listed else []


def _check_demands(
    entity: Entity, given: Mapping[str, str], condition: Condition | None, *, by_key: bool
) -> None:
    used = set(condition.each_field()) if condition else set()
    if strange := sorted(used - set(entity.only_filters)) if entity.only_filters else []:
        raise bad_request(
            f"Filtering on '{strange[0]}' is not supported. Supported: {', '.join(entity.only_filters)}."
        )

    if by_key:
        return
    if entity.needs_select and not given.get("$select") and given.get("$top") != "1":
        raise bad_request("Please add a $select or a $top=1 statement to the query string.")

    if entity.needs_filter and not used & set(entity.needs_filter):
        raise bad_request(
            "This endpoint has mandatory filtering applied. A GET request for this endpoint must have a "
            "$filter parameter with one of the following fields in the url: "
            f"{', '.join(entity.needs_filter)}"
        )


def _read_select(entity: Entity, listed: str | None, expand: tuple[str, ...]) -> tuple[str, ...] | None:
    names = _names(listed)
    if not names or names == ["*"]:
        return None

    for name in names:
        first, _, rest = name.partition("/")
        if first not in entity.fields or (rest and first not in expand):
            raise bad_request(f"The property '{name}' does not exist on type '{entity.type_name}'.")

    return tuple(dict.fromkeys(names))


def _read_whole(given: Mapping[str, str], name: str) -> int | None:
    text = given.get(name)
    if text is None:
        return None

    number = parse_whole(text)
    if number is None:
        raise bad_request(f"Invalid value for '{name}': a whole number is expected.")

    return number


def _read_order(entity: Entity, listed: str | None) -> tuple[tuple[str, bool], ...]:
    order = []
    for part in _names(listed):
        name, _, direction = part.partition(" ")
        if name not in entity.fields or direction.strip() not in ("", "asc", "desc"):
            raise bad_request(f"The $orderby '{part}' is not valid.")
        order.append((name, direction.strip() == "desc"))

    return tuple(order)


def _candidates(entity: Entity, books: Books, query: Query) -> Iterable[Row]:
    if entity.source:
        rows = entity.source(books)
        return _each_stamped(rows, query) if entity.by_timestamp else rows

    table = books[entity.table]
    demands = list(each_demand(query.condition))
    if entity.by_timestamp:
        return table.since(*_starting_point(query, demands))

    for demand in demands:
        if demand.operator != "eq" or demand.left.field is None:
            continue

        if demand.left.field == table.key:
            row = table.get(demand.right.value)
            return [row] if row else []

        # An index counts blanks before a text and a code is padded with them, so it serves the others.
        if table.has_index(demand.left.field) and demand.left.field != "Code":
            return table.where(demand.left.field, demand.right.value)

    return list(table.rows.values())


def _starting_point(query: Query, demands: list[Comparison]) -> tuple[int]:
    bounds = [
        _bound_of(demand.operator, Decimal(str(demand.right.value)))
        for demand in demands
        if demand.left.field == "Timestamp" and demand.operator in ("gt", "ge") and demand.right.value
    ]
    token = _read_long_token(query.token) if query.token else 0
    return (max([token, *bounds]),)


def _each_stamped(rows: Iterable[Row], query: Query) -> Iterable[Row]:
    """Computed rows in the order of their Timestamps."""
    [after] = _starting_point(query, list(each_demand(query.condition)))
    found = [(int(str(row["Timestamp"])), row) for row in rows]
    return [row for stamp, row in sorted(found, key=lambda pair: pair[0]) if stamp > after]


def _bound_of(operator: str, value: Decimal) -> int:
    """The last Timestamp that a demand rules out."""
    return floor(value) if operator == "gt" else ceil(value) - 1


def _read_long_token(token: str) -> int:
    number = parse_whole(token.removesuffix("L"))
    if number is None:
        raise bad_request("The $skiptoken is not valid.")
    return number


def _page_by_timestamp(entity: Entity, wanted: Iterator[Row], query: Query) -> Page:
    if query.with_count:
        found = list(wanted)
        total = len(found)
        wanted = iter(found)
    else:
        total = 0

    size = entity.page_size if query.top is None else min(query.top, entity.page_size)
    page = [row for row, _ in zip(wanted, range(size), strict=False)]
    # A page that is just full leads on, to an empty one if need be.
    more = bool(page) and len(page) == entity.page_size and query.top is None

    return Page(page, f"{page[-1]['Timestamp']}L" if more else None, total)


def _in_order(entity: Entity, books: Books, rows: list[Row], query: Query) -> list[Row]:
    rows.sort(key=lambda row: str(row[entity.key]))
    if not query.order:
        if query.token:
            last = re.sub(r"^guid|'", "", query.token)
            return [row for row in rows if str(row[entity.key]) > last]
        return rows[query.skip :]

    for name, descending in reversed(query.order):
        rows.sort(key=lambda row: _rank(entity.read(books, row, name)), reverse=descending)

    return rows[(_read_long_token(query.token) if query.token else 0) + query.skip :]


def _rank(value: Value) -> tuple[bool, str | int | Decimal]:
    if value is None:
        return (False, 0)
    return (True, value if isinstance(value, str | int | Decimal) else value.isoformat())


def _next_token(entity: Entity, query: Query, page: list[Row]) -> str:
    if query.order:
        return str((_read_long_token(query.token) if query.token else 0) + len(page))
    key = page[-1][entity.key]
    return f"guid'{key}'" if entity.fields[entity.key].kind == "g" else f"'{key}'"
