"""Line items: found by invoice through an index, otherwise by looking at all."""

from collections.abc import Iterable, Mapping, Sequence

from portal.sandbox.productive.filters import Field, each_id
from portal.sandbox.productive.jsonapi import NOWHERE, Resource
from portal.sandbox.productive.resources.parts import (
    fields,
    leads_to,
    show_currencies,
    show_decimal,
    show_money,
)
from portal.sandbox.productive.rows import LineItem
from portal.sandbox.productive.state import Sandbox


def _show(row: LineItem, state: Sandbox) -> dict[str, object]:
    invoice = state.tables.invoices[row.invoice_id]
    money = {
        "unit_price": row.unit_price,
        "amount": row.amount,
        "amount_tax": row.amount_tax,
        "amount_with_tax": row.given.get("amount_with_tax", row.amount + row.amount_tax),
    }
    if "productive-fields" in state.backstage.readings:
        money.pop("amount_tax")

    return {
        "unit_id": row.unit_id,
        "position": row.position,
        "quantity": show_decimal(row.quantity),
        "discount": show_decimal(row.discount),
        "description": row.description,
        # Null in every recording although tax was computed: the tax_rate relation tells.
        "tax_name": None,
        "tax_value": None,
        "manual_entry": True,
        **show_currencies(invoice.currency),
        **show_money(money, invoice.exchange_rate),
    }


def _narrow(
    state: Sandbox, conditions: Mapping[str, Mapping[str, Sequence[str]]]
) -> Iterable[LineItem] | None:
    ids = conditions.get("invoice_id", {}).get("eq")
    if not ids:
        return None
    invoices = sorted(each_id(ids) & state.tables.invoices.keys())
    return [state.tables.line_items[line] for id_ in invoices for line in state.tables.invoices[id_].lines]


def _company_id(row: LineItem, state: Sandbox) -> int:
    return state.tables.invoices[row.invoice_id].company_id


LINE_ITEMS = Resource(
    "line_items",
    lambda state: state.tables.line_items,
    _show,
    {
        "invoice": leads_to("invoices", "invoice_id"),
        "service": NOWHERE,
        "expense": leads_to("expenses", "expense_id"),
        "service_type": leads_to("service_types", "service_type_id"),
        "tax_rate": leads_to("tax_rates", "tax_rate_id"),
        "kpd_code": NOWHERE,
    },
    {
        **fields("id", "id", "invoice_id", "expense_id", "service_type_id", "unit_id"),
        "company_id": Field("id", _company_id),
        **dict.fromkeys(("service_id", "creator_id", "updater_id"), Field("id", lambda _row, _state: None)),
        **fields("text", "description"),
        **fields("number", "discount"),
        **dict.fromkeys(("tax_name", "tax_value"), Field("word", lambda _row, _state: None)),
    },
    narrow=_narrow,
)
