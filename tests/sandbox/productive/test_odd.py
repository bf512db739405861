"""Odd records, as real organisations have them: made by the back door, read through the API."""

import json
from pathlib import Path
from typing import Any

import pytest

from portal.sandbox.productive import create_productive_app
from tests.sandbox.productive.conftest import Caller, a_line
from tests.sandbox.productive.test_backdoor import sandbox

# what is wished of an invoice, and what comes out of the API
HEADERS: list[tuple[dict[str, object], dict[str, object]]] = [
    ({"invoiced_on": None}, {"invoiced_on": None, "finalized_on": "2026-03-01"}),
    ({"pay_on": None}, {"pay_on": None}),
    ({"subject": "Null\x00byte \x1b"}, {"subject": "Null\x00byte \x1b"}),
    ({"subject": "🇧🇪" * 40}, {"subject": "🇧🇪" * 40}),
    (
        {"amount_tax": 1900},
        {"amount": 10000, "amount_tax": 1900, "amount_with_tax": 11900, "amount_unpaid": 11900},
    ),
    ({"amount_with_tax": 12101}, {"amount": 10000, "amount_tax": 2100, "amount_with_tax": 12101}),
    ({"amount": 9999}, {"amount": 9999, "amount_tax": 2100, "amount_with_tax": 12099}),
    ({"amount_with_tax": 10**25}, {"amount_with_tax": 10**25, "amount_unpaid": 10**25}),
    ({"amount_unpaid": -5}, {"amount_unpaid": -5}),
    ({"exchange_rate": "0.000001"}, {"exchange_rate": "0.000001"}),
    ({"invoice_type_id": 2}, {"invoice_type_id": 2, "amount_with_tax": 12100}),
]
LINES: list[tuple[dict[str, object], dict[str, object]]] = [
    ({"unit_price": 0.33, "quantity": "1000"}, {"unit_price": 0.33, "amount": 330}),
    ({"unit_price": "12.345"}, {"unit_price": 12.345, "amount": 12}),
    ({"unit_price": 10**22}, {"unit_price": 10**22, "amount": 10**22, "amount_tax": 21 * 10**20}),
    ({"amount": 9999}, {"amount": 9999, "amount_tax": 2100, "amount_with_tax": 12099}),
    ({"amount_tax": 1900}, {"amount": 10000, "amount_tax": 1900, "amount_with_tax": 11900}),
    ({"quantity": "0.000000001"}, {"quantity": "0.000000001", "amount": 0}),
    ({"description": "\x00"}, {"description": "\x00"}),
]


@pytest.mark.parametrize(("wish", "shown"), HEADERS, ids=lambda each: json.dumps(each)[:40])
def test_an_odd_invoice_comes_out_as_it_was_wished(
    call: Caller, wish: dict[str, object], shown: dict[str, object]
) -> None:
    day = {"invoiced_on": "2026-03-01", "finalized_on": "2026-03-01"}
    id_ = call.make(**(day | {"lines": [a_line()]} | wish))
    assert shown.items() <= call.data(f"/invoices/{id_}")["attributes"].items()


@pytest.mark.parametrize(("wish", "shown"), LINES, ids=lambda each: json.dumps(each)[:40])
def test_an_odd_line_comes_out_as_it_was_wished(
    call: Caller, wish: dict[str, object], shown: dict[str, object]
) -> None:
    id_ = call.make(lines=[a_line() | wish])
    [line] = call.data(f"/line_items?filter[invoice_id]={id_}")
    assert shown.items() <= line["attributes"].items()


def test_a_header_is_made_from_lines_whose_amounts_were_given(call: Caller) -> None:
    id_ = call.make(lines=[a_line(amount_tax=1900), a_line()])
    shown = call.data(f"/invoices/{id_}")["attributes"]
    assert (shown["amount"], shown["amount_tax"], shown["amount_with_tax"]) == (20000, 4000, 24000)


