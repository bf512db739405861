"""Runs a list request: filter, sort, and one page by number or by cursor.

The ids that a query leads to are kept until something changes, so that walking through a hundred thousand
invoices filters and sorts them once.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import msgspec

from portal.sandbox.common.reading import parse_whole
from portal.sandbox.productive.errors import ApiError, refuse, unsupported
from portal.sandbox.productive.filters import Compiler, plain_conditions, read_filters
from portal.sandbox.productive.jsonapi import Resource
from portal.sandbox.productive.state import Sandbox

DEFAULT_SIZE = 30
MAX_SIZE = 200
_KEPT_RESULTS = 8

Query = list[tuple[str, str]]
Order = list[tuple[Callable[[Any, Sandbox], Any], bool]]


@dataclass(frozen=True)
class Page:
    """One page: its rows, links and meta."""

    rows: list[Any]
    links: dict[str, str]
    meta: dict[str, int]


class Listing:
    """One list request."""

    def __init__(
        self, resource: Resource, state: Sandbox, query: Query, url: str, *, to_the_second: bool
    ) -> None:
        self._resource = resource
        self._state = state
        self._query = query
        self._given = dict(query)
        self._url = url
        self._to_the_second = to_the_second
        self._names = self._given.get("sort") or resource.order
        self._order = self._read_order()

    def page(self) -> Page:
        """The page that was asked for."""
        if "page[after]" in self._given:
            return self._page_by_cursor(self._given["page[after]"])
        return self._page_by_number()

    def _read_order(self) -> Order:
        order: Order = []
        for name in filter(None, self._names.split(",")):
            read = self._resource.sorts.get(name.removeprefix("-"))
            if read is None:
                raise unsupported("Sort", name)
            order.append((read, name.startswith("-")))

        return order

    def _ids(self) -> list[int]:
        asked = tuple(pair for pair in self._query if pair[0].startswith(("filter", "sort")))
        key = (self._resource.type, asked, self._to_the_second, self._state.today())
        version, ids = self._state.results.get(key, (-1, []))

        if version != self._state.version:
            ids = self._find()
            self._state.results[key] = (self._state.version, ids)
            if len(self._state.results) > _KEPT_RESULTS:
                del self._state.results[next(iter(self._state.results))]

        return ids

    def _find(self) -> list[int]:
        tree = read_filters(self._query)
        test = Compiler(self._resource.filters, self._state, to_the_second=self._to_the_second).compile(tree)
        rows = self._resource.narrow(self._state, plain_conditions(tree))
        if rows is None:
            rows = self._resource.rows(self._state).values()

        found = [row for row in rows if self._resource.is_shown(row) and test(row)]
        found.sort(key=lambda row: row.id)
        for read, is_descending in reversed(self._order):
            found.sort(key=self._sort_key(read), reverse=is_descending)

        return [row.id for row in found]

    def _sort_key(self, read: Callable[[Any, Sandbox], Any]) -> Callable[[Any], tuple[bool, Any]]:
        def key(row: Any) -> tuple[bool, Any]:
            value = read(row, self._state)
            return (value is None, value)

        return key

    def _size(self) -> int:
        return min(_read_positive(self._given.get("page[size]"), DEFAULT_SIZE), MAX_SIZE)

    def _rows(self, ids: list[int]) -> list[Any]:
        rows = self._resource.rows(self._state)
        return [rows[id_] for id_ in ids]

    def _link(self, **pages: object) -> str:
        query = [pair for pair in self._query if not pair[0].startswith("page[")]
        query += [(f"page[{name}]", str(value)) for name, value in pages.items()]
        return f"{self._url}?{urlencode(query)}"

    def _page_by_number(self) -> Page:
        ids = self._ids()
        size = self._size()
        number = _read_positive(self._given.get("page[number]"), 1)
        last = -(-len(ids) // size)
        numbers = {"first": 1, "last": max(last, 1)}
        numbers |= {"next": number + 1} if number < last else {}
        numbers |= {"prev": number - 1} if number > 1 else {}
        meta = {"current_page": number, "total_pages": last, "total_count": len(ids)}

        return Page(
            self._rows(ids[(number - 1) * size : number * size]),
            {rel: self._link(number=page, size=size) for rel, page in numbers.items()},
            meta | {"page_size": size, "max_page_size": MAX_SIZE},
        )

    def _page_by_cursor(self, cursor: str) -> Page:
        if "page[number]" in self._given:
            raise refuse(
                400, "keyset_conflict", "Keyset Conflict", "page[after] cannot be combined with page[number]"
            )

        if any(name.removeprefix("-") in self._resource.unkeyed_sorts for name in self._names.split(",")):
            raise refuse(
                400,
                "keyset_unsupported_sort",
                "Keyset Unsupported Sort",
                "This sort cannot be used with page[after]",
            )

        ids = self._ids()
        size = self._size()
        start = self._place_after(ids, cursor) if cursor else 0
        rows = self._rows(ids[start : start + size])
        links = (
            {"next": self._link(after=self._cursor_of(rows[-1]), size=size)}
            if start + size < len(ids)
            else {}
        )

        return Page(rows, links, {"page_size": size, "max_page_size": MAX_SIZE})

    def _cursor_of(self, row: Any) -> str:
        values = [read(row, self._state) for read, _ in self._order]
        return urlsafe_b64encode(msgspec.json.encode([self._names, row.id, values])).decode().rstrip("=")

    def _place_after(self, ids: list[int], cursor: str) -> int:
        try:
            names, id_, values = msgspec.json.decode(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        except (ValueError, TypeError, RecursionError):
            raise _invalid_cursor() from None

        if names != self._names or not isinstance(values, list) or len(values) != len(self._order):
            raise _invalid_cursor()

        rows = self._resource.rows(self._state)
        try:
            return bisect_left(ids, True, key=lambda other: self._is_behind(rows[other], id_, values))
        except TypeError:
            raise _invalid_cursor() from None

    def _is_behind(self, row: Any, id_: int, values: list[Any]) -> bool:
        for (read, is_descending), value in zip(self._order, values, strict=True):
            mark = (value is None, value)
            key = self._sort_key(read)(row)
            if key != mark:
                return (key > mark) is not is_descending
        return int(row.id) > id_


def _read_positive(text: str | None, default: int) -> int:
    return parse_whole(text) or default


def _invalid_cursor() -> ApiError:
    return refuse(400, "keyset_invalid_cursor", "Keyset Invalid Cursor", "The cursor is invalid")
