"""Bodies shaped as Productive was recorded to send them."""

from typing import Any

from portal.productive.pace import PACE, read_limits
from tests.lane import LocalLane

BASE = "https://api.productive.test/api/v2"
TOKEN = "token-nobody-may-see"
Json = dict[str, Any]

ORGANIZATION = {"data": {"type": "organizations", "id": "703"}}
LEFT_OUT = {"meta": {"included": False}}


def a_lane() -> LocalLane:
    """A lane that waits for nobody."""
    return LocalLane(PACE, read_limits, patience=0)


def to(kind: str, key: str | None) -> Json:
    """A relation that was included."""
    return {"data": {"type": kind, "id": key} if key else None}


def money(**amounts: int) -> Json:
    """Each amount three times, as Productive tells it."""
    return {
        f"{name}{suffix}": cents
        for name, cents in amounts.items()
        for suffix in ("", "_default", "_normalized")
    }


def an_invoice(key: str = "27", **changes: Any) -> Json:
    attributes = {
        "number": "2026/0042",
        "subject": "Website fase 2",
        "invoiced_on": "2026-11-02",
        "sent_on": "2026-11-02",
        "pay_on": "2026-12-02",
        "delivery_on": None,
        "paid_on": None,
        "finalized_on": "2026-11-02",
        "finalized_at": "2026-11-02T10:15:11.193+01:00",
        "discount": None,
        "deleted_at": None,
        "tag_list": [],
        "note": None,
        "exported": False,
        "exported_at": None,
        "export_integration_type_id": None,
        "export_id": None,
        "export_invoice_url": None,
        "purchase_order_number": "PO-881",
        "exchange_rate": "1.0",
        "custom_fields": None,
        "sample_data": False,
        "invoice_type_id": 1,
        "credited": False,
        "line_item_tax": True,
        "last_activity_at": "2026-11-02T10:15:11.200+01:00",
        "currency": "EUR",
        "currency_default": "EUR",
        "currency_normalized": "EUR",
        **money(amount=150000, amount_tax=31500, amount_with_tax=181500, amount_paid=0),
        **money(amount_written_off=0, amount_unpaid=181500, amount_credited=0),
    }
    return {
        "id": key,
        "type": "invoices",
        "attributes": attributes | changes,
        "relationships": {
            "organization": ORGANIZATION,
            "bill_to": to("contact_entries", "81"),
            "bill_from": LEFT_OUT,
            "company": to("companies", "497"),
            "subsidiary": to("subsidiaries", "1"),
            "parent_invoice": to("invoices", None),
        },
    }


def a_bill_to(**changes: Any) -> Json:
    attributes = {
        "contactable_type": "invoice",
        "type": "bill_to",
        "name": "Voorbeeld B.V.",
        "email": "facturen@voorbeeld.test",
        "phone": None,
        "website": None,
        "address": "Dorpsstraat 1",
        "city": "Utrecht",
        "state": None,
        "zipcode": "3511 AA",
        "country": "Netherlands",
        "vat": "NL001234567B01",
        "billing_address": True,
        "billing_email": True,
    }
    return {
        "id": "81",
        "type": "contact_entries",
        "attributes": attributes | changes,
        "relationships": {"organization": ORGANIZATION, "company": LEFT_OUT, "invoice": LEFT_OUT},
    }


def a_company(**changes: Any) -> Json:
    attributes = {"name": "Voorbeeld", "billing_name": "Voorbeeld Holding B.V.", "vat": "NL001234567B01"}
    return {"id": "497", "type": "companies", "attributes": attributes | changes, "relationships": {}}


def a_subsidiary(key: str = "1", **changes: Any) -> Json:
    attributes = {"name": "Studio NL", "archived_at": None, "export_integration_type_id": None}
    return {
        "id": key,
        "type": "subsidiaries",
        "attributes": attributes | changes,
        "relationships": {"organization": ORGANIZATION, "bill_from": LEFT_OUT},
    }


def around_invoices() -> list[Json]:
    """What an invoice list includes."""
    return [a_company(), a_bill_to(), a_subsidiary()]


def a_line(key: str = "4", *, invoice: str = "27", **changes: Any) -> Json:
    attributes = {
        "unit_id": 1,
        "position": 1,
        "quantity": "15.0",
        "discount": None,
        "description": "Design",
        "tax_name": None,
        "tax_value": None,
        "currency": "EUR",
        **money(unit_price=10000, amount=150000, amount_tax=31500, amount_with_tax=181500),
    }
    return {
        "id": key,
        "type": "line_items",
        "attributes": attributes | changes,
        "relationships": {
            "organization": ORGANIZATION,
            "invoice": to("invoices", invoice),
            "service": to("services", None),
            "expense": to("expenses", None),
            "service_type": to("service_types", "420"),
            "tax_rate": to("tax_rates", "16"),
            "kpd_code": LEFT_OUT,
        },
    }


def a_service_type(key: str = "420", **changes: Any) -> Json:
    attributes = {"name": "Design", "archived_at": None, "description": None}
    return {
        "id": key,
        "type": "service_types",
        "attributes": attributes | changes,
        "relationships": {"organization": ORGANIZATION},
    }


def a_tax_rate(key: str = "16", **changes: Any) -> Json:
    attributes = {
        "name": "BTW 21%",
        "primary_component_name": "BTW",
        "primary_component_value": "21.0",
        "secondary_component_name": None,
        "secondary_component_value": None,
        "archived_at": None,
    }
    return {
        "id": key,
        "type": "tax_rates",
        "attributes": attributes | changes,
        "relationships": {"organization": ORGANIZATION, "subsidiary": to("subsidiaries", "1")},
    }


def a_service(key: str = "900", *, service_type: Json = LEFT_OUT) -> Json:
    return {
        "id": key,
        "type": "services",
        "attributes": {"name": "Design days"},
        "relationships": {"organization": ORGANIZATION, "service_type": service_type},
    }


def a_payment(key: str = "4", *, invoice: Json | None = None, **changes: Any) -> Json:
    attributes = {
        "paid_on": "2026-11-20",
        "written_off_on": None,
        "note": None,
        "external_id": None,
        "currency": "EUR",
        **money(amount=181500),
    }
    return {
        "id": key,
        "type": "payments",
        "attributes": attributes | changes,
        "relationships": {"organization": ORGANIZATION, "invoice": invoice or LEFT_OUT},
    }


def one(resource: Json) -> Json:
    """A document with one object."""
    return {"data": resource, "meta": {}}


def a_list(
    *resources: Json, included: list[Json] | None = None, next: str | None = None, total: int | None = None
) -> Json:
    """A page of a list; ``next`` is left out where there is none."""
    links = {"first": f"{BASE}/x?page%5Bnumber%5D=1", "last": f"{BASE}/x?page%5Bnumber%5D=1"}
    meta = {"page_size": 200, "max_page_size": 200}
    return {
        "data": list(resources),
        **({} if included is None else {"included": included}),
        "links": links | ({"next": next} if next else {}),
        "meta": meta | ({} if total is None else {"current_page": 1, "total_count": total}),
    }


def a_fault(
    status: int | str, *, code: str = "", title: str = "", detail: str = "", pointer: str = ""
) -> Json:
    """An error body with one entry."""
    source = {"pointer": pointer} if pointer else {}
    entry = {"status": status, "code": code, "title": title, "detail": detail, "meta": {}, "source": source}
    return {"errors": [entry]}
