"""Accepting what is suggested, or choosing something else, in the row of a reason."""

from collections.abc import Sequence
from datetime import date

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import ngettext

from portal.actions.connections.mapping import CannotMapError, Change, Setter, set_mappings
from portal.actions.connections.suggest import accept
from portal.actions.customers.change_link import LinkedCompany
from portal.actions.customers.suggest import accept_customers
from portal.domain.house.states import Role
from portal.extensions import db
from portal.store.catalogue import CustomerRow, read_stored_catalogue
from portal.store.proposals import COMPANY
from portal.web.common.access import current_person, require, subsidiary_scope
from portal.web.common.htmx import is_htmx, safe_path
from portal.web.common.said import sentence_of
from portal.web.mappings.places import mapped_connection
from portal.web.mappings.targets import account_groups, vat_choices
from portal.web.overview.blueprint import blueprint
from portal.web.overview.fixes import mapping_url
from portal.web.overview.needs import needs_words
from portal.web.overview.proposals import Named, name_target, read_named
from portal.wiring import current as wiring


@blueprint.post("/overview/accept")
@require(Role.FINANCE)
def accept_suggestions() -> ResponseReturnValue:
    """Accept the suggestions that a form names, each only while it is still what the person saw."""
    named = named_by("suggestion")
    done: list[Named] = []
    troubles: list[str] = []

    for connection_id in sorted({one.connection_id for one in named}):
        mapped_connection(connection_id)
        here = [one for one in named if one.connection_id == connection_id]
        try:
            done += accept_mappings(connection_id, [one for one in here if one.kind != COMPANY])
        except CannotMapError as error:
            troubles.append(sentence_of(error.said))
        done += accept_companies(connection_id, [one for one in here if one.kind == COMPANY])

    return answer(done, troubles)


@blueprint.get("/overview/choose")
@require(Role.FINANCE)
def edit_choice() -> ResponseReturnValue:
    """Show the choice of a reason in its row. Without htmx it is the row on Mappings."""
    if "named" not in request.args:
        return redirect(url_for("overview.show_overview"))

    one = read_named(request.args["named"]) or abort(404)
    if one.kind == COMPANY:
        abort(404)

    mapped_connection(one.connection_id)
    if not is_htmx():
        return redirect(mapping_url(one.connection_id, one.kind, one.source))
    return show_choice(one)


@blueprint.post("/overview/choose")
@require(Role.FINANCE)
def save_choice() -> ResponseReturnValue:
    """Keep what was chosen in the row of a reason."""
    one = read_named(request.form.get("named", "")) or abort(404)
    if one.kind == COMPANY:
        abort(404)

    mapped_connection(one.connection_id)
    target = request.form.get("target", "")
    change = Change(one.connection_id, one.key.kind, [one.key], current_person().name, wiring().clock())
    if not target:
        return show_choice(one), 422

    try:
        set_mappings(db.session(), wiring().nudge, change, target)
    except CannotMapError as error:
        return show_choice(one, sentence_of(error.said)), 422

    chosen = Named(one.connection_id, one.kind, one.source, target, one.fix, one.title)
    return answer([chosen], [])


def accept_mappings(connection_id: int, named: Sequence[Named]) -> list[Named]:
    """Map what is suggested, in one transaction. Returns what was accepted."""
    if not named:
        return []
    setter = Setter(connection_id, current_person().name, wiring().clock())
    accepted = accept(db.session(), wiring().nudge, setter, {one.key: one.target for one in named})
    return [one for one in named if one.key in accepted.keys]


def accept_companies(connection_id: int, named: Sequence[Named]) -> list[Named]:
    """Link the companies to the customers that are suggested."""
    if not named:
        return []
    who = LinkedCompany(connection_id, "", current_person().name, wiring().clock())
    linked = accept_customers(db.session(), connection_id, {one.source: one.target for one in named}, who)
    return [one for one in named if one.source in linked]


def answer(done: Sequence[Named], troubles: Sequence[str]) -> ResponseReturnValue:
    """Say in each row what was accepted. It stays where it is until the page is opened again."""
    if not is_htmx():
        for trouble in troubles:
            flash(trouble, "error")
        if done:
            said = ngettext("%(num)d suggestion accepted.", "%(num)d suggestions accepted.", len(done))
            flash(said, "success")
        return redirect(safe_path(request.form.get("back")) or url_for("overview.show_overview"))

    since, until = (read_day(request.form.get(name)) for name in ("since", "until"))
    words = needs_words(subsidiary_scope(), since, until, back=request.form.get("back", ""))
    page = render_template(
        "overview/_accepted.html",
        accepted=[(one, say_target(one)) for one in done],
        troubles=troubles,
        mapping_url=mapping_url,
        **words,
    )
    return make_response(page)


def read_day(text: str | None) -> date | None:
    """Read a day of a form, None for anything else."""
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def show_choice(one: Named, error: str = "") -> str:
    """Render the row of a reason with its choice open."""
    catalogue = read_stored_catalogue(db.session(), one.connection_id)
    return render_template(
        "overview/_choose.html",
        one=one,
        error=error,
        accounts=account_groups(catalogue),
        vat_codes=vat_choices(catalogue),
        back=request.values.get("back", ""),
        since=request.values.get("since", ""),
        until=request.values.get("until", ""),
        oob=request.method == "POST",
    )


def say_target(one: Named) -> str:
    """Return what people call what was accepted."""
    if one.kind == COMPANY:
        customer = db.session.get(CustomerRow, (one.connection_id, one.target))
        return f"{customer.code.strip()} · {customer.name}" if customer else one.target
    return name_target(read_stored_catalogue(db.session(), one.connection_id), one.key.kind, one.target)


def named_by(field: str) -> list[Named]:
    """Return the suggestions that fields of the form name."""
    found = (read_named(text) for text in request.form.getlist(field))
    return [one for one in found if one is not None]
