"""Accepting what is suggested, from wherever it is shown."""

from flask import abort, flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import ngettext

from portal.actions.connections.mapping import CannotMapError, Setter
from portal.actions.connections.suggest import Accepted, accept
from portal.domain.booking.mapping import MappingKey, MappingKind
from portal.domain.house.states import Role
from portal.extensions import db
from portal.store.mapping_table import MappingTable
from portal.web.common.access import current_person, require
from portal.web.common.htmx import is_htmx, redirect_whole_page, safe_path
from portal.web.common.said import sentence_of
from portal.web.mappings.blueprint import blueprint
from portal.web.mappings.lines import key_of, read_slug
from portal.web.mappings.places import mapped_connection
from portal.web.mappings.rows import read_line, show_row_of, show_rows, tell_change
from portal.web.mappings.table import page_of
from portal.wiring import current as wiring


def read_accepted(text: str) -> tuple[MappingKey, str]:
    """Read which suggestion a form sends."""
    kind, _slash, rest = text.partition("/")
    slug, _slash, target = rest.partition("/")
    key = read_slug(MappingKind(kind), slug) if kind in list(MappingKind) else None
    return (key, target) if key and target else abort(404)


@blueprint.post("/<int:connection_id>/accept")
@require(Role.FINANCE)
def accept_suggestions(connection_id: int) -> ResponseReturnValue:
    """Keep the suggestions that a form names, and go back to where they were shown."""
    mapped_connection(connection_id)
    wanted = dict(read_accepted(text) for text in request.form.getlist("accept"))
    setter = Setter(connection_id, current_person().name, wiring().clock())
    try:
        accepted = accept(db.session(), wiring().nudge, setter, wanted)
    except CannotMapError as error:
        flash(sentence_of(error.said), "error")
        where = back_or(error.table, [])
        return redirect_whole_page(where) if is_htmx() else redirect(where)

    if is_htmx():
        return tell_change(show_accepted(accepted))

    saved = [key_of(key) for key in accepted.keys]
    count = len(saved)
    flash(ngettext("%(num)d suggestion accepted.", "%(num)d suggestions accepted.", count), "success")
    return redirect(back_or(accepted.table, saved))


def back_or(table: MappingTable, saved: list[str]) -> str:
    """Return where the suggestions were shown, else the page of mappings."""
    return safe_path(request.form.get("back")) or page_of(table, saved=saved)


def show_accepted(accepted: Accepted) -> str:
    """Render the rows that changed: the one that was asked from, or all where they are."""
    table = accepted.table
    if request.form.get("one") is None:
        return "".join(f"<template>{row.strip()}</template>" for row in show_rows(table, accepted.keys))

    [source] = [source for key in accepted.keys if (source := table.find(key))]
    return show_row_of(table, read_line(table, source), swapped=True, undo=True)
