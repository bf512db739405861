"""The mappings screen: rows that are edited in place, several at once, and taken back."""

from dataclasses import dataclass

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.actions.connections.mapping import CannotMapError, set_mappings, undo_mapping
from portal.domain.booking.mapping import MappingKind
from portal.domain.connections.states import ConnectionState
from portal.domain.house.states import Role
from portal.domain.unreadable import Kind
from portal.extensions import db
from portal.store.catalogue import read_stored_catalogue
from portal.store.connections import ConnectionRow, SubsidiaryRow, connections_in_use
from portal.web.common.access import current_person, require, see_or_404, subsidiary_scope
from portal.web.common.htmx import current_path, is_htmx
from portal.web.common.texts import row_number
from portal.web.common.unreadable import unreadable_of
from portal.web.mappings.lines import MappingLine, account_groups, find_line, mapping_lines
from portal.web.mappings.table import page_of, shown_lines, vat_choices
from portal.wiring import current as wiring

MAPPED = (Kind.LEDGER, Kind.VAT_CODE, Kind.VAT_PERCENTAGE, Kind.SERVICE_TYPE, Kind.TAX_RATE)
blueprint = Blueprint("mappings", __name__, url_prefix="/mappings")


@dataclass(frozen=True, slots=True)
class Place:
    """A connection with its subsidiary's name, for the tabs above the page."""

    row: ConnectionRow
    name: str


@blueprint.get("")
@require(Role.VIEWER)
def show_mappings() -> ResponseReturnValue:
    """Show all mappings of a connection, or only what is unmapped."""
    places = visible_places()
    chosen = request.args.get("connection", type=row_number)
    place = next((one for one in places if one.row.id == chosen), places[0] if places else None)
    if place is None:
        return render_template("mappings/empty.html")

    return render_template(
        "mappings/page.html",
        places=places,
        place=place,
        unreadable=unreadable_of(
            Kind.LEDGER, Kind.VAT_CODE, Kind.VAT_PERCENTAGE, Kind.SERVICE_TYPE, Kind.TAX_RATE
        ),
        **shown_lines(place.row),
    )


def visible_places() -> list[Place]:
    """Return the live connections the page may show."""
    rows = [
        row
        for row in connections_in_use(db.session(), subsidiary_scope())
        if row.state == ConnectionState.LIVE
    ]
    return [Place(row, db.session.get_one(SubsidiaryRow, row.subsidiary_id).name) for row in rows]


def mapped_connection(connection_id: int, *, to_write: bool = True) -> ConnectionRow:
    """Return a connection whose mappings the person may see; drafts are the administrators'."""
    row = db.session.get(ConnectionRow, connection_id)
    if row is None or row.state == ConnectionState.DISCONNECTED:
        abort(404)

    see_or_404(row.subsidiary_id)
    if row.state != ConnectionState.LIVE and to_write and not current_person().is_administrator:
        abort(403)

    return row


def kind_or_404(text: str) -> MappingKind:
    """Return a kind by its address."""
    return MappingKind(text) if text in list(MappingKind) else abort(404)


def line_or_404(row: ConnectionRow, kind: str, slug: str) -> MappingLine:
    """Return one line by its address."""
    line = find_line(db.session(), row, kind_or_404(kind), "" if slug == "-" else slug)
    return line or abort(404)


@blueprint.get("/<int:connection_id>/<kind>/<slug>")
@require(Role.VIEWER)
def show_row(connection_id: int, kind: str, slug: str) -> ResponseReturnValue:
    """Show a row as it is: where Cancel leads."""
    row = mapped_connection(connection_id)
    line = line_or_404(row, kind, slug)
    if not is_htmx():
        return redirect(page_of(row))
    return render_template("mappings/_row.html", connection=row, line=line, swapped=True)


@blueprint.get("/<int:connection_id>/<kind>/<slug>/edit")
@require(Role.FINANCE)
def edit_row(connection_id: int, kind: str, slug: str) -> ResponseReturnValue:
    """Show a row with its choice open; without htmx the page with that row open."""
    row = mapped_connection(connection_id)
    line = line_or_404(row, kind, slug)
    if not is_htmx():
        return redirect(page_of(row, edit=line.key))
    return show_editor(row, line, None)


