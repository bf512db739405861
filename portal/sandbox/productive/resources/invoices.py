"""Invoices: attributes in Productive's order, relations, filters and their enumerations, sorts."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from hashlib import md5
from itertools import chain

from portal.sandbox.productive.filters import Field, each_id
from portal.sandbox.productive.jsonapi import NONE_OF_MANY, NOWHERE, Relation, Resource
from portal.sandbox.productive.resources.parts import (
    fields,
    leads_to,
    reads,
    show,
    show_currencies,
    show_decimal,
    show_money,
    sorts,
)
from portal.sandbox.productive.rows import AMOUNTS, Invoice
from portal.sandbox.productive.state import Sandbox

_DATES = ("invoiced_on", "sent_on", "pay_on", "delivery_on", "paid_on", "finalized_on", "finalized_at")
_EXPORT = ("exported", "exported_at", "export_integration_type_id", "export_id", "export_invoice_url")


def _show(row: Invoice, state: Sandbox) -> dict[str, object]:
    return {
        **show(row, ("number", "subject", *_DATES)),
        "discount": show_decimal(row.discount),
        # Legacy: tax is per line since September 2024.
        **dict.fromkeys(("tax1_name", "tax1_value", "tax2_name", "tax2_value")),
        **show(row, ("deleted_at", "tag_list", "note", "footer", *_EXPORT, "company_reference_id")),
        "note_interpolated": row.note,
        "footer_interpolated": row.footer,
        "email_key": md5(b"%d" % row.id, usedforsecurity=False).hexdigest(),
        **show(row, ("purchase_order_number", "created_at")),
        "exchange_rate": show_decimal(row.exchange_rate),
        **show(row, ("exchange_date", "custom_fields", "updated_at", "sample_data")),
        "pay_on_relative": True,
        "invoice_type_id": row.invoice_type_id,
        "credited": row.credited,
        "line_item_tax": True,
        "last_activity_at": row.last_activity_at,
        "creation_options": {},
        "payment_terms": payment_terms(row),
        "payment_terms_type": row.payment_terms_type,
        "payment_terms_days": payment_terms(row),
        "bank_account_details": None,
        "invoice_template_id": None,
        **show_currencies(row.currency, state.tables.organizations[min(state.tables.organizations)].currency),
        **show_money({name: getattr(row, name) for name in AMOUNTS}, row.exchange_rate),
    }


def payment_terms(row: Invoice, _state: Sandbox | None = None) -> int | None:
    """Days between the invoice's date and the day it is due."""
    if not row.invoiced_on or not row.pay_on:
        return None
    return (date.fromisoformat(row.pay_on) - date.fromisoformat(row.invoiced_on)).days


def _bill_from(row: Invoice, state: Sandbox) -> int:
    return state.tables.subsidiaries[row.subsidiary_id].bill_from_id


def _company_name(row: Invoice, state: Sandbox) -> str:
    return state.tables.companies[row.company_id].name


def _payment_status(row: Invoice, _state: Sandbox) -> int:
    if row.amount_unpaid <= 0 and not row.is_credit_note:
        return 1
    return 3 if row.amount_unpaid < row.amount_with_tax else 2


def _invoice_status(row: Invoice, state: Sandbox) -> int:
    if not row.finalized_on:
        return 4
    if not row.sent_on:
        return 0
    if row.paid_on:
        return 1

    return 2 if (row.pay_on or "") < state.today() else 3


def _aging(row: Invoice, state: Sandbox) -> int:
    if not row.sent_on or row.paid_on or not row.pay_on:
        return 0
    late = (date.fromisoformat(state.today()) - date.fromisoformat(row.pay_on)).days
    if late <= 0:
        return 4
    return 1 if late < 15 else 2 if late <= 45 else 3


def _choice(find: Callable[[Invoice], bool]) -> Field:
    return Field("choice", lambda row, _state: 1 if find(row) else 2)


def _search(row: Invoice, state: Sandbox) -> tuple[str, ...]:
    return (row.number or "", row.subject or "", _company_name(row, state))


def _narrow(
    state: Sandbox, conditions: Mapping[str, Mapping[str, Sequence[str]]]
) -> Iterable[Invoice] | None:
    if ids := conditions.get("id", {}).get("eq"):
        return [state.tables.invoices[id_] for id_ in sorted(each_id(ids) & state.tables.invoices.keys())]

    since = conditions.get("last_activity_at", {})
    if bounds := list(chain(since.get("gt_eq", ()), since.get("gt", ()))):
        # A day earlier than asked for: an offset in the value may move the date.
        day = datetime.fromisoformat(bounds[0]).date().toordinal() - 1
        return state.each_active_since(date.fromordinal(max(day, 1)).isoformat())

    return None


_ENUMS = {
    "invoice_state": _choice(lambda row: row.finalized_on is None),
    "invoice_type": Field("choice", reads("invoice_type_id")),
    "export_status": _choice(lambda row: row.exported),
    "payment_status": Field("choice", _payment_status),
    "sent_status": _choice(lambda row: row.sent_on is not None),
    "invoice_aging": Field("choice", _aging),
    "invoice_status": Field("choice", _invoice_status),
    "status": Field("choice", _invoice_status),
}

_ALWAYS_EMPTY = Field("id", lambda _row, _state: None)

INVOICES = Resource(
    "invoices",
    lambda state: state.tables.invoices,
    _show,
    {
        "bill_to": leads_to("contact_entries", "bill_to_id"),
        "bill_from": Relation("contact_entries", _bill_from),
        "company": leads_to("companies", "company_id"),
        "document_type": leads_to("document_types", "document_type_id"),
        "creator": Relation("people", lambda _row, _state: 1),
        "subsidiary": leads_to("subsidiaries", "subsidiary_id"),
        "parent_invoice": leads_to("invoices", "parent_invoice_id"),
        "issuer": Relation("people", lambda _row, _state: 1),
        "invoice_attributions": NONE_OF_MANY,
        "attachment": leads_to("attachments", "attachment_id"),
        "bank_account": NOWHERE,
        "custom_field_people": NONE_OF_MANY,
        "custom_field_attachments": NONE_OF_MANY,
    },
    {
        **fields("id", "id", "company_id", "subsidiary_id", "parent_invoice_id"),
        **dict.fromkeys(
            ("parent_company_id", "project_id", "deal_id", "responsible_id", "subscriber_id"), _ALWAYS_EMPTY
        ),
        **dict.fromkeys(("creator_id", "issuer_id"), Field("id", lambda _row, _state: 1)),
        **fields("word", "number", "currency", "purchase_order_number"),
        "tags": Field("word", reads("tag_list")),
        **fields("date", "invoiced_on", "pay_on", "delivery_on", "sent_on", "paid_on"),
        **fields("moment", "created_at", "last_activity_at"),
        **fields("number", *AMOUNTS),
        "payment_terms": Field("number", payment_terms),
        **fields("flag", "credited"),
        "automatically_created": Field("flag", lambda _row, _state: False),
        "query": Field("search", _search),
        "full_query": Field("search", _search),
        **_ENUMS,
    },
    {
        **sorts(*AMOUNTS, "created_at", "credited", "deleted_at", "delivery_on", "discount", "invoiced_on"),
        **sorts("last_activity_at", "number", "pay_on", "purchase_order_number", "sent_on", "subject"),
        "company_name": _company_name,
    },
    unkeyed_sorts=frozenset({"company_name"}),
    is_shown=lambda row: row.is_live,
    narrow=_narrow,
)
