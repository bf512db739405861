"""The back doors of Productive: every invoice at a glance, making many at once, and playing the person.

Amounts that come out are strings in whole units ("121.00"). Those going in are cents, as in the API: a
``unit_price`` may have parts of a cent, and an ``amount`` of a line or header that is given is not derived.

    GET    /_sandbox/invoices
    POST   /_sandbox/invoices        {"invoices": [{…, "company": {…}, "lines": […], "rounding": "line"}]}
    PATCH  /_sandbox/invoices/<id>   any attribute, "lines" replaces the lines, an "id" in one keeps that line
    DELETE /_sandbox/invoices/<id>   into the recycle bin
    POST   /_sandbox/payments        {"invoice", "amount"?, "paid_on"?, "written_off_on"?, "note"?}
    PATCH, DELETE /_sandbox/payments/<id>
    POST   /_sandbox/webhooks        {"event_id", "target_url"} -> {"signature_token"}
    POST   /_sandbox/odd             {"type", "id", "attributes"?, "relationships"?, "without"?, "times"?}:
                                     any record, as odd as you like (see common/odd.py)
    DELETE /_sandbox/odd             all records as they are
    POST   /_sandbox/limits          {"minute" (per 10 s), "day" (per 30 min)}, also ten_seconds, half_hour
"""

from collections.abc import Mapping
from decimal import Decimal

from flask import Blueprint, Response, jsonify, request

from portal.sandbox.common.asked import (
    BackDoorError,
    read_amount,
    read_body,
    read_count,
    read_day,
    read_list,
    read_text,
)
from portal.sandbox.common.doors import PREFIX
from portal.sandbox.common.odd import read_odd
from portal.sandbox.common.reading import parse_id
from portal.sandbox.productive.asks import as_text
from portal.sandbox.productive.hooks import is_address, make_webhook
from portal.sandbox.productive.make import make_invoice
from portal.sandbox.productive.payments import add_payment, delete_payment
from portal.sandbox.productive.person import edit_invoice, throw_away
from portal.sandbox.productive.resources import RESOURCES
from portal.sandbox.productive.rows import Invoice, Payment
from portal.sandbox.productive.state import Sandbox

_MOST_AT_ONCE = 20_000


def build_doors(state: Sandbox) -> Blueprint:
    """The back doors that only Productive has."""
    doors = Blueprint("doors", __name__, url_prefix=PREFIX)
    _add_limits(doors, state)
    _add_invoices(doors, state)
    _add_payments(doors, state)
    _add_hooks(doors, state)
    _add_odd(doors, state)

    return doors


def _add_limits(doors: Blueprint, state: Sandbox) -> None:
    @doors.post("/limits")
    def change_limits() -> Response:
        body = read_body("minute", "day", "ten_seconds", "half_hour")
        limits = state.backstage.limits
        limits.minute = read_count(body, "ten_seconds", read_count(body, "minute", limits.minute))
        limits.day = read_count(body, "half_hour", read_count(body, "day", limits.day))
        state.forget_calls()

        return jsonify(minute=limits.minute, day=limits.day)


def _add_invoices(doors: Blueprint, state: Sandbox) -> None:
    @doors.get("/invoices")
    def show_invoices() -> Response:
        ids = request.args.getlist("id")
        numbers = request.args.getlist("number")
        return jsonify(
            invoices=[
                describe(invoice, state)
                for invoice in state.tables.invoices.values()
                if (not ids or str(invoice.id) in ids) and (not numbers or invoice.number in numbers)
            ]
        )

    @doors.post("/invoices")
    def make_invoices() -> Response:
        wishes = read_list(read_body("invoices"), "invoices")
        if len(wishes) > _MOST_AT_ONCE:
            raise BackDoorError(f"At most {_MOST_AT_ONCE} at once.")

        made = [make_invoice(state, wish).id for wish in wishes if isinstance(wish, Mapping)]
        state.changed()
        return jsonify(ids=[str(id_) for id_ in made])

    @doors.patch("/invoices/<int:id_>")
    def change_invoice(id_: int) -> Response:
        invoice = _find_invoice(state, id_)
        edit_invoice(state, invoice, read_body())
        return jsonify(describe(invoice, state))

    @doors.delete("/invoices/<int:id_>")
    def delete_invoice(id_: int) -> Response:
        throw_away(state, _find_invoice(state, id_))
        return jsonify(ok=True)


def _add_hooks(doors: Blueprint, state: Sandbox) -> None:
    @doors.post("/webhooks")
    def set_up_hook() -> Response:
        body = read_body("event_id", "target_url")
        url = read_text(body, "target_url")
        if not url.startswith("https:") or not is_address(url):
            raise BackDoorError("target_url must be https.")

        made = make_webhook(state.next_id("webhooks"), read_count(body, "event_id"), url)
        state.tables.webhooks[made.id] = made
        state.changed()

        return jsonify(signature_token=made.signature_token)


