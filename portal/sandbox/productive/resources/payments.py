"""Payments as they are listed and shown. Their rules are in ``payments.py`` beside this folder."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from portal.sandbox.productive.filters import Field, each_id
from portal.sandbox.productive.jsonapi import Resource
from portal.sandbox.productive.resources.parts import (
    fields,
    leads_to,
    reads,
    show_currencies,
    show_money,
    sorts,
)
from portal.sandbox.productive.rows import Invoice, Payment
from portal.sandbox.productive.state import Sandbox


def _show(row: Payment, state: Sandbox) -> dict[str, object]:
    invoice = state.tables.invoices[row.invoice_id]
    return {
        "paid_on": row.paid_on,
        "written_off_on": row.written_off_on,
        "note": row.note,
        "external_id": None,
        "created_at": row.created_at,
        **show_currencies(invoice.currency),
        **show_money({"amount": row.amount}, invoice.exchange_rate),
    }


def _of_invoice(find: Callable[[Invoice], object]) -> Callable[[Payment, Sandbox], object]:
    return lambda row, state: find(state.tables.invoices[row.invoice_id])


def _search(row: Payment, state: Sandbox) -> tuple[str, ...]:
    return (state.tables.invoices[row.invoice_id].number or "", row.note or "")


def _narrow(
    state: Sandbox, conditions: Mapping[str, Mapping[str, Sequence[str]]]
) -> Iterable[Payment] | None:
    ids = conditions.get("invoice_id", {}).get("eq")
    if not ids:
        return None
    invoices = each_id(ids) & state.tables.invoices.keys()
    found = [payment for id_ in invoices for payment in state.tables.invoices[id_].payments]
    return [state.tables.payments[id_] for id_ in sorted(found)]


PAYMENTS = Resource(
    "payments",
    lambda state: state.tables.payments,
    _show,
    {"invoice": leads_to("invoices", "invoice_id")},
    {
        **fields("id", "id", "invoice_id"),
        "company_id": Field("id", _of_invoice(lambda invoice: invoice.company_id)),
        "subsidiary_id": Field("id", _of_invoice(lambda invoice: invoice.subsidiary_id)),
        **dict.fromkeys(("project_id", "budget_id"), Field("id", lambda _row, _state: None)),
        **fields("date", "paid_on", "written_off_on"),
        "paid_after": Field("after", reads("paid_on")),
        "paid_before": Field("before", reads("paid_on")),
        "number": Field("word", _of_invoice(lambda invoice: invoice.number)),
        "external_id": Field("word", lambda _row, _state: None),
        **fields("number", "amount"),
        "query": Field("search", _search),
    },
    {
        **sorts("amount", "note", "paid_on", "written_off_on"),
        "date": lambda row, _state: row.paid_on or row.written_off_on,
        "invoice_number": _of_invoice(lambda invoice: invoice.number),
    },
    unkeyed_sorts=frozenset({"invoice_number"}),
    narrow=_narrow,
)
