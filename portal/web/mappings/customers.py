"""Customer links: which company is which customer in Exact, and how that was decided."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.actions.customers.finder import find_candidates, read_signs
from portal.actions.customers.link import (
    CannotLinkError,
    change_link,
    confirm_link,
    find_link,
    newest_invoice,
    remove_link,
)
from portal.domain.customers.evidence import Sign
from portal.domain.customers.states import LinkOrigin
from portal.domain.house.states import Role
from portal.extensions import db
from portal.store.catalogue import CustomerRow
from portal.store.customer_links import CompanyLink, company_names, links_of
from portal.web.common.access import current_person, require
from portal.web.common.clock import today
from portal.web.common.texts import row_number
from portal.web.mappings.places import chosen_place, mapped_connection, visible_places
from portal.wiring import current as wiring

ALL = "all"
BY_PORTAL = "portal"
OPEN = "open"
PAGE = 50
blueprint = Blueprint("customer_links", __name__, url_prefix="/mappings/customers")


@dataclass(frozen=True, slots=True)
class LinkLine:
    """One link as the page shows it. ``problem`` says why its customer cannot be used."""

    found: CompanyLink
    signs: tuple[Sign, ...]
    problem: str | None

    @property
    def by_portal(self) -> bool:
        """Say whether the portal decided it."""
        return self.found.link.how == LinkOrigin.CERTAIN

    def is_shown(self, only: str, query: str) -> bool:
        """Say whether a filter and a search leave it in the list."""
        fits = {ALL: True, BY_PORTAL: self.by_portal, OPEN: self.problem is not None}[only]
        customer = self.found.customer
        text = f"{self.found.company} {customer.name} {customer.code}" if customer else self.found.company
        return fits and query.casefold() in text.casefold()


@blueprint.get("")
@require(Role.VIEWER)
def show_customers() -> ResponseReturnValue:
    """Show the customer links of a connection, those made by the portal, or those that need somebody."""
    places = visible_places()
    place = chosen_place(places)
    if place is None:
        return render_template("mappings/empty.html")

    asked = request.args.get("show", ALL)
    only = asked if asked in (ALL, BY_PORTAL, OPEN) else ALL
    query = request.args.get("q", "").strip()
    every = [read_line(each) for each in links_of(db.session(), place.row)]
    lines = [each for each in every if each.is_shown(only, query)]
    number = max(request.args.get("page", 1, type=row_number), 1)

    return render_template(
        "mappings/customers.html",
        places=places,
        place=place,
        every=every,
        lines=lines[(number - 1) * PAGE : number * PAGE],
        total=len(lines),
        page_number=number,
        has_more=number * PAGE < len(lines),
        only=only,
        query=query,
    )


def read_line(found: CompanyLink) -> LinkLine:
    """Prepare a link for the page."""
    return LinkLine(found, read_signs(found.link.evidence), say_problem(found.customer))


def say_problem(customer: CustomerRow | None) -> str | None:
    """Say why a customer cannot be used. None where it can."""
    if customer is None or customer.deleted:
        return str(_("No longer in Exact. Choose another."))
    if customer.blocked:
        return str(_("Blocked in Exact. Unblock it there, or choose another."))
    if customer.status.strip() != "C":
        return str(_("Not a customer in Exact. Give it the status Customer there, or choose another."))
    if customer.ended_on and customer.ended_on < today():
        return str(_("Ended in Exact. Clear the end date there, or choose another."))

    return None


@blueprint.get("/<int:connection_id>/<company_id>")
@require(Role.FINANCE)
def edit_customer_link(connection_id: int, company_id: str) -> ResponseReturnValue:
    """Show who a company may be: by the evidence, or by a search."""
    row = mapped_connection(connection_id)
    link = find_link(db.session(), connection_id, company_id) or abort(404)
    query = request.args.get("q", "").strip()
    names = company_names(db.session(), row.subsidiary_id, [company_id])
    invoice = newest_invoice(db.session(), connection_id, company_id)
    buyer = invoice.bill_to if invoice else None

    return render_template(
        "mappings/customer_link.html",
        row=row,
        link=link,
        company=names.get(company_id) or link.seen_name or company_id,
        customer=db.session.get(CustomerRow, (connection_id, link.customer_id)),
        candidates=find_candidates(db.session(), connection_id, buyer, query, today=today()),
        query=query,
    )


@blueprint.post("/<int:connection_id>/<company_id>")
@require(Role.FINANCE)
def save_customer_link(connection_id: int, company_id: str) -> ResponseReturnValue:
    """Link a company to the chosen customer."""
    mapped_connection(connection_id)
    chosen = request.form.get("customer", "")
    change = partial(change_link, customer_id=chosen)
    return after(connection_id, company_id, change, _("The customer was changed."))


@blueprint.post("/<int:connection_id>/<company_id>/confirm")
@require(Role.FINANCE)
def confirm_customer_link(connection_id: int, company_id: str) -> ResponseReturnValue:
    """Say that a link is right."""
    mapped_connection(connection_id)
    return after(connection_id, company_id, confirm_link, _("The link was confirmed."))


@blueprint.post("/<int:connection_id>/<company_id>/remove")
@require(Role.FINANCE)
def remove_customer_link(connection_id: int, company_id: str) -> ResponseReturnValue:
    """Forget a link."""
    mapped_connection(connection_id)
    said = _("The link was removed. The next copy asks for the customer.")
    return after(connection_id, company_id, remove_link, said)


def after(connection_id: int, company_id: str, act: Callable[..., None], said: str) -> ResponseReturnValue:
    """Do what was asked, and lead back to the list as it was, with what became of it."""
    try:
        act(
            db.session(),
            connection_id,
            company_id,
            actor=current_person().name,
            now=wiring().clock(),
        )
    except CannotLinkError as error:
        db.session.rollback()
        flash(str(error), "error")
    else:
        flash(said, "success")

    only = request.form.get("show", ALL)
    where = url_for(
        "customer_links.show_customers",
        connection=connection_id,
        show=only if only in (BY_PORTAL, OPEN) else None,
        q=request.form.get("q") or None,
    )

    return redirect(where)
