"""What the tables of mappings need, on their own page and in the wizard, and where they stand."""

from typing import Any

from flask import request, url_for

from portal.extensions import db
from portal.store.connections import ConnectionRow
from portal.store.mapping_table import MappingTable, read_table
from portal.store.mappings import mappings_of
from portal.web.common.htmx import current_path
from portal.web.mappings.lines import mapping_lines
from portal.web.mappings.targets import account_groups, vat_choices


def table_of(row: ConnectionRow) -> MappingTable:
    """Read what a connection maps."""
    return read_table(db.session(), row, mappings_of(db.session(), row.id))


def shown_lines(table: MappingTable, saved: list[str] | None = None) -> dict[str, object]:
    """Return what the tables of a connection need. The filter stands in the address."""
    lines = mapping_lines(table)
    only_open = shows_only_open()
    return {
        "table": table,
        "all_lines": lines,
        "lines": [one for one in lines if one.is_open or not only_open],
        "only_open": only_open,
        "saved": request.args.getlist("saved") if saved is None else saved,
        "edited": request.args.get("edit", ""),
        **offered(table),
    }


def offered(table: MappingTable) -> dict[str, object]:
    """Return what the choices of a table offer."""
    return {"accounts": account_groups(table.catalogue), "vat_codes": vat_choices(table.catalogue)}


def shows_only_open() -> bool:
    """Say whether the page that the person looks at shows only what is unmapped."""
    return "show=unmapped" in current_path().partition("?")[2].split("&")


def has_counts() -> bool:
    """Say whether the page that the person looks at shows the filter with its counts."""
    return current_path().partition("?")[0] == url_for("mappings.show_mappings")


def page_of(table: MappingTable, **more: Any) -> str:
    """Return the page that the mappings stand on: the wizard's while it is being set up."""
    if not table.is_live:
        return url_for("connections.edit_mappings", connection_id=table.connection_id, **more)
    return url_for("mappings.show_mappings", connection=table.connection_id, **more)
