"""What the tables of mappings need, on their own page and in the wizard, and where they stand."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from flask import request, url_for

from portal.actions.connections.suggest import Suggester, Suggestions, suggest_in
from portal.domain.booking.mapping import MappingKind
from portal.extensions import db
from portal.store.connections import ConnectionRow
from portal.store.customer_links import company_names
from portal.store.mapping_table import MappingTable, read_table
from portal.store.mappings import own_codes_of
from portal.web.common.clock import today
from portal.web.common.htmx import current_path
from portal.web.mappings.lines import MappingLine, Stage, mapping_lines
from portal.web.mappings.targets import account_groups, vat_choices

UNMAPPED = "unmapped"


def table_of(row: ConnectionRow) -> MappingTable:
    """Read what a connection maps."""
    return read_table(db.session(), row)


def suggestions_of(table: MappingTable) -> Suggestions:
    """Suggest what the sources of a table may lead to."""
    connection = db.session.get_one(ConnectionRow, table.connection_id)
    return suggest_in(db.session(), connection, table, today=today())


def shown_lines(table: MappingTable, saved: list[str] | None = None) -> dict[str, object]:
    """Return what the tables of a connection need. The filter stands in the address."""
    lines = mapping_lines(table, suggestions_of(table))
    show = shown_filter()
    groups = {one.group for one in lines if is_asked(one, show)}
    return {
        "table": table,
        "all_lines": lines,
        # The rows of a split rate are shown together.
        "lines": [one for one in lines if one.group in groups or one.kind is MappingKind.DEFAULT],
        "show": show,
        "saved": request.args.getlist("saved") if saved is None else saved,
        "edited": request.args.get("edit", ""),
        "own_codes": own_codes(table.connection_id) if any(one.may_have_own for one in lines) else {},
        **offered(table, lines),
    }


def is_asked(line: MappingLine, show: str) -> bool:
    """Say whether a filter leaves a line in the list."""
    if show == UNMAPPED:
        return line.is_open
    return not show or line.stage == show


def offered(table: MappingTable, lines: Sequence[MappingLine]) -> dict[str, object]:
    """Return what the choices for several rows offer: what others lead to or are to lead to comes first."""
    order = often_used(table, lines)
    default = next((one.target for one in lines if one.kind is MappingKind.DEFAULT), None)
    return {
        "accounts": account_groups(table.catalogue, order, query=searched(), chosen=default),
        "vat_codes": vat_choices(table.catalogue, order),
        "searched": searched(),
    }


def often_used(table: MappingTable, lines: Sequence[MappingLine]) -> list[str]:
    """Return the targets of a table, those of most rows first, then those that are suggested."""
    targets = Counter(source.target for source in table.sources if source.target)
    suggested = Counter(line.suggested_target for line in lines if line.suggested_target)
    ranked = [target for counts in (targets, suggested) for target, _count in counts.most_common()]
    return list(dict.fromkeys(target for target in ranked if target))


def searched() -> str:
    """Return what a person searches among the ledger accounts."""
    return request.args.get("q", "").strip()


def offered_for(table: MappingTable, line: MappingLine) -> dict[str, object]:
    """Return what one row offers, those that fit best first."""
    source = table.find(line.mapping_key)
    if source is None or source.kind is MappingKind.DEFAULT:
        return offered(table, [line])

    connection = db.session.get_one(ConnectionRow, table.connection_id)
    order = Suggester(db.session(), connection, table, today()).order(source)
    return {
        "accounts": account_groups(table.catalogue, order, query=searched(), chosen=line.target),
        "vat_codes": vat_choices(table.catalogue, order),
        "searched": searched(),
    }


def own_codes(connection_id: int) -> dict[str, list[tuple[str, str]]]:
    """Return the companies that have their own code for a tax rate, with their names."""
    rows = own_codes_of(db.session(), connection_id)
    if not rows:
        return {}

    connection = db.session.get_one(ConnectionRow, connection_id)
    names = company_names(db.session(), connection.subsidiary_id, [row.company_id for row in rows])
    found: dict[str, list[tuple[str, str]]] = {}
    for row in rows:
        named = (row.company_id, names.get(row.company_id, row.company_id))
        found.setdefault(row.source_id, []).append(named)

    return found


def shown_filter() -> str:
    """Return the filter of the page that the person looks at, empty for all."""
    for part in current_path().partition("?")[2].split("&"):
        name, _equals, value = part.partition("=")
        if name == "show" and value in (UNMAPPED, *Stage):
            return value

    return ""


def has_counts() -> bool:
    """Say whether the page that the person looks at shows the filter with its counts."""
    return current_path().partition("?")[0] == url_for("mappings.show_mappings")


def page_of(table: MappingTable, **more: Any) -> str:
    """Return the page that the mappings stand on: the wizard's while it is being set up."""
    if not table.is_live:
        return url_for("connections.edit_mappings", connection_id=table.connection_id, **more)
    return url_for("mappings.show_mappings", connection=table.connection_id, **more)
