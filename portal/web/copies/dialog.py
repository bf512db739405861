"""The copy dialog on the screen: one proposal, shown whole or in part."""

from collections.abc import Mapping
from functools import partial

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.actions.copies.propose import CUSTOMER_FIELDS, Answers, Proposal, Turn, propose
from portal.domain.assumptions import Feature
from portal.domain.booking.mapping import MappingKey, MappingKind
from portal.domain.booking.offers import Offers
from portal.domain.booking.sales_entry import Problem
from portal.domain.copies.needs import needs_of
from portal.domain.copies.strangers import name_stranger
from portal.extensions import db, the_portal
from portal.store.invoices import InvoiceRow
from portal.store.trials import kept_off
from portal.web.common.clock import now, today
from portal.web.common.htmx import is_htmx
from portal.web.common.waits import Trouble
from portal.web.common.why_words import why_ledger, why_vat
from portal.web.copies.changes import changes_words
from portal.web.copies.first_words import say_first
from portal.web.copies.next import find_place
from portal.web.copies.remember import Hint, remember_words
from portal.web.copies.vat_hint import say_vat
from portal.web.mappings.lines import slug_of

WHOLE = "copies/_dialog.html"
ANSWER = "copies/_answer.html"


def show_dialog(
    row: InvoiceRow,
    answers: Answers,
    *,
    refused: tuple[Problem, ...] = (),
    trouble: str | None = None,
    unread: Trouble | None = None,
    part: str = WHOLE,
) -> ResponseReturnValue:
    """Show what these answers propose, as a page of its own where htmx did not ask."""
    dialog = propose(db.session(), row, answers, refused=refused, now=now(), today=today())
    at_once = dialog is not None and dialog.copied is not None and not is_htmx()
    words = changes_words(row, dialog.choices) if dialog and at_once else {}
    ahead_trouble = words.pop("trouble", None)
    kept = remember_words(dialog)
    strangers = dialog.held.strangers if dialog and dialog.held else ()
    page = render_template(
        part if is_htmx() else "copies/page.html",
        first_words=say_first((*dialog.problems, *map(name_stranger, strangers))) if dialog else "",
        focus=_focus(dialog, answers, kept.hints) if dialog and part == WHOLE else "",
        places=_places(dialog) if dialog else (),
        row=row,
        dialog=dialog,
        few=_few(dialog, kept.hints) if dialog else None,
        mapping_of=partial(_mapping_of, dialog) if dialog else None,
        trouble=trouble,
        unread=unread,
        edit_line=request.form.get("edit_line"),
        vat_page=_vat_page(dialog) if dialog else "",
        vat_hint=say_vat(dialog.invoice.bill_to, dialog.choices.customer) if dialog else None,
        whole=not is_htmx(),
        place=find_place(row),
        why_ledger=why_ledger,
        why_vat=why_vat,
        keepables=kept.boxes,
        hints=kept.hints,
        ahead_trouble=ahead_trouble,
        **words,
    )

    return page, 422 if refused else 200


def _mapping_of(dialog: Proposal, problem: Problem) -> str:
    """Return where what lacks a mapping is mapped: its row, open to be changed."""
    [need] = needs_of([problem], dialog.invoice)
    kind, _colon, source = need.subject.partition(":")
    if not source:
        return url_for("mappings.show_mappings", connection=dialog.connection.id)

    where = dialog.draft.where
    is_split = problem.code == "vat_unmapped_place" and where is not None
    key = MappingKey(MappingKind(kind), source, where.place if is_split and where else None)
    return url_for("mappings.edit_row", connection_id=dialog.connection.id, kind=key.kind, slug=slug_of(key))


def _few(dialog: Proposal, hints: Mapping[str, Hint]) -> Offers:
    """Return what the lists show: what is chosen and what a search finds, suggested ones first."""
    chosen = {dialog.choices.ledger, *dialog.choices.line_ledgers.values()}
    services = [hint for key, hint in hints.items() if key.startswith(f"{MappingKind.SERVICE}:")]
    suggested = {offer.target for hint in services for offer in hint.offers}
    few = dialog.offers.narrowed(request.values.get("ledger_search", ""), chosen | suggested)
    return few.suggesting(suggested)


def _focus(dialog: Proposal, answers: Answers, hints: Mapping[str, Hint]) -> str:
    """Name where the dialog begins. Who turned to another kind of customer goes on there."""
    if answers.turn is Turn.NEW:
        return "name"
    if answers.turn:
        return "customer"

    # A suggestion is taken by one key.
    first = dialog.first
    if first == "ledger":
        # Those for VAT codes stand above the lines, in which those for ledger accounts are.
        above = sorted(hints, key=lambda key: key.startswith(f"{MappingKind.SERVICE}:"))
        hint = hints[above[0]] if above else None
    else:
        hint = hints.get(first.replace("vat_codes.", f"{MappingKind.TAX}:"))

    return f"take {hint.offers[0].value}" if hint else first


def _places(dialog: Proposal) -> list[tuple[str, str]]:
    """Return the ids of the fields above the lines, each with the field of the draft that it answers."""
    is_new = dialog.choices.new_customer and dialog.choices.customer
    new = [(f"copy-new-{name}", name) for name in CUSTOMER_FIELDS]
    customer = new if is_new else [("copy-customer", "customer")]
    rates = [
        (f"copy-vat-{at}", f"vat_codes.{rate.id}") for at, rate in enumerate(dialog.draft.tax_rates, start=1)
    ]
    vat = rates if dialog.offers.codes else [("copy-vat", "vat_codes")]
    above = [("copy-journal", "journal"), ("copy-date", "booking_date"), ("copy-ledger", "ledger")]

    return [*customer, *above, *vat]


def _vat_page(dialog: Proposal) -> str:
    """Return where a person sees the VAT codes in Exact."""
    connection = dialog.connection
    if kept_off(connection, Feature.VAT_LINK):
        return ""
    return the_portal().settings.vat_page_of(connection.locale, connection.division)
