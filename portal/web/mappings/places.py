"""The connections whose mappings a person may see or change."""

from dataclasses import dataclass

from flask import abort, request

from portal.domain.connections.states import ConnectionState
from portal.store.connections import ConnectionRow
from portal.web.common.access import current_person, see_or_404, subsidiary_scope
from portal.web.common.frame import name_of_subsidiary, places
from portal.web.common.texts import row_number


@dataclass(frozen=True, slots=True)
class Place:
    """A connection with its subsidiary's name, for the tabs above the page."""

    row: ConnectionRow
    name: str


def visible_places() -> list[Place]:
    """Return the live connections the page may show."""
    rows = places().live(subsidiary_scope())
    return [Place(row, name_of_subsidiary(row.subsidiary_id)) for row in rows]


def chosen_place(places: list[Place]) -> Place | None:
    """Return the one that the address names, else the first."""
    chosen = request.args.get("connection", type=row_number)
    first = places[0] if places else None
    return next((one for one in places if one.row.id == chosen), first)


def mapped_connection(connection_id: int) -> ConnectionRow:
    """Return a connection whose mappings the person may see. Drafts are the administrators'."""
    row = places().connection(connection_id)
    check_mapped(row)
    return row or abort(404)


def check_mapped(row: ConnectionRow | None) -> None:
    """Refuse a connection whose mappings the person may not see."""
    if row is None or row.state is ConnectionState.DISCONNECTED:
        abort(404)

    see_or_404(row.subsidiary_id)
    if row.state is not ConnectionState.LIVE and not current_person().is_administrator:
        abort(403)
