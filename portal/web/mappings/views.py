"""The mappings screen: rows that are edited in place, several at once, and taken back."""

from flask import abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.actions.connections.mapping import (
    CannotMapError,
    Change,
    NoSourceError,
    set_mappings,
    undo_mappings,
)
from portal.domain.booking.mapping import MappingKey, MappingKind
from portal.domain.house.states import Role
from portal.domain.unreadable import Kind
from portal.extensions import db
from portal.store.mapping_table import MappingTable
from portal.web.common.access import current_person, require
from portal.web.common.htmx import is_htmx
from portal.web.common.unreadable import unreadable_of
from portal.web.mappings import accept
from portal.web.mappings.blueprint import blueprint
from portal.web.mappings.lines import MappingLine, key_of, line_of, mapping_lines, read_slug, slug_of
from portal.web.mappings.places import chosen_place, mapped_connection, visible_places
from portal.web.mappings.table import (
    has_counts,
    offered,
    page_of,
    shown_lines,
    shows_only_open,
    table_of,
)
from portal.wiring import current as wiring

MAPPED = (Kind.LEDGER, Kind.VAT_CODE, Kind.VAT_PERCENTAGE, Kind.SERVICE_TYPE, Kind.TAX_RATE)
__all__ = ["accept", "blueprint"]


@blueprint.get("")
@require(Role.VIEWER)
def show_mappings() -> ResponseReturnValue:
    """Show all mappings of a connection, or only what is unmapped."""
    places = visible_places()
    place = chosen_place(places)
    if place is None:
        return render_template("mappings/empty.html")

    shown = shown_lines(table_of(place.row))
    unreadable = unreadable_of(*MAPPED)
    return render_template("mappings/page.html", places=places, place=place, unreadable=unreadable, **shown)


@blueprint.get("/<int:connection_id>/<kind>/<slug>")
@require(Role.VIEWER)
def show_row(connection_id: int, kind: str, slug: str) -> ResponseReturnValue:
    """Show a row as it is: where Cancel leads."""
    table = table_of(mapped_connection(connection_id))
    line = line_or_404(table, kind, slug)
    if not is_htmx():
        return redirect(page_of(table))
    return render_template("mappings/_row.html", table=table, line=line, swapped=True)


@blueprint.get("/<int:connection_id>/<kind>/<slug>/edit")
@require(Role.FINANCE)
def edit_row(connection_id: int, kind: str, slug: str) -> ResponseReturnValue:
    """Show a row with its choice open. Without htmx it is the page with that row open."""
    table = table_of(mapped_connection(connection_id))
    line = line_or_404(table, kind, slug)
    if not is_htmx():
        return redirect(page_of(table, edit=line.key))
    return show_editor(table, line, None)


@blueprint.post("/<int:connection_id>/<kind>/<slug>")
@require(Role.FINANCE)
def save_row(connection_id: int, kind: str, slug: str) -> ResponseReturnValue:
    """Keep one mapping and show its row with Undo."""
    change = change_of(connection_id, kind, [slug])
    try:
        table = set_mappings(db.session(), wiring().nudge, change, request.form.get("target") or None)
    except NoSourceError:
        abort(404)
    except CannotMapError as error:
        return refuse_row(error, change)

    return show_saved(table, change, undo=True)


@blueprint.post("/<int:connection_id>/<kind>/<slug>/undo")
@require(Role.FINANCE)
def undo_row(connection_id: int, kind: str, slug: str) -> ResponseReturnValue:
    """Put the former value back."""
    change = change_of(connection_id, kind, [slug])
    try:
        table = undo_mappings(db.session(), wiring().nudge, change)
    except NoSourceError:
        abort(404)

    return show_saved(table, change, undo=False)


@blueprint.post("/<int:connection_id>/<kind>")
@require(Role.FINANCE)
def save_several(connection_id: int, kind: str) -> ResponseReturnValue:
    """Map all ticked rows of a kind to one target."""
    change = change_of(connection_id, kind, request.form.getlist(f"ids_{kind}"))
    trouble = None
    try:
        table = set_mappings(db.session(), wiring().nudge, change, request.form.get("target") or None)
    except NoSourceError as error:
        table = error.table
        trouble = _("Tick the rows to map first.")
    except CannotMapError as error:
        table = error.table
        trouble = str(error)

    return show_several(table, change, trouble)


def change_of(connection_id: int, kind: str, slugs: list[str]) -> Change:
    """Return what the person asks to change, where they may."""
    mapped_connection(connection_id)
    known = kind_or_404(kind)
    keys = tuple(key_or_404(known, slug) for slug in slugs)
    return Change(connection_id, known, keys, current_person().name, wiring().clock())


def key_or_404(kind: MappingKind, slug: str) -> MappingKey:
    """Return what an address maps."""
    return read_slug(kind, slug) or abort(404)


def kind_or_404(text: str) -> MappingKind:
    """Return a kind by its address."""
    return MappingKind(text) if text in list(MappingKind) else abort(404)


def line_or_404(table: MappingTable, kind: str, slug: str) -> MappingLine:
    """Return one line by its address."""
    source = table.find(key_or_404(kind_or_404(kind), slug))
    return line_of(table.catalogue, source) if source and source.is_shown else abort(404)


def refuse_row(error: CannotMapError, change: Change) -> ResponseReturnValue:
    """Say at the row why its choice was not kept."""
    if is_htmx():
        line = line_or_404(error.table, change.kind, slug_of(change.keys[0]))
        return show_editor(error.table, line, str(error)), 422

    flash(str(error), "error")
    return redirect(page_of(error.table))


def show_editor(table: MappingTable, line: MappingLine, error: str | None) -> str:
    """Render a row with its choice open."""
    return render_template("mappings/_row_edit.html", table=table, line=line, error=error, **offered(table))


def show_saved(table: MappingTable, change: Change, *, undo: bool) -> ResponseReturnValue:
    """Answer a change of one row: with the row for htmx, else with the page."""
    key = key_of(change.keys[0])
    if not is_htmx():
        return redirect(page_of(table, saved=[key] if undo else []))

    lines = mapping_lines(table)
    return render_template(
        "mappings/_saved_row.html",
        table=table,
        line=next((line for line in lines if line.key == key), None) or hidden_line(table, change),
        undo=undo,
        all_lines=lines,
        only_open=shows_only_open(),
        counts=has_counts(),
    )


def hidden_line(table: MappingTable, change: Change) -> MappingLine:
    """Return a line that the next page does not show, as an archived one that was just unmapped."""
    source = table.find(change.keys[0])
    return line_of(table.catalogue, source) if source else abort(404)


def show_several(table: MappingTable, change: Change, trouble: str | None) -> ResponseReturnValue:
    """Answer a change of ticked rows: with their section for htmx, else with the page."""
    saved = [] if trouble else [key_of(key) for key in table.known(change.keys)]
    if is_htmx():
        shown = {"kind": change.kind, "trouble": trouble, "counts": has_counts(), **shown_lines(table, saved)}
        return render_template("mappings/_several.html", **shown), 422 if trouble else 200

    if trouble:
        flash(trouble, "error")

    return redirect(page_of(table, saved=saved))
