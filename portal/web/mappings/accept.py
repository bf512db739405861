"""Accepting what is suggested, from wherever it is shown."""

from flask import abort, flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import ngettext

from portal.actions.connections.mapping import CannotMapError, Setter
from portal.actions.connections.suggest import accept
from portal.domain.booking.mapping import MappingKey, MappingKind
from portal.domain.house.states import Role
from portal.extensions import db
from portal.web.common.access import current_person, require
from portal.web.common.htmx import safe_path
from portal.web.mappings.blueprint import blueprint
from portal.web.mappings.lines import key_of, read_slug, slug_of
from portal.web.mappings.places import mapped_connection
from portal.web.mappings.table import page_of
from portal.wiring import current as wiring


def spell_accepted(key: MappingKey, target: str) -> str:
    """Spell a suggestion as a form sends it, so that only what a person saw is accepted."""
    return f"{key.kind}/{slug_of(key)}/{target}"


def read_accepted(text: str) -> tuple[MappingKey, str]:
    """Read which suggestion a form sends."""
    kind, _slash, rest = text.partition("/")
    slug, _slash, target = rest.partition("/")
    key = read_slug(MappingKind(kind), slug) if kind in list(MappingKind) else None
    return (key, target) if key else abort(404)


@blueprint.post("/<int:connection_id>/accept")
@require(Role.FINANCE)
def accept_suggestions(connection_id: int) -> ResponseReturnValue:
    """Keep the suggestions that a form names, and go back to where they were shown."""
    mapped_connection(connection_id)
    wanted = dict(read_accepted(text) for text in request.form.getlist("accept"))
    setter = Setter(connection_id, current_person().name, wiring().clock())
    saved: list[str] = []

    try:
        accepted = accept(db.session(), wiring().nudge, setter, wanted)
        table = accepted.table
        saved = [key_of(key) for key in accepted.keys]
        count = len(saved)
        flash(ngettext("%(num)d suggestion accepted.", "%(num)d suggestions accepted.", count), "success")
    except CannotMapError as error:
        table = error.table
        flash(str(error), "error")

    back = safe_path(request.form.get("back"))
    return redirect(back or page_of(table, saved=saved))
