"""The organisation's own records: subsidiaries, service types, tax rates, document types and smaller ones."""

from collections.abc import Mapping
from typing import Any

from portal.sandbox.productive.filters import Field
from portal.sandbox.productive.jsonapi import NONE_OF_MANY, NOWHERE, Resource
from portal.sandbox.productive.resources.parts import (
    STATUS,
    fields,
    leads_to,
    reads,
    show,
    show_decimal,
    show_money,
    sorts,
)
from portal.sandbox.productive.rows import (
    Comment,
    DocumentType,
    Expense,
    Invoice,
    Organization,
    Person,
    ServiceType,
    Subsidiary,
    TaxRate,
)
from portal.sandbox.productive.state import Sandbox


def _show_organization(row: Organization, _state: Sandbox) -> dict[str, object]:
    return {
        "name": row.name,
        "currency": row.currency,
        "time_zone": "Europe/Amsterdam",
        "locale": "en",
        "due_days": 30,
        "invoice_rounding_method_id": 1,
        "decimal_places_id": 1,
    }


def _show_subsidiary(row: Subsidiary, _state: Sandbox) -> dict[str, object]:
    return {
        "name": row.name,
        "invoice_number_format": f"{row.number_prefix}{{yyyy}}-{{{'n' * row.number_digits}}}",
        "invoice_number_scope": "year",
        "archived_at": row.archived_at,
        "show_delivery_date": False,
        "facility_costs_breakdown": None,
        "export_integration_type_id": row.export_integration_type_id,
        "invoice_logo_url": None,
        **show_money({"facility_costs": 0}, "1.0"),
    }


def _show_service_type(row: ServiceType, _state: Sandbox) -> dict[str, object]:
    return show(row, ("name", "archived_at", "description"))


def _show_tax_rate(row: TaxRate, _state: Sandbox) -> dict[str, object]:
    return {
        "name": row.name,
        "primary_component_name": row.primary_component_name,
        "primary_component_value": show_decimal(row.primary_component_value),
        "secondary_component_name": row.secondary_component_name,
        "secondary_component_value": show_decimal(row.secondary_component_value),
        "archived_at": row.archived_at,
    }


def _show_document_type(row: DocumentType, _state: Sandbox) -> dict[str, object]:
    empty = dict.fromkeys(
        ("note", "footer", "tax1_name", "tax1_value", "tax2_name", "tax2_value", "archived_at")
    )
    return {
        "name": row.name,
        "locale": row.locale,
        "exportable_type_id": 1,
        "document_template_id": 1,
        **empty,
    }


def _show_expense(row: Expense, _state: Sandbox) -> dict[str, object]:
    return {
        "name": row.name,
        "date": row.date,
        "currency": row.currency,
        **show_money({"amount": row.amount}, "1.0"),
    }


def _show_person(row: Person, _state: Sandbox) -> dict[str, object]:
    return show(row, ("first_name", "last_name", "email"))


def _show_comment(row: Comment, _state: Sandbox) -> dict[str, object]:
    return show(row, ("body", "created_at"))


def _show_deleted_item(row: Invoice, _state: Sandbox) -> dict[str, object]:
    return {"item_id": row.id, "item_type": "invoice", "item_name": row.number, "deleted_at": row.deleted_at}


def _each_deleted(state: Sandbox) -> Mapping[int, Invoice]:
    return {id_: row for id_, row in state.tables.invoices.items() if row.deleted_at}


def _subsidiary_name(row: Any, state: Sandbox) -> str:
    return state.tables.subsidiaries[row.subsidiary_id].name


ORGANIZATIONS = Resource(
    "organizations",
    lambda state: state.tables.organizations,
    _show_organization,
    {"company": NOWHERE, "owner": leads_to("people", "id")},
    fields("id", "id"),
    sorts("name"),
    has_organization=False,
)
PEOPLE = Resource(
    "people", lambda state: state.tables.people, _show_person, {"company": NOWHERE}, is_served=False
)
SUBSIDIARIES = Resource(
    "subsidiaries",
    lambda state: state.tables.subsidiaries,
    _show_subsidiary,
    {
        "bill_from": leads_to("contact_entries", "bill_from_id"),
        "custom_domain": NOWHERE,
        "default_tax_rate": leads_to("tax_rates", "default_tax_rate_id"),
        "default_bank_account": NOWHERE,
        "default_document_type": NOWHERE,
        "integration": NOWHERE,
        "einvoice_configuration": NOWHERE,
        "einvoice_identity": NOWHERE,
    },
    {**fields("id", "id"), **STATUS},
    sorts("name"),
)
SERVICE_TYPES = Resource(
    "service_types",
    lambda state: state.tables.service_types,
    _show_service_type,
    filters={
        **fields("id", "id"),
        **fields("text", "name", "description"),
        "query": Field("search", reads("name")),
        **STATUS,
    },
    sorts=sorts("name"),
    order="name",
)
TAX_RATES = Resource(
    "tax_rates",
    lambda state: state.tables.tax_rates,
    _show_tax_rate,
    {"subsidiary": leads_to("subsidiaries", "subsidiary_id")},
    {
        **fields("id", "id", "subsidiary_id"),
        "subsidiary.id": Field("id", reads("subsidiary_id")),
        **fields("text", "name", "primary_component_name", "secondary_component_name"),
        "primary_component_value": Field("word", lambda row, _: show_decimal(row.primary_component_value)),
        "secondary_component_value": Field(
            "word", lambda row, _: show_decimal(row.secondary_component_value)
        ),
        **STATUS,
    },
    {"name": reads("name"), "subsidiary_name": _subsidiary_name},
    unkeyed_sorts=frozenset({"subsidiary_name"}),
)
DOCUMENT_TYPES = Resource(
    "document_types",
    lambda state: state.tables.document_types,
    _show_document_type,
    {
        "subsidiary": leads_to("subsidiaries", "subsidiary_id"),
        "document_style": NOWHERE,
        "attachment": NOWHERE,
    },
    {
        **fields("id", "id", "subsidiary_id"),
        "exportable_type_id": Field("choice", lambda _row, _state: 1),
        "status": Field("choice", lambda _row, _state: 1),
    },
    sorts("name"),
)
EXPENSES = Resource("expenses", lambda state: state.tables.expenses, _show_expense, is_served=False)
COMMENTS = Resource(
    "comments",
    lambda state: state.tables.comments,
    _show_comment,
    {"invoice": leads_to("invoices", "invoice_id"), "creator": NOWHERE, "attachments": NONE_OF_MANY},
    fields("id", "id", "invoice_id"),
)
DELETED_ITEMS = Resource(
    "deleted_items",
    _each_deleted,
    _show_deleted_item,
    filters={**fields("id", "id"), "item_type": Field("word", lambda _row, _state: "invoice")},
    sorts=sorts("deleted_at"),
)
