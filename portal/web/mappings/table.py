"""What the tables of mappings need, on their own page and in the wizard, and where they stand."""

from typing import Any

from flask import request, url_for

from portal.domain.booking.catalogue import for_sales, shown
from portal.domain.connections.states import ConnectionState
from portal.extensions import db
from portal.store.catalogue import read_stored_catalogue
from portal.store.connections import ConnectionRow
from portal.web.common.htmx import current_path
from portal.web.mappings.lines import account_groups, mapping_lines


def shown_lines(row: ConnectionRow, saved: list[str] | None = None) -> dict[str, object]:
    """Return what the table of a connection needs; the filter stands in the address."""
    lines = mapping_lines(db.session(), row, with_default=row.state == ConnectionState.LIVE)
    only_open = current_filter() == "unmapped"
    return {
        "connection": row,
        "all_lines": lines,
        "lines": [one for one in lines if one.is_open or not only_open],
        "only_open": only_open,
        "saved": request.args.getlist("saved") if saved is None else saved,
        "edited": request.args.get("edit", ""),
        "accounts": account_groups(read_stored_catalogue(db.session(), row.id)),
        "vat_codes": vat_choices(row),
    }


def current_filter() -> str:
    """Return the filter of the page the person looks at."""
    return "unmapped" if "show=unmapped" in current_path().partition("?")[2].split("&") else "all"


def vat_choices(row: ConnectionRow) -> list[tuple[str, str]]:
    """Return the VAT codes a tax rate may be mapped to."""
    codes = [one for one in read_stored_catalogue(db.session(), row.id).vat_codes if for_sales(one)]
    return [
        (one.code, f"{shown(one.code)} · {one.description} ({one.percentage.normalize():f} %)")
        for one in codes
    ]


def page_of(row: ConnectionRow, **more: Any) -> str:
    """Return the page the row's mappings stand on: the wizard's while it is being set up."""
    if row.state != ConnectionState.LIVE:
        return url_for("connections.edit_mappings", connection_id=row.id, **more)
    return url_for("mappings.show_mappings", connection=row.id, **more)