def show_editor(row: ConnectionRow, line: MappingLine, error: str | None) -> str:
    """Render a row with its choice open."""
    accounts = account_groups(read_stored_catalogue(db.session(), row.id))
    return render_template(
        "mappings/_row_edit.html",
        connection=row,
        line=line,
        accounts=accounts,
        vat_codes=vat_choices(row),
        error=error,
    )


@blueprint.post("/<int:connection_id>/<kind>/<slug>")
@require(Role.FINANCE)
def save_row(connection_id: int, kind: str, slug: str) -> ResponseReturnValue:
    """Keep one mapping and show its row with Undo."""
    row = mapped_connection(connection_id)
    line = line_or_404(row, kind, slug)
    trouble = try_to_map(connection_id, line.kind, [line.source_id], request.form.get("target") or None)
    if trouble and is_htmx():
        return show_editor(mapped_connection(connection_id), line, trouble), 422

    if trouble:
        flash(trouble, "error")

    return after_change(connection_id, line, undo=not trouble)


@blueprint.post("/<int:connection_id>/<kind>/<slug>/undo")
@require(Role.FINANCE)
def undo_row(connection_id: int, kind: str, slug: str) -> ResponseReturnValue:
    """Put the former value back."""
    row = mapped_connection(connection_id)
    line = line_or_404(row, kind, slug)
    undo_mapping(
        db.session(),
        connection_id,
        line.kind,
        line.source_id,
        actor=current_person().name,
        now=wiring().clock(),
    )

    return after_change(connection_id, line, undo=False)


@blueprint.post("/<int:connection_id>/<kind>")
@require(Role.FINANCE)
def save_several(connection_id: int, kind: str) -> ResponseReturnValue:
    """Map all ticked rows of a kind to one target."""
    row = mapped_connection(connection_id)
    chosen = kind_or_404(kind)
    known = {one.source_id for one in mapping_lines(db.session(), row) if one.kind is chosen}
    ids = [
        one
        for one in ("" if slug == "-" else slug for slug in request.form.getlist(f"ids_{kind}"))
        if one in known
    ]

    trouble = None if ids else str(_("Tick the rows to map first."))
    trouble = trouble or try_to_map(connection_id, chosen, ids, request.form.get("target") or None)
    saved = [] if trouble else [f"{kind}-{one or 'none'}" for one in ids]
    if is_htmx():
        return show_section(connection_id, chosen, saved, trouble), 422 if trouble else 200

    if trouble:
        flash(trouble, "error")

    return redirect(page_of(mapped_connection(connection_id), saved=saved))


def show_section(connection_id: int, kind: MappingKind, saved: list[str], trouble: str | None) -> str:
    """Render one of the tables again, and the counts beside the filter."""
    row = mapped_connection(connection_id)
    return render_template(
        "mappings/_several.html",
        kind=kind,
        trouble=trouble,
        counts=has_counts(),
        **shown_lines(row, saved),
    )


def try_to_map(connection_id: int, kind: MappingKind, ids: list[str], target: str | None) -> str | None:
    """Map; return why not, None if it was done."""
    try:
        set_mappings(
            db.session(),
            connection_id,
            kind,
            ids,
            target,
            actor=current_person().name,
            now=wiring().clock(),
        )
    except CannotMapError as error:
        db.session.rollback()
        return str(error)

    return None


def after_change(connection_id: int, line: MappingLine, *, undo: bool) -> ResponseReturnValue:
    """Answer a change: the row for htmx, else the page."""
    row = mapped_connection(connection_id)
    if not is_htmx():
        return redirect(page_of(row, saved=[line.key] if undo else []))

    fresh = line_or_404(row, line.kind, line.slug)
    return render_template(
        "mappings/_saved_row.html", line=fresh, undo=undo, counts=has_counts(), **shown_lines(row)
    )


def has_counts() -> bool:
    """Say whether the page the person looks at shows the filter with its counts."""
    return current_path().partition("?")[0] == url_for("mappings.show_mappings")
