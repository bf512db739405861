"""Rows and answers as Exact writes them, and a client to read them with."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import responses

from portal.domain.booking.catalogue import NewCustomer
from portal.domain.booking.sales_entry import SalesEntry, SalesEntryLine
from portal.exact.client import ExactClient
from portal.exact.limits import PACE, read_limits
from portal.remote.clock import RemoteClock
from portal.remote.transport import Transport
from tests.lane import LocalLane

NOW = datetime(2026, 1, 31, 12, 0, 30, tzinfo=UTC)
BASE = "https://start.exactonline.nl"
DIVISION = 123456
ROOT = f"{BASE}/api/v1/{DIVISION}"
ENTRY_ID = "11111111-1111-1111-1111-111111111111"
LINE_ID = "22222222-2222-2222-2222-222222222222"
CUSTOMER_ID = "33333333-3333-3333-3333-333333333333"
LEDGER_ID = "44444444-4444-4444-4444-444444444444"
TERM_ID = "55555555-5555-5555-5555-555555555555"
OTHER_ID = "66666666-6666-6666-6666-666666666666"
MARKER = "ABCDEFGH"
JANUARY_31 = "/Date(1769817600000)/"
FEBRUARY_14 = "/Date(1771027200000)/"


def a_client(
    *,
    division: int | None = DIVISION,
    access: Callable[[], str] = lambda: "token-1",
    on_expired: Callable[[], str] | None = None,
    **options: Any,
) -> ExactClient:
    lane = LocalLane(PACE, read_limits, clock=lambda: NOW, sleep=lambda _: None, patience=0)
    transport = Transport(clock=RemoteClock(lambda: NOW), read_timeout=2)
    options = {"lane": lane, "transport": transport, **options}
    return ExactClient(BASE, division, access=access, on_expired=on_expired, **options)


def a_list(*rows: dict[str, Any], link: str | None = None) -> dict[str, Any]:
    content: dict[str, Any] = {"results": list(rows)}
    return {"d": {**content, "__next": link} if link else content}


def refusal(*words: str) -> dict[str, Any]:
    return {"error": {"code": "", "message": {"lang": "", "value": "\r\n".join(words)}}}


def a_line_row(**fields: Any) -> dict[str, Any]:
    return {
        "__metadata": {"uri": "…", "type": "Exact.Web.Api.Models.SalesEntryLine"},
        "ID": LINE_ID,
        "GLAccount": LEDGER_ID.upper(),
        "AmountFC": 1000.0,
        "VATCode": "2  ",
        "VATAmountFC": 210.0,
        "Description": "Design",
        "CostCenter": None,
        "Notes": f"[{MARKER}]",
        **fields,
    }


def an_entry_row(**fields: Any) -> dict[str, Any]:
    return {
        "__metadata": {"uri": "…", "type": "Exact.Web.Api.Models.SalesEntry"},
        "EntryID": ENTRY_ID,
        "EntryNumber": 26700001,
        "InvoiceNumber": 26700001,
        "Customer": CUSTOMER_ID,
        "Journal": "70",
        "EntryDate": JANUARY_31,
        "DueDate": FEBRUARY_14,
        "YourRef": "INV-2026-0042",
        "Description": "INV-2026-0042 Project X",
        "Currency": "EUR",
        "AmountFC": 1210.0,
        "VATAmountFC": 210.0,
        "Status": 20,
        "Type": 20,
        "SalesEntryLines": {"__deferred": {"uri": f"{ROOT}/salesentry/SalesEntries(…)/SalesEntryLines"}},
        **fields,
    }


def a_term_row(**fields: Any) -> dict[str, Any]:
    return {
        "Timestamp": "9007199254740993",
        "LineType": 20,
        "ID": TERM_ID,
        "TransactionEntryID": ENTRY_ID,
        "TransactionID": LINE_ID,
        "TransactionType": 20,
        "Status": 20,
        "Account": CUSTOMER_ID,
        "AmountFC": -1210.0,
        "AmountDC": -1210.0,
        "TransactionAmountFC": 1210.0,
        "Currency": "EUR",
        "AmountDiscountFC": 0.0,
        "LastPaymentDate": None,
        "EndDate": None,
        "DueDate": FEBRUARY_14,
        "YourRef": "INV-2026-0042",
        "InvoiceNumber": 26700001,
        "EntryNumber": 26700001,
        "Journal": "70",
        "IsFullyPaid": False,
        **fields,
    }


def an_account_row(**fields: Any) -> dict[str, Any]:
    return {
        "Timestamp": "812345",
        "ID": CUSTOMER_ID,
        "Code": "               123",
        "Name": "O'Brien & Zn.",
        "Status": "C",
        "Blocked": False,
        "EndDate": None,
        "VATNumber": "NL123456789B01",
        "ChamberOfCommerce": None,
        "Email": "finance@obrien.example",
        "City": "Delft",
        "Country": "NL ",
        "PaymentConditionSales": "14",
        "Remarks": f"From Productive [{MARKER}]",
        **fields,
    }


def a_sales_line(**fields: Any) -> SalesEntryLine:
    told: dict[str, Any] = {
        "invoice_line_id": "1",
        "ledger_id": LEDGER_ID,
        "amount": 100000,
        "vat_code": "2  ",
        "vat_amount": 21000,
        "description": "Design",
        "quantity": Decimal("8.5"),
        "cost_center": None,
        "ledger_source": "mapping",
        "vat_source": "mapping",
    }
    return SalesEntryLine(**{**told, **fields})


def a_sales_entry(**fields: Any) -> SalesEntry:
    told: dict[str, Any] = {
        "customer_id": CUSTOMER_ID,
        "journal": "70",
        "entry_date": datetime(2026, 1, 31, tzinfo=UTC).date(),
        "due_date": datetime(2026, 2, 14, tzinfo=UTC).date(),
        "your_ref": "INV-2026-0042",
        "payment_reference": "INV-2026-0042",
        "description": "INV-2026-0042 Project X",
        "currency": "EUR",
        "rate": None,
        "type": None,
        "lines": (a_sales_line(),),
    }
    return SalesEntry(**{**told, **fields})


def a_new_customer(**fields: Any) -> NewCustomer:
    told: dict[str, Any] = dict.fromkeys(NewCustomer.__slots__)
    told |= {"name": "O'Brien & Zn.", "country": "NL", "remarks": f"[{MARKER}]"}
    return NewCustomer(**{**told, **fields})


def answer(method: str, path: str, body: Any = None, status: int = 200, **more: Any) -> None:
    """Let the next call to a path (of our division) be answered; a text or bytes body is sent as it is."""
    url = path if path.startswith("http") else f"{ROOT}/{path}"
    raw = body if isinstance(body, str | bytes) else "" if body is None else json.dumps(body)
    responses.add(method, url, body=raw, status=status, **more)


def sent(at: int = -1) -> Any:
    """Return the body of a call."""
    return json.loads(responses.calls[at].request.body or "null")


def query(at: int = -1) -> dict[str, str]:
    """Return the query of a call."""
    url = responses.calls[at].request.url or ""
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def calls() -> list[str]:
    """Return method and last part of the path of every call."""
    return [
        f"{call.request.method} {urlsplit(call.request.url or '').path.rsplit('/', 1)[-1]}"
        for call in responses.calls
    ]
