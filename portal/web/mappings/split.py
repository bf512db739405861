"""One VAT code for a tax rate, or one for each place, and the own code of a customer."""

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.actions.connections.mapping import CannotMapError, NoSourceError, Setter
from portal.actions.connections.split import join_rate, set_own_code, split_rate
from portal.domain.booking.mapping import MappingKey, MappingKind
from portal.domain.house.states import Role
from portal.extensions import db
from portal.web.common.access import current_person, require
from portal.web.common.said import sentence_of
from portal.web.mappings.blueprint import blueprint
from portal.web.mappings.lines import NO_SOURCE, key_of
from portal.web.mappings.places import mapped_connection
from portal.web.mappings.table import page_of, table_of
from portal.wiring import current as wiring


def setter_of(connection_id: int) -> Setter:
    """Return who maps in a connection, where they may."""
    mapped_connection(connection_id)
    return Setter(connection_id, current_person().name, wiring().clock())


@blueprint.post("/<int:connection_id>/tax/<slug>/split")
@require(Role.FINANCE)
def split_tax_rate(connection_id: int, slug: str) -> ResponseReturnValue:
    """Let a tax rate have a VAT code for each place."""
    setter = setter_of(connection_id)
    try:
        split_rate(db.session(), wiring().nudge, setter, _rate_of(slug))
    except NoSourceError:
        abort(404)

    return _show_rate(connection_id, slug)


@blueprint.post("/<int:connection_id>/tax/<slug>/join")
@require(Role.FINANCE)
def join_tax_rate(connection_id: int, slug: str) -> ResponseReturnValue:
    """Let a tax rate have one VAT code for all."""
    setter = setter_of(connection_id)
    try:
        join_rate(db.session(), wiring().nudge, setter, _rate_of(slug))
    except NoSourceError:
        abort(404)

    return _show_rate(connection_id, slug, saved=[key_of(MappingKey(MappingKind.TAX, _rate_of(slug)))])


@blueprint.post("/<int:connection_id>/customers/<company_id>/tax/<slug>")
@require(Role.FINANCE)
def save_own_code(connection_id: int, company_id: str, slug: str) -> ResponseReturnValue:
    """Keep the own VAT code of a customer, or take it away."""
    setter = setter_of(connection_id)
    target = request.form.get("target") or None
    try:
        set_own_code(db.session(), wiring().nudge, setter, company_id, _rate_of(slug), target)
        flash(_("Saved. It holds for the next copies."), "success")
    except NoSourceError:
        abort(404)
    except CannotMapError as error:
        flash(sentence_of(error.said), "error")

    return redirect(url_for_company(connection_id, company_id))


def url_for_company(connection_id: int, company_id: str) -> str:
    """Return the page of a company's customer."""
    return url_for(
        "customer_links.edit_customer_link", connection_id=connection_id, company_id=company_id, _anchor="vat"
    )


def _rate_of(slug: str) -> str:
    return "" if slug == NO_SOURCE else slug


def _show_rate(connection_id: int, slug: str, saved: list[str] | None = None) -> ResponseReturnValue:
    """Lead to the rate on its page, with Undo where something was saved."""
    table = table_of(mapped_connection(connection_id))
    return redirect(page_of(table, saved=saved or [], _anchor=f"tax-{slug}"))
