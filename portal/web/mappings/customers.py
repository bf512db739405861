"""Customer links: which company is which customer in Exact, and how that was decided."""

from collections.abc import Callable
from functools import partial

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from portal.actions.customers.change_link import (
    CannotLinkError,
    LinkedCompany,
    change_link,
    confirm_link,
    remove_link,
)
from portal.actions.customers.finder import find_candidates
from portal.actions.customers.suggest import accept_customer, accept_customers
from portal.domain.house.states import Role
from portal.extensions import db
from portal.store.catalogue import CustomerRow
from portal.store.customer_links import company_names, find_link, links_of, newest_invoice
from portal.web.common.access import current_person, require
from portal.web.common.clock import today
from portal.web.common.htmx import safe_path
from portal.web.common.said import sentence_of
from portal.web.mappings.link_lines import (
    LINKS_PER_PAGE,
    LinkFilter,
    read_asked,
    read_filter,
    read_line,
)
from portal.web.mappings.places import chosen_place, mapped_connection, visible_places
from portal.web.mappings.unlinked import own_rates, read_accepted, shown_companies
from portal.wiring import current as wiring

blueprint = Blueprint("customer_links", __name__, url_prefix="/mappings/customers")


@blueprint.get("")
@require(Role.VIEWER)
def show_customers() -> ResponseReturnValue:
    """Show the customer links of a connection, all or those that the address asks for."""
    places = visible_places()
    place = chosen_place(places)
    if place is None:
        return render_template("mappings/empty.html")

    asked = read_asked()
    every = [read_line(each) for each in links_of(db.session(), place.row)]
    lines = [each for each in every if each.is_shown(asked)]
    return render_template(
        "mappings/customers.html",
        places=places,
        place=place,
        every=every,
        lines=asked.cut(lines),
        total=len(lines),
        page_number=asked.page,
        has_more=asked.page * LINKS_PER_PAGE < len(lines),
        only=asked.only,
        query=asked.query,
        **shown_companies(place.row),
    )


@blueprint.post("/<int:connection_id>/accept")
@require(Role.FINANCE)
def accept_suggested(connection_id: int) -> ResponseReturnValue:
    """Link companies to the customers that a form names, and go back to where they were shown."""
    row = mapped_connection(connection_id)
    wanted = dict(read_accepted(text) for text in request.form.getlist("accept"))
    who = LinkedCompany(row.id, "", current_person().name, wiring().clock())
    count = len(accept_customers(db.session(), row.id, wanted, who))

    if count:
        flash(ngettext("%(num)d customer linked.", "%(num)d customers linked.", count), "success")
    else:
        flash(_("Nothing was linked. Look at the companies as they are now."), "error")

    back = safe_path(request.form.get("back"))
    return redirect(back or url_for("customer_links.show_customers", connection=row.id))


@blueprint.get("/<int:connection_id>/<company_id>")
@require(Role.FINANCE)
def edit_customer_link(connection_id: int, company_id: str) -> ResponseReturnValue:
    """Show who a company may be, by the evidence or by a search."""
    row = mapped_connection(connection_id)
    link = find_link(db.session(), connection_id, company_id)
    query = request.args.get("q", "").strip()
    names = company_names(db.session(), row.subsidiary_id, [company_id])
    invoice = newest_invoice(db.session(), connection_id, company_id)
    buyer = invoice.bill_to if invoice else None
    if link is None and invoice is None:
        abort(404)

    return render_template(
        "mappings/customer_link.html",
        row=row,
        link=link,
        here={"connection_id": connection_id, "company_id": company_id},
        company=names.get(company_id) or (link.seen_name if link else None) or company_id,
        customer=db.session.get(CustomerRow, (connection_id, link.customer_id)) if link else None,
        own_rates=own_rates(row, company_id),
        candidates=find_candidates(db.session(), connection_id, company_id, buyer, query, today=today()),
        query=query,
    )


@blueprint.post("/<int:connection_id>/<company_id>")
@require(Role.FINANCE)
def save_customer_link(connection_id: int, company_id: str) -> ResponseReturnValue:
    """Link a company to the chosen customer."""
    # The page of a company without a customer says so, for a link may be removed meanwhile.
    act = accept_customer if request.form.get("unlinked") else change_link
    change = partial(act, customer_id=request.form.get("customer", ""))
    return act_on_link(connection_id, company_id, change, _("The customer was changed."))


@blueprint.post("/<int:connection_id>/<company_id>/confirm")
@require(Role.FINANCE)
def confirm_customer_link(connection_id: int, company_id: str) -> ResponseReturnValue:
    """Say that a link is right."""
    return act_on_link(connection_id, company_id, confirm_link, _("The link was confirmed."))


@blueprint.post("/<int:connection_id>/<company_id>/remove")
@require(Role.FINANCE)
def remove_customer_link(connection_id: int, company_id: str) -> ResponseReturnValue:
    """Forget a link."""
    said = _("The link was removed. The next copy asks for the customer.")
    return act_on_link(connection_id, company_id, remove_link, said)


def act_on_link(
    connection_id: int, company_id: str, act: Callable[[Session, LinkedCompany], None], said: str
) -> ResponseReturnValue:
    """Do what was asked, and lead back to the list as it was, with what became of it."""
    mapped_connection(connection_id)
    company = LinkedCompany(connection_id, company_id, current_person().name, wiring().clock())
    try:
        act(db.session(), company)
    except CannotLinkError as error:
        flash(sentence_of(error.said), "error")
    else:
        flash(said, "success")

    return redirect(list_as_it_was(connection_id))


def list_as_it_was(connection_id: int) -> str:
    """Return the address of the list with the filter and the search of the form."""
    only = read_filter(request.form.get("show"))
    return url_for(
        "customer_links.show_customers",
        connection=connection_id,
        show=None if only is LinkFilter.ALL else only,
        q=request.form.get("q") or None,
    )