def test_a_person_gives_amounts_and_lets_them_be_derived_again(call: Caller) -> None:
    id_ = call.make(lines=[a_line()])
    assert call.door("PATCH", f"/invoices/{id_}", {"amount_tax": 1900})["total"] == "119.00"
    assert call.door("PATCH", f"/invoices/{id_}", {"subject": "Later"})["total"] == "119.00"
    assert call.door("PATCH", f"/invoices/{id_}", {"amount_tax": None})["total"] == "121.00"


@pytest.mark.parametrize(
    "attributes",
    [
        {"invoiced_on": 7},
        {"amount": "12,50"},
        {"amount": None},
        {"number": {"a": [1]}},
        {"currency": 10**30},
        {"nobody_knows_this": True},
    ],
)
def test_any_record_can_come_out_with_anything_in_it(call: Caller, attributes: dict[str, object]) -> None:
    id_ = call.make()
    call.door("POST", "/odd", {"type": "invoices", "id": id_, "attributes": attributes})
    assert attributes.items() <= call.data(f"/invoices/{id_}")["attributes"].items()
    call.door("DELETE", "/odd")
    assert not attributes.items() <= call.data(f"/invoices/{id_}")["attributes"].items()


@pytest.mark.parametrize(
    "type_", ["invoices", "line_items", "companies", "tax_rates", "service_types", "subsidiaries", "payments"]
)
def test_a_record_can_be_listed_twice_or_without_a_field(call: Caller, type_: str) -> None:
    call.door("POST", "/payments", {"invoice": call.make(), "amount": "1.00"})
    first, *others = call.data(f"/{type_}?page[size]=200")
    name = next(iter(first["attributes"]))
    call.door("POST", "/odd", {"type": type_, "id": first["id"], "without": [name], "times": 2})
    seen: list[dict[str, Any]] = call.data(f"/{type_}?page[size]=200")
    assert len(seen) == len(others) + 2
    assert all(name not in each["attributes"] for each in seen if each["id"] == first["id"])


def test_a_relation_can_lead_anywhere(call: Caller) -> None:
    id_ = call.make()
    odd = {"company": {"data": {"type": "people", "id": None}}}
    call.door("POST", "/odd", {"type": "invoices", "id": id_, "relationships": odd})
    assert call.data(f"/invoices/{id_}?include=company")["relationships"]["company"] == odd["company"]


def test_an_odd_invoice_counts_as_changed(call: Caller) -> None:
    id_ = call.make(last_activity_at="2020-01-01T00:00:00.000+01:00")
    line = call.data(f"/line_items?filter[invoice_id]={id_}")[0]
    call.door("POST", "/odd", {"type": "line_items", "id": line["id"], "attributes": {"quantity": None}})
    assert [each["id"] for each in call.data("/invoices?filter[last_activity_at][gt_eq]=2026-01-01")] == [id_]


def test_odd_records_outlive_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "productive.json"
    first = Caller(create_productive_app(state_path=path))
    id_ = first.make(amount_with_tax=10**25, lines=[a_line(unit_price=0.33)])
    first.door("POST", "/odd", {"type": "invoices", "id": id_, "attributes": {"number": [10**30]}})
    sandbox(first.app).flush()
    second = Caller(create_productive_app(state_path=path))
    assert second.data(f"/invoices/{id_}") == first.data(f"/invoices/{id_}")
    lines = f"/line_items?filter[invoice_id]={id_}"
    assert second.data(lines) == first.data(lines)


@pytest.mark.parametrize(
    "body",
    [
        {"type": "nothing", "id": 1},
        {"type": "invoices", "id": 999},
        {"type": "invoices", "id": None},
        {"type": "companies", "id": 1, "attributes": []},
        {"type": "companies", "id": 1, "times": 10**9},
    ],
)
def test_what_is_asked_wrongly_is_a_sentence(call: Caller, body: dict[str, object]) -> None:
    answer = call.client.post("/_sandbox/odd", json=body)
    assert answer.status_code in (400, 404)
    assert answer.json
    assert answer.json["error"]
