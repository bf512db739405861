"""Making invoices in numbers, playing the person, and surviving a restart."""

import time
from pathlib import Path

import pytest
from flask import Flask

from portal.sandbox.productive import create_productive_app
from portal.sandbox.productive.state import Sandbox
from tests.sandbox.productive.conftest import Caller, a_line


def test_what_is_missing_gets_a_believable_default(call: Caller) -> None:
    seen = call.glance(call.make())
    assert seen["number"].startswith("K-")
    assert seen["sent_on"] == seen["finalized_on"] == seen["invoiced_on"]
    assert (seen["currency"], seen["total"], seen["unpaid"]) == ("EUR", "968.00", "968.00")


def test_a_company_and_lines_are_given_by_name(call: Caller) -> None:
    company = {"name": "Nieuw B.V.", "vat": "NL004495445B01", "country": "Netherlands", "city": "Leiden"}
    line = a_line("2", "12500", service_type="Consulting", tax_rate="BTW 9%", expense=True)
    id_ = call.make(company=company, lines=[line])
    answer = call.get(f"/line_items?filter[invoice_id]={id_}&include=service_type,tax_rate,expense").json
    assert answer
    names = {each["type"]: each["attributes"]["name"] for each in answer["included"]}
    assert names == {"service_types": "Consulting", "tax_rates": "BTW 9%", "expenses": "Design"}
    bill_to = call.get(f"/invoices/{id_}?include=bill_to,company").json
    assert bill_to
    assert {each["attributes"]["vat"] for each in bill_to["included"]} == {"NL004495445B01"}


def test_the_same_company_is_made_once(call: Caller) -> None:
    before = len(call.data("/companies"))
    call.make(company={"name": "Nieuw B.V."})
    call.make(company={"name": "Nieuw B.V."})
    assert len(call.data("/companies")) == before + 1


@pytest.mark.parametrize(
    "wish",
    [
        {"lines": [{"tax_rate": "none"}]},
        {"invoiced_on": "soon"},
        {"company": {"id": 999}},
        {"subsidiary_id": 9},
    ],
)
def test_what_cannot_be_read_is_a_sentence_and_leaves_nothing(call: Caller, wish: dict[str, object]) -> None:
    answer = call.client.post("/_sandbox/invoices", json={"invoices": [wish]})
    assert answer.status_code == 400
    assert answer.json
    assert answer.json["error"]
    assert call.data("/invoices") == []
    assert call.data("/line_items") == []


def test_a_person_edits_lines_and_unsends(call: Caller) -> None:
    id_ = call.make(lines=[a_line(), a_line()])
    first = call.glance(id_)["line_ids"][0]
    seen = call.door(
        "PATCH",
        f"/invoices/{id_}",
        {"sent_on": None, "subject": "New", "lines": [{"id": first, "unit_price": 5000}, a_line("1", 100)]},
    )
    assert (seen["net"], seen["sent_on"], seen["subject"]) == ("51.00", None, "New")
    assert seen["line_ids"][0] == first


def test_a_person_records_changes_and_deletes_a_payment(call: Caller) -> None:
    id_ = call.make(lines=[a_line()])
    payment = call.door("POST", "/payments", {"invoice": id_, "amount": "21.00"})["id"]
    assert call.glance(id_)["unpaid"] == "100.00"
    call.door("PATCH", f"/payments/{payment}", {"amount": "20.00"})
    assert call.glance(id_)["unpaid"] == "101.00"
    call.door("DELETE", f"/payments/{payment}")
    assert call.glance(id_)["unpaid"] == "121.00"


def test_each_app_is_alone(call: Caller) -> None:
    call.make()
    assert Caller(create_productive_app(seed=False)).data("/invoices") == []


def test_a_restart_keeps_everything(tmp_path: Path) -> None:
    path = tmp_path / "productive.json"
    first = Caller(create_productive_app(state_path=path))
    id_ = first.make(subject="Kept", lines=[a_line("1.2345")])
    first.door("POST", "/payments", {"invoice": id_, "amount": "1.00"})
    first.door("POST", "/clock", {"advance": 60})
    sandbox(first.app).flush()
    second = Caller(create_productive_app(state_path=path))
    assert second.glance(id_) == first.glance(id_)
    today = second.glance(id_)["invoiced_on"]
    changed = second.data(f"/invoices?filter[last_activity_at][gt_eq]={today}&sort=-last_activity_at")
    assert changed[0]["id"] == id_
    assert int(second.make()) == int(id_) + 1


def test_an_unreadable_file_gives_the_demo(tmp_path: Path) -> None:
    path = tmp_path / "productive.json"
    path.write_text('{"invoices": {"1": {"id": "x"}}}')
    assert len(Caller(create_productive_app(state_path=path)).data("/invoices")) == 30


def test_thousands_are_made_and_listed_quickly(call: Caller) -> None:
    # The time that this process worked: what others do on the machine does not count.
    began = time.process_time()
    call.door("POST", "/invoices", {"invoices": [{"lines": [a_line(), a_line()]}] * 5000})
    assert time.process_time() - began < 6
    began = time.process_time()
    call.data("/invoices?filter[last_activity_at][gt_eq]=2020-01-01&sort=-last_activity_at&page[size]=200")
    assert time.process_time() - began < 2


def sandbox(app: Flask) -> Sandbox:
    found = app.extensions["sandbox"]
    assert isinstance(found, Sandbox)
    return found
