"""Companies (customers) and contact entries (printed addresses)."""

from portal.sandbox.productive.filters import Field
from portal.sandbox.productive.jsonapi import NONE_OF_MANY, NOWHERE, Found, Relation, Resource
from portal.sandbox.productive.resources.parts import STATUS, fields, leads_to, reads, show, sorts
from portal.sandbox.productive.rows import Company, ContactEntry
from portal.sandbox.productive.state import Sandbox

_PLAIN = ("name", "billing_name", "vat", "default_currency", "created_at", "last_activity_at", "archived_at")
_PRINTED = (
    "contactable_type",
    "type",
    "name",
    "email",
    "phone",
    "website",
    "address",
    "city",
    "state",
    "zipcode",
    "country",
    "vat",
)


def _show_contact(entry: ContactEntry) -> dict[str, object]:
    contact: dict[str, object] = {}
    if entry.email:
        contact["emails"] = [{"name": "Billing", "email": entry.email, "contact_datum_id": entry.id}]

    if entry.phone:
        contact["phones"] = [{"name": "Office", "phone": entry.phone, "contact_datum_id": entry.id}]

    if entry.website:
        contact["websites"] = [{"name": "Website", "website": entry.website, "contact_datum_id": entry.id}]

    if entry.address or entry.city or entry.country:
        place = show(entry, ("address", "city", "state", "zipcode", "country"))
        contact["addresses"] = [
            {"name": "Billing", **place, "billing_address": True, "contact_datum_id": entry.id}
        ]

    return contact


def _show_company(row: Company, state: Sandbox) -> dict[str, object]:
    return {
        **show(row, _PLAIN),
        "avatar_url": None,
        "original_avatar_url": None,
        "invoice_email_recipients": {},
        "custom_fields": row.custom_fields,
        "company_code": row.company_code,
        "domain": row.domain,
        "domains": [row.domain] if row.domain else [],
        "projectless_budgets": False,
        "default_subsidiary_id": row.default_subsidiary_id,
        "default_tax_rate_id": row.default_tax_rate_id,
        "default_document_type_id": None,
        "due_days": row.due_days,
        "payment_terms_type": "days_after_invoice_date",
        "default_payment_reminder_sequence_id": None,
        "tag_list": row.tag_list,
        "contact": _show_contact(state.tables.contact_entries[row.address_id]),
        "sample_data": row.sample_data,
        "settings": {},
        "external_id": None,
        "external_sync": False,
        "parent_company_id": None,
    }


def _show_contact_entry(row: ContactEntry, _state: Sandbox) -> dict[str, object]:
    is_billing = row.type in ("bill_to", "bill_from")
    return {
        **show(row, _PRINTED),
        "billing_address": is_billing,
        "billing_email": bool(row.email) and is_billing,
    }


def _owner(type_: str, resource: str) -> Relation:
    def find(row: ContactEntry, _state: Sandbox) -> Found:
        return row.contactable_id if row.contactable_type == type_ else None

    return Relation(resource, find)


_OWNERS = {
    "company": _owner("company", "companies"),
    "invoice": _owner("invoice", "invoices"),
    "subsidiary": _owner("subsidiary", "subsidiaries"),
}

COMPANIES = Resource(
    "companies",
    lambda state: state.tables.companies,
    _show_company,
    {
        "default_subsidiary": leads_to("subsidiaries", "default_subsidiary_id"),
        "default_tax_rate": leads_to("tax_rates", "default_tax_rate_id"),
        "default_document_type": NOWHERE,
        "custom_field_people": NONE_OF_MANY,
        "custom_field_attachments": NONE_OF_MANY,
        "integration_exporter_configuration": NOWHERE,
        "einvoice_identity": NOWHERE,
        "parent_company": NOWHERE,
        "import": NOWHERE,
    },
    {
        **fields("id", "id", "default_subsidiary_id", "default_tax_rate_id"),
        "subsidiary_id": Field("id", reads("default_subsidiary_id")),
        "parent_company_id": Field("id", lambda _row, _state: None),
        **fields("text", "name", "billing_name", "vat"),
        **fields("word", "company_code", "default_currency"),
        **fields("moment", "created_at", "last_activity_at", "archived_at"),
        **fields("number", "due_days"),
        "payment_terms": Field("number", reads("due_days")),
        "tags": Field("word", reads("tag_list")),
        "query": Field("search", reads("name")),
        **STATUS,
    },
    sorts("name", "company_code", "created_at", "last_activity_at"),
)
CONTACT_ENTRIES = Resource(
    "contact_entries",
    lambda state: state.tables.contact_entries,
    _show_contact_entry,
    {**_OWNERS, "person": NOWHERE, "purchase_order": NOWHERE, "invoice_template": NOWHERE},
    {
        **fields("id", "id", "contactable_id"),
        **{f"{name}_id": Field("id", relation.find) for name, relation in _OWNERS.items()},
        "person_id": Field("id", lambda _row, _state: None),
        **fields("word", "contactable_type"),
    },
)