def _add_odd(doors: Blueprint, state: Sandbox) -> None:
    @doors.post("/odd")
    def make_odd() -> Response:
        body = read_body("type", "id", "attributes", "relationships", "without", "times")
        type_ = read_text(body, "type")
        id_ = read_count(body, "id")
        if type_ not in RESOURCES or id_ not in RESOURCES[type_].rows(state):
            raise BackDoorError(f"There is no {type_} {id_}.", 404)

        state.tables.odd[f"{type_}/{id_}"] = read_odd(body, "attributes")
        row = RESOURCES[type_].rows(state)[id_]
        changed = (
            row if isinstance(row, Invoice) else state.tables.invoices.get(getattr(row, "invoice_id", 0))
        )
        if changed:
            state.touch(changed)

        state.changed()
        return jsonify(ok=True)

    @doors.delete("/odd")
    def make_usual() -> Response:
        state.tables.odd.clear()
        state.changed()
        return jsonify(ok=True)


def _add_payments(doors: Blueprint, state: Sandbox) -> None:
    @doors.post("/payments")
    def make_payment() -> Response:
        body = read_body("invoice", "amount", "paid_on", "written_off_on", "note")
        invoice = _find_invoice(state, body.get("invoice"))
        payment = Payment(
            id=state.next_id("payments"), invoice_id=invoice.id, amount=0, created_at=state.moment()
        )
        if not body.get("written_off_on"):
            payment.paid_on = state.today()

        _fill(payment, {"amount": show_units(invoice.amount_unpaid), **body})
        return jsonify(id=str(add_payment(state, payment).id))

    @doors.patch("/payments/<int:id_>")
    def change_payment(id_: int) -> Response:
        payment = _find_payment(state, id_)
        _fill(payment, read_body("amount", "paid_on", "written_off_on", "note"))
        state.settle(state.tables.invoices[payment.invoice_id])
        return jsonify(_describe_payment(payment))

    @doors.delete("/payments/<int:id_>")
    def remove_payment(id_: int) -> Response:
        delete_payment(state, _find_payment(state, id_))
        return jsonify(ok=True)


def _fill(payment: Payment, body: Mapping[str, object]) -> None:
    if "amount" in body:
        payment.amount = int(read_amount(body, "amount") * 100)

    for name in ("paid_on", "written_off_on"):
        if name in body:
            setattr(payment, name, read_day(body, name).isoformat() if body[name] else None)

    if "note" in body:
        payment.note = as_text(body["note"])


def _find_invoice(state: Sandbox, wanted: object) -> Invoice:
    invoices = state.tables.invoices
    if (id_ := parse_id(wanted)) in invoices:
        return invoices[id_]

    for invoice in invoices.values():
        if wanted and invoice.number == wanted:
            return invoice

    raise BackDoorError(f"There is no invoice {wanted}.", 404)


def _find_payment(state: Sandbox, id_: int) -> Payment:
    if id_ not in state.tables.payments:
        raise BackDoorError(f"There is no payment {id_}.", 404)
    return state.tables.payments[id_]


def show_units(cents: int | Decimal) -> str:
    """Cents as a string in whole units. Parts of a cent are shown where there are any."""
    if isinstance(cents, Decimal):
        return f"{cents / 100:f}"
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02}"


def describe(invoice: Invoice, state: Sandbox) -> dict[str, object]:
    """An invoice at a glance."""
    return {
        "id": str(invoice.id),
        "number": invoice.number,
        "subject": invoice.subject,
        "subsidiary_id": str(invoice.subsidiary_id),
        "company_id": str(invoice.company_id),
        "company": state.tables.companies[invoice.company_id].name,
        "invoice_type_id": invoice.invoice_type_id,
        "parent_invoice_id": str(invoice.parent_invoice_id) if invoice.parent_invoice_id else None,
        "currency": invoice.currency,
        "invoiced_on": invoice.invoiced_on,
        "pay_on": invoice.pay_on,
        "finalized_on": invoice.finalized_on,
        "sent_on": invoice.sent_on,
        "paid_on": invoice.paid_on,
        "deleted_at": invoice.deleted_at,
        "sample_data": invoice.sample_data,
        "discount": invoice.discount,
        "net": show_units(invoice.amount),
        "tax": show_units(invoice.amount_tax),
        "total": show_units(invoice.amount_with_tax),
        "paid": show_units(invoice.amount_paid),
        "written_off": show_units(invoice.amount_written_off),
        "credited": show_units(invoice.amount_credited_with_tax),
        "unpaid": show_units(invoice.amount_unpaid),
        "exported": invoice.exported,
        "exported_at": invoice.exported_at,
        "export_integration_type_id": invoice.export_integration_type_id,
        "export_id": invoice.export_id,
        "export_invoice_url": invoice.export_invoice_url,
        "line_ids": [str(id_) for id_ in invoice.lines],
        "payments": [_describe_payment(state.tables.payments[id_]) for id_ in invoice.payments],
    }


def _describe_payment(payment: Payment) -> dict[str, object]:
    return {
        "id": str(payment.id),
        "amount": show_units(payment.amount),
        "paid_on": payment.paid_on,
        "written_off_on": payment.written_off_on,
        "note": payment.note,
    }
