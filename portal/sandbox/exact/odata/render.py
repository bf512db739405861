"""Writes rows and pages as Exact does."""

from collections.abc import Iterable
from dataclasses import dataclass

from portal.sandbox.common.odd import repeat
from portal.sandbox.exact.entities import ENTITIES, Entity
from portal.sandbox.exact.odata.query import Page, Query
from portal.sandbox.exact.odata.values import spell_value
from portal.sandbox.exact.store import Books, Row


@dataclass(frozen=True)
class Address:
    """Where a division's API is, as the client called it."""

    root: str

    def of(self, entity: Entity, row: Row) -> str:
        """The URL of a row."""
        return f"{self.root}/{entity.path}({_spell_key(entity, row)})"


def render_page(
    entity: Entity, books: Books, page: Page, query: Query, address: Address, next_url: str | None
) -> object:
    """The ``d`` of a list: bare with ``$top``, else with results, count and the next page."""
    rows = repeat(
        (render_row(entity, books, row, query, address), books.odd_of(entity.table, row)) for row in page.rows
    )
    if query.top is not None:
        return rows

    listed: dict[str, object] = {"results": rows}
    if query.with_count:
        listed = {"__count": str(page.total), **listed}

    return listed | ({"__next": next_url} if next_url else {})


def render_row(entity: Entity, books: Books, row: Row, query: Query | None, address: Address) -> object:
    """One row with its metadata, its collections deferred or expanded."""
    uri = address.of(entity, row)
    shown: dict[str, object] = {"__metadata": {"uri": uri, "type": entity.type_name}}

    for name in _shown_fields(entity, query):
        if entity.fields[name].kind == "c":
            shown[name] = _render_collection(entity, books, row, name, query, address)
        else:
            shown[name] = spell_value(entity.fields[name].kind, entity.read(books, row, name))

    return books.odd_of(entity.table, row).lay_over(shown, only_shown=True)


def render_key(entity: Entity, row: Row, address: Address) -> object:
    """What a POST without ``Prefer: return=representation`` gets: the key, and nulls."""
    shown: dict[str, object] = {"__metadata": {"uri": address.of(entity, row), "type": entity.type_name}}
    nulls: dict[str, object] = {name: None for name, field in entity.fields.items() if field.kind != "c"}
    return shown | nulls | {entity.key: spell_value(entity.fields[entity.key].kind, row[entity.key])}


def _shown_fields(entity: Entity, query: Query | None) -> Iterable[str]:
    if query is None or query.select is None:
        return entity.fields
    return dict.fromkeys(name.partition("/")[0] for name in query.select)


def _render_collection(
    entity: Entity, books: Books, row: Row, name: str, query: Query | None, address: Address
) -> object:
    navigation = entity.navigations.get(name)
    apart = name == "SalesEntryLines" and "lines-along" in books.readings
    if navigation is None or query is None or name not in query.expand or apart:
        return {"__deferred": {"uri": f"{address.of(entity, row)}/{name}"}}

    target = ENTITIES[navigation.path]
    inner = _inner_query(name, query)
    rows = find_members(books, target, navigation.field, row)

    return {"results": [render_row(target, books, each, inner, address) for each in rows]}


def find_members(books: Books, target: Entity, back: str, owner: Row) -> list[Row]:
    """The rows of a collection that hangs on a row."""
    key = owner.get("ID") or owner["EntryID"]
    if target.source:
        return [row for row in target.source(books) if row.get(back) == key]
    return books[target.table].where(back, key)


def _inner_query(name: str, query: Query) -> Query | None:
    subfields = tuple(each.partition("/")[2] for each in query.select or () if each.startswith(f"{name}/"))
    return Query(subfields, (), None, None, (), 0, None, False) if subfields else None


def _spell_key(entity: Entity, row: Row) -> str:
    key = row[entity.key]
    match entity.fields[entity.key].kind:
        case "g":
            return f"guid'{key}'"
        case "s":
            return f"'{key}'"
        case "l":
            return f"{key}L"

    return str(key)
