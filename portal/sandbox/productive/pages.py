"""The web page on which a person plays Productive: see invoices, send, pay, edit a line, delete."""

from decimal import Decimal
from math import ceil
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.sandbox.common.asked import BackDoorError, read_amount, read_day
from portal.sandbox.productive.asks import as_decimal, as_price
from portal.sandbox.productive.backdoor import describe, show_units
from portal.sandbox.productive.payments import add_payment, delete_payment
from portal.sandbox.productive.person import edit_invoice, throw_away
from portal.sandbox.productive.rows import Invoice, Payment
from portal.sandbox.productive.state import Sandbox

_PER_PAGE = 50


def build_pages(state: Sandbox) -> Blueprint:
    """The pages and their forms."""
    pages = Blueprint("pages", __name__)
    pages.add_app_template_filter(show_units, "units")

    @pages.get("/")
    def show_invoices() -> str:
        wanted = request.args.get("q", "").strip().casefold()
        found = [each for each in _newest_first(state) if not wanted or wanted in _words_of(each, state)]
        last = max(1, ceil(len(found) / _PER_PAGE))
        page = min(max(request.args.get("page", 1, int), 1), last)
        shown = found[(page - 1) * _PER_PAGE : page * _PER_PAGE]
        rows = [describe(invoice, state) for invoice in shown]

        return render_template(
            "invoices.html",
            invoices=rows,
            page=page,
            last=last,
            count=len(found),
            wanted=wanted,
            words=_state_words,
        )

    @pages.get("/invoices/<int:id_>")
    def show_invoice(id_: int) -> str:
        invoice = _find(state, id_)
        lines = [_describe_line(state, line) for line in invoice.lines]
        shown = describe(invoice, state)

        return render_template(
            "invoice.html", invoice=shown, lines=lines, words=_state_words, today=state.today()
        )

    _add_forms(pages, state)
    return pages


def _add_forms(pages: Blueprint, state: Sandbox) -> None:
    @pages.post("/invoices/<int:id_>/sent")
    def mark_as_sent(id_: int) -> ResponseReturnValue:
        invoice = _find(state, id_)
        sent_on = None if invoice.sent_on else state.today()
        edit_invoice(state, invoice, {"sent_on": sent_on})
        return _back(id_)

    @pages.post("/invoices/<int:id_>/delete")
    def delete_invoice(id_: int) -> ResponseReturnValue:
        throw_away(state, _find(state, id_))
        return redirect(url_for("pages.show_invoices"))

    @pages.post("/invoices/<int:id_>/lines/<int:line_id>")
    def edit_line(id_: int, line_id: int) -> ResponseReturnValue:
        invoice = _find(state, id_)
        wishes: list[dict[str, object]] = [{"id": each} for each in invoice.lines]

        for wish in wishes:
            if wish["id"] == line_id:
                wish |= {"quantity": request.form.get("quantity", ""), "unit_price": _read_price()}

        edit_invoice(state, invoice, {"lines": wishes})
        return _back(id_)

    @pages.post("/invoices/<int:id_>/payments")
    def add_payment_by_hand(id_: int) -> ResponseReturnValue:
        invoice = _find(state, id_)
        payment = Payment(id=0, invoice_id=invoice.id, amount=0, created_at=state.moment())
        _fill(payment)
        payment.id = state.next_id("payments")
        add_payment(state, payment)

        return _back(id_)

    @pages.post("/payments/<int:id_>")
    def edit_payment(id_: int) -> ResponseReturnValue:
        payment = state.tables.payments.get(id_) or abort(404)
        _fill(payment)
        state.settle(state.tables.invoices[payment.invoice_id])
        return _back(payment.invoice_id)

    @pages.post("/payments/<int:id_>/delete")
    def remove_payment(id_: int) -> ResponseReturnValue:
        payment = state.tables.payments.get(id_) or abort(404)
        delete_payment(state, payment)
        return _back(payment.invoice_id)


def _read_price() -> int | Decimal:
    """The price of a line in cents, which may have parts of one."""
    try:
        return as_price(as_decimal(request.form.get("unit_price", "")) * 100)
    except ValueError:
        raise BackDoorError("The price must be a number.") from None


def _fill(payment: Payment) -> None:
    amount = int(read_amount(request.form, "amount") * 100)
    day = read_day(request.form, "day").isoformat()
    is_written_off = request.form.get("kind") == "written_off"
    payment.amount = amount
    payment.paid_on, payment.written_off_on = (None, day) if is_written_off else (day, None)
    payment.note = request.form.get("note") or None


def _newest_first(state: Sandbox) -> list[Invoice]:
    live = [invoice for invoice in state.tables.invoices.values() if invoice.is_live]
    return sorted(live, key=lambda each: (each.invoiced_on or "", each.id), reverse=True)


def _words_of(invoice: Invoice, state: Sandbox) -> str:
    name = state.tables.companies[invoice.company_id].name
    return f"{invoice.number} {invoice.subject} {name}".casefold()


def _state_words(invoice: dict[str, Any]) -> str:
    if not invoice["finalized_on"]:
        return "Draft"
    if invoice["paid_on"]:
        return "Paid"
    if invoice["invoice_type_id"] == 2:
        return "Credit note"
    if not invoice["sent_on"]:
        return "Not sent"

    return "Partly paid" if invoice["unpaid"] != invoice["total"] else "Unpaid"


def _describe_line(state: Sandbox, id_: int) -> dict[str, object]:
    line = state.tables.line_items[id_]
    type_ = state.tables.service_types.get(line.service_type_id or 0)
    return {
        "id": line.id,
        "position": line.position,
        "description": line.description,
        "service_type": type_.name if type_ else "no service type",
        "tax_rate": state.tables.tax_rates[line.tax_rate_id].name,
        "quantity": line.quantity,
        "unit_price": show_units(line.unit_price),
        "amount": show_units(line.amount),
    }


def _find(state: Sandbox, id_: int) -> Invoice:
    return state.tables.invoices.get(id_) or abort(404)


def _back(id_: int) -> ResponseReturnValue:
    return redirect(url_for("pages.show_invoice", id_=id_))
