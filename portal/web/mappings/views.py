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
from portal.web.common.htmx import is_htmx, redirect_whole_page
from portal.web.common.said import sentence_of
from portal.web.common.unreadable import unreadable_of
from portal.web.mappings import accept, split
from portal.web.mappings.blueprint import blueprint
from portal.web.mappings.lines import MappingLine, key_of, read_slug, slug_of
from portal.web.mappings.places import check_mapped, chosen_place, mapped_connection, visible_places
from portal.web.mappings.rows import read_line, show_row_of, show_rows, tell_change
from portal.web.mappings.table import offered, offered_for, page_of, searched, shown_lines, table_of
from portal.wiring import current as wiring

MAPPED = (Kind.LEDGER, Kind.VAT_CODE, Kind.VAT_PERCENTAGE, Kind.SERVICE_TYPE, Kind.TAX_RATE)
# Stands in an address for the ticked rows of a kind.
SEVERAL = "~"
__all__ = ["accept", "blueprint", "split"]


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


@blueprint.get("/<int:connection_id>/head")
@require(Role.VIEWER)
def show_head(connection_id: int) -> ResponseReturnValue:
    """Show the filters with their counts, and what can be accepted at once."""
    table = table_of(mapped_connection(connection_id))
    return render_template("mappings/_head.html", asked_alone=True, **shown_lines(table))


@blueprint.get("/<int:connection_id>/<kind>/<slug>")
@require(Role.VIEWER)
def show_row(connection_id: int, kind: str, slug: str) -> ResponseReturnValue:
    """Show a row as it is: where Cancel leads."""
    table = table_of(mapped_connection(connection_id))
    line = line_or_404(table, kind, slug)
    if not is_htmx():
        return redirect(page_of(table))
    return show_row_of(table, line, swapped=True)


@blueprint.get("/<int:connection_id>/<kind>/<slug>/edit")
@require(Role.FINANCE)
def edit_row(connection_id: int, kind: str, slug: str) -> ResponseReturnValue:
    """Show a row with its choice open. Without htmx it is the page with that row open."""
    table = table_of(mapped_connection(connection_id))
    if group := split_group(table, kind, slug):
        return redirect(page_of(table, _anchor=group))

    line = line_or_404(table, kind, slug)
    if not is_htmx():
        return redirect(page_of(table, edit=line.key, q=searched() or None, _anchor=line.group))
    return show_editor(table, line, None)


@blueprint.get("/<int:connection_id>/<kind>/<slug>/choices")
@require(Role.FINANCE)
def show_choices(connection_id: int, kind: str, slug: str) -> str:
    """Show what a search finds for a row, or for several of its kind."""
    table = table_of(mapped_connection(connection_id))
    known = kind_or_404(kind)
    if slug == SEVERAL:
        return render_template("mappings/_choices.html", kind=known, chosen=None, **offered(table, []))

    line = line_or_404(table, kind, slug)
    return render_template(
        "mappings/_choices.html", kind=known, chosen=line.target, **offered_for(table, line)
    )


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
        trouble = sentence_of(error.said)

    return show_several(table, change, trouble)


def change_of(connection_id: int, kind: str, slugs: list[str]) -> Change:
    """Return what the person asks to change, where they may."""
    known = kind_or_404(kind)
    keys = tuple(key_or_404(known, slug) for slug in slugs)
    return Change(connection_id, known, keys, current_person().name, wiring().clock(), check_mapped)


def key_or_404(kind: MappingKind, slug: str) -> MappingKey:
    """Return what an address maps."""
    return read_slug(kind, slug) or abort(404)


def kind_or_404(text: str) -> MappingKind:
    """Return a kind by its address."""
    return MappingKind(text) if text in list(MappingKind) else abort(404)


def line_or_404(table: MappingTable, kind: str, slug: str) -> MappingLine:
    """Return one line by its address."""
    source = table.find(key_or_404(kind_or_404(kind), slug))
    if source is None or not source.is_shown:
        abort(404)

    return read_line(table, source)


def split_group(table: MappingTable, kind: str, slug: str) -> str | None:
    """Return where the rows of a rate stand that is split, where an address names the rate as a whole."""
    key = key_or_404(kind_or_404(kind), slug)
    is_split = key.place is None and any(
        one.place and one.source_id == key.source_id for one in table.sources if one.kind is key.kind
    )
    return key_of(key) if is_split else None


def refuse_row(error: CannotMapError, change: Change) -> ResponseReturnValue:
    """Say at the row why its choice was not kept."""
    if is_htmx():
        line = line_or_404(error.table, change.kind, slug_of(change.keys[0]))
        return show_editor(error.table, line, sentence_of(error.said)), 422

    flash(sentence_of(error.said), "error")
    return redirect(page_of(error.table))


def show_editor(table: MappingTable, line: MappingLine, error: str | None) -> str:
    """Render a row with its choice open, those that fit best first."""
    return render_template(
        "mappings/_row_edit.html", table=table, line=line, error=error, **offered_for(table, line)
    )


def show_saved(table: MappingTable, change: Change, *, undo: bool) -> ResponseReturnValue:
    """Answer a change of one row: with the row for htmx, else with the page."""
    [key] = change.keys
    if not is_htmx():
        return redirect(page_of(table, saved=[key_of(key)] if undo else []))

    source = table.find(key)
    if source is None:
        # The rate is split again, and stands in several rows.
        return redirect_whole_page(page_of(table, _anchor=key_of(key)))

    return tell_change(show_row_of(table, read_line(table, source), swapped=True, undo=undo))


def show_several(table: MappingTable, change: Change, trouble: str | None) -> ResponseReturnValue:
    """Answer a change of ticked rows: with these rows for htmx, else with the page."""
    keys = [] if trouble else table.known(change.keys)
    if is_htmx():
        rows = show_rows(table, keys)
        answer = render_template("mappings/_several.html", rows=rows, kind=change.kind, trouble=trouble)
        return tell_change(answer), 422 if trouble else 200

    if trouble:
        flash(trouble, "error")

    return redirect(page_of(table, saved=[key_of(key) for key in keys]))
