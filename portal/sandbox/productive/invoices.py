"""The rules of invoices: what may be written when, deleting, restoring, finalizing."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from portal.sandbox.productive.asks import BLANK, INVALID, Ask, as_day, as_plain, as_text
from portal.sandbox.productive.errors import invalid, not_found
from portal.sandbox.productive.make import make_invoice
from portal.sandbox.productive.numbers import next_number
from portal.sandbox.productive.rows import Invoice
from portal.sandbox.productive.state import Sandbox
from portal.sandbox.productive.totals import derive_invoice

CUSTOM_INTEGRATION = 7

_LOCKED = "can't be changed on an invoice that is marked as sent"
_CREDITED = "can't be changed while a credit note exists"


def _percentage(value: object) -> str | None:
    return None if value is None else as_plain(value)


def _object(value: object) -> object:
    if value is not None and not isinstance(value, dict):
        raise ValueError(value)
    return value


def _list(value: object) -> list[str]:
    if not isinstance(value, list):
        raise ValueError(value)
    return [str(each) for each in value]


def _flag(value: object) -> bool:
    return value in (True, "true", "1", 1)


# A sent invoice must be un-sent before it is edited; only these stay open.
_OPEN: Mapping[str, Callable[[Any], object]] = {
    "exported": _flag,
    "export_id": as_text,
    "export_invoice_url": as_text,
    "sent_on": as_day,
    "tag_list": _list,
    "custom_fields": _object,
}
_EDITABLE: Mapping[str, Callable[[Any], object]] = {
    "number": as_text,
    "subject": as_text,
    "invoiced_on": as_day,
    "pay_on": as_day,
    "delivery_on": as_day,
    "discount": _percentage,
    "note": as_text,
    "purchase_order_number": as_text,
}


def find_invoice(state: Sandbox, id_: int) -> Invoice:
    """The invoice, or 404 if there is none or it was deleted."""
    invoice = state.tables.invoices.get(id_)
    if invoice is None or not invoice.is_live:
        raise not_found()
    return invoice


def change_invoice(state: Sandbox, invoice: Invoice, ask: Ask) -> None:
    """Write what is writable, all or nothing. Everything else is ignored."""
    values, faults = _read(ask)
    if ask.names("attachment") or ask.has("attachment_id"):
        id_ = ask.related_id("attachment", "attachments")
        values["attachment_id"] = id_
        if ask.names("attachment") and (id_ is None or id_ not in state.tables.attachments):
            faults["attachment"] = BLANK

    lock = _LOCKED if invoice.sent_on else _CREDITED if invoice.credited else None
    for name in values.keys() & _EDITABLE.keys():
        if lock and values[name] != getattr(invoice, name):
            faults[name] = lock

    if invoice.finalized_on and "number" in values and not values["number"]:
        faults["number"] = BLANK

    if values.get("sent_on") and not invoice.finalized_on:
        faults["sent_on"] = "can't be set on a draft"

    if invoice.sent_on and values.get("exported") and "productive-mark" in state.backstage.readings:
        faults["exported"] = _LOCKED

    if faults:
        raise invalid(faults)

    if not values.get("export_id") and "productive-unmark" in state.backstage.readings:
        values.pop("export_id", None)

    for name, value in values.items():
        setattr(invoice, name, value)

    if "exported" in values:
        mark_export(state, invoice, exported=bool(values["exported"]))

    derive_invoice(invoice, state.tables)
    state.touch(invoice)


def _read(ask: Ask) -> tuple[dict[str, object], dict[str, str]]:
    values: dict[str, object] = {}
    faults: dict[str, str] = {}

    for name, read in {**_OPEN, **_EDITABLE}.items():
        if ask.has(name):
            try:
                values[name] = read(ask.attributes[name])
            except ValueError:
                faults[name] = INVALID

    return values, faults


def mark_export(state: Sandbox, invoice: Invoice, *, exported: bool) -> None:
    """What the server sets itself. 7 is "Custom", the only type that fits a write through the API."""
    invoice.exported = exported
    invoice.exported_at = state.moment() if exported else None
    invoice.export_integration_type_id = CUSTOM_INTEGRATION if exported else None


def delete_invoice(state: Sandbox, invoice: Invoice) -> None:
    """Move it into the recycle bin, but not while a credit note takes it back."""
    if invoice.credited:
        raise invalid({"base": "can't be deleted while a credit note exists"})
    invoice.deleted_at = state.moment()
    _settle_parent(state, invoice)
    state.touch(invoice)


def restore_invoice(state: Sandbox, id_: int) -> Invoice:
    """Out of the recycle bin."""
    invoice = state.tables.invoices.get(id_)
    if invoice is None or invoice.is_live:
        raise not_found()

    invoice.deleted_at = None
    _settle_parent(state, invoice)
    state.touch(invoice)

    return invoice


def _settle_parent(state: Sandbox, invoice: Invoice) -> None:
    if invoice.parent_invoice_id:
        state.settle(state.tables.invoices[invoice.parent_invoice_id])


def finalize_invoice(state: Sandbox, invoice: Invoice, number: str | None) -> None:
    """Give a draft its number and lock it."""
    if invoice.finalized_on:
        raise invalid({"base": "is already finalized"})

    invoice.number = number or next_number(state, invoice.subsidiary_id, invoice.invoiced_on or state.today())
    invoice.finalized_on = state.today()
    invoice.finalized_at = state.moment()
    _settle_parent(state, invoice)
    state.touch(invoice)


def create_draft(state: Sandbox, ask: Ask) -> Invoice:
    """A draft without lines, as ``POST /invoices`` makes it."""
    company = state.tables.companies.get(ask.related_id("company", "companies") or 0)
    parent = state.tables.invoices.get(ask.related_id("parent_invoice", "invoices") or 0)
    subsidiary = state.tables.subsidiaries.get(ask.related_id("subsidiary", "subsidiaries") or 0)
    values, faults = _read(ask)
    faults |= {"company": BLANK} if company is None else {}
    faults |= {name: BLANK for name in ("currency", "invoiced_on") if not ask.attributes.get(name)}
    if not re.fullmatch("[A-Z]{3}", str(ask.attributes.get("currency") or "EUR")):
        faults["currency"] = INVALID

    if subsidiary is None and ask.names("subsidiary"):
        faults["subsidiary"] = BLANK

    is_credit_note = ask.attributes.get("invoice_type_id") == 2
    if (is_credit_note or ask.names("parent_invoice")) and (parent is None or not parent.finalized_on):
        faults["parent_invoice"] = BLANK

    if faults or company is None:
        raise invalid(faults)

    wish: dict[str, object] = {
        **values,
        "company": {"id": company.id},
        "currency": ask.attributes["currency"],
        "subsidiary_id": subsidiary.id if subsidiary else 1,
        "finalized_on": None,
        "lines": [],
    }
    if parent:
        wish["parent_invoice_id"] = parent.id

    invoice = make_invoice(state, wish)
    state.changed()
    return invoice
