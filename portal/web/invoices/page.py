"""The page of one invoice: lines, totals, copies, payments, history."""

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.actions.copies.cut_over import cut_over_of
from portal.actions.copies.draft import linked_customer
from portal.actions.copies.under_number import Held, held_of, read_held
from portal.domain.copies.states import CopyState
from portal.domain.house.states import Role
from portal.extensions import db
from portal.store.catalogue import find_customer
from portal.store.copies import CopyRow
from portal.store.invoice_list import paid_state
from portal.store.invoices import InvoiceRow
from portal.store.payment_list import MirroredPayment
from portal.web.common.access import find_invoice, require
from portal.web.common.clock import today
from portal.web.common.events import sign_of
from portal.web.common.htmx import is_htmx
from portal.web.common.live import answer_live, live_version
from portal.web.common.need_words import short_word
from portal.web.common.unreadable import show_within
from portal.web.common.why_words import why_ledger, why_vat
from portal.web.invoices.blueprint import blueprint
from portal.web.invoices.copy_whys import tell_copy
from portal.web.invoices.lines import Lines, read_lines
from portal.web.invoices.parts import Parts, show_parts
from portal.web.invoices.proof import read_payment_proof, read_proof
from portal.web.invoices.state_words import state_of
from portal.web.invoices.told import Told, read_told
from portal.web.payments.states import shown_state
from portal.web.reconciliation.filters import CODE_NAMES


@blueprint.get("/invoices/<invoice_id>")
@require(Role.VIEWER)
def show_invoice(invoice_id: str) -> str:
    """Show one invoice: lines, totals, copies, payments, history."""
    # Noted before anything is read, so that a page is never newer than it says.
    live_version()
    row = find_invoice(invoice_id)
    return render_template("invoices/show.html", row=row, parts_shown=_read_parts(row))


@blueprint.get("/invoices/<invoice_id>/live")
@require(Role.VIEWER)
def show_invoice_live(invoice_id: str) -> ResponseReturnValue:
    """Show what looks otherwise than on the open page, whoever changed it."""
    row = find_invoice(invoice_id)
    if not is_htmx():
        return redirect(url_for("invoices.show_invoice", invoice_id=invoice_id))
    return answer_live("invoices/_show_live.html", lambda: {"row": row, "parts_shown": _read_parts(row)})


def _read_parts(row: InvoiceRow) -> Parts:
    """Read all that the page shows, and show it."""
    session = db.session()
    told = read_told(session, row)
    lines = read_lines(session, row, told.connection, told.copies, told.beside)

    words = (
        _invoice_words(told)
        | _line_words(session, row, lines)
        | _copy_words(told, lines)
        | _payment_words(session, told)
        | _exact_words(session, told)
    )
    return show_parts(row, {"connection": told.live, **words})


def _invoice_words(told: Told) -> dict[str, object]:
    """Return the invoice as Productive has it, and what happened to it."""
    row = told.row
    return {
        "invoice": row.invoice(),
        "paid": paid_state(row, today()),
        "state": state_of(row, told.latest),
        "short_word": short_word,
        "unreadable": show_within(told.unreadable),
        "events": told.events,
        "sign_of": sign_of,
    }


def _line_words(session: Session, row: InvoiceRow, lines: Lines | None) -> dict[str, object]:
    """Return the lines with what each is booked with, and the customer that owes them."""
    if lines is None:
        return {"draft": None}

    return {
        "postings": lines.post(row.currency),
        "is_copied": lines.copy is not None,
        "by": lines.copy.requested_by if lines.copy else "",
        "at": lines.copy.requested_at if lines.copy else None,
        "why_ledger": why_ledger,
        "why_vat": why_vat,
        "draft": lines.draft,
        "accounts": lines.accounts,
        "customer": find_customer(session, lines.connection.id, lines.customer_id),
        "too_early": cut_over_of(lines.connection, row),
    }


def _copy_words(told: Told, lines: Lines | None) -> dict[str, object]:
    """Return the copies, each with its proof, and what undid them."""
    invoice = told.row.invoice()
    copies = told.copies
    attempts = told.attempts
    accounts = lines.accounts if lines else {}

    return {
        "copies": copies,
        "refused": next((copy for copy in copies[:1] if copy.state == CopyState.REFUSED), None),
        "whys": {copy.id: tell_copy(copy, invoice, lines.catalogue) for copy in copies} if lines else {},
        "undone_by": {copy.undoes: copy for copy in copies if copy.undoes and copy.state == CopyState.UNDONE},
        "proofs": {
            copy.id: read_proof(copy, [each for each in attempts if each.copy_id == copy.id], accounts)
            for copy in copies
        },
    }


def _payment_words(session: Session, told: Told) -> dict[str, object]:
    """Return the payments that were mirrored, with their proof and what is odd about them."""
    row = told.row
    return {
        "payments": told.payments,
        "payment_of": lambda payment: MirroredPayment(
            payment, row, session.get_one(CopyRow, payment.copy_id), None
        ),
        "shown_state": shown_state,
        "findings": told.findings,
        "payment_proof": read_payment_proof(
            [each for each in told.attempts if each.payment_id is not None], row.currency
        ),
    }


def _exact_words(session: Session, told: Told) -> dict[str, object]:
    """Return what Exact holds beside the copies, and how it has them now."""
    return {
        "held": _read_held(session, told),
        "twins": told.twins(session),
        **_sides_words(told),
    }


def _read_held(session: Session, told: Told) -> Held | None:
    """Return what the last look showed under an invoice's number, however old it is."""
    live = told.live
    if live is None:
        return None

    if told.connection is not live:
        # What was copied is shown in another connection.
        customer_id = linked_customer(session, live.id, told.row.company_id)
        return read_held(session, live.id, told.row, customer_id, now=None)

    beside = told.beside
    return held_of(session, live.id, told.row, beside.linked_id, beside.under, now=None)


def _sides_words(told: Told) -> dict[str, object]:
    """Return both sides of an invoice that was compared with its entry."""
    sides = told.sides
    if sides is None:
        return {"sides": None}
    return {"sides": sides, "explained": told.explain(sides.row), "code_names": CODE_NAMES}
