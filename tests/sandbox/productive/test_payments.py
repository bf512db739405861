"""The rules of payments."""

import pytest

from tests.sandbox.productive.conftest import HEADERS, Caller, a_line, pointers


@pytest.fixture
def invoice(call: Caller) -> str:
    """An open invoice of 121.00."""
    return call.make(lines=[a_line()])


def pay(call: Caller, invoice: str, **attributes: object) -> str:
    answer = call.write("POST", "/payments", invoice_id=int(invoice), **attributes)
    assert answer.status_code == 201, answer.text
    return str((answer.json or {})["data"]["id"])


def test_part_payments_and_a_write_off_settle_an_invoice(call: Caller, invoice: str) -> None:
    pay(call, invoice, amount="10000.0", paid_on="2026-05-01")
    assert call.data("/invoices?filter[payment_status]=3")[0]["id"] == invoice
    pay(call, invoice, amount=2000, paid_on="2026-05-03")
    pay(call, invoice, amount=100, written_off_on="2026-05-02")
    attributes = call.data(f"/invoices/{invoice}")["attributes"]
    assert (attributes["amount_paid"], attributes["amount_written_off"]) == (12000, 100)
    assert (attributes["amount_unpaid"], attributes["paid_on"]) == (0, "2026-05-03")


def test_a_payment_may_name_its_invoice_by_a_relation(call: Caller, invoice: str) -> None:
    body = {
        "data": {
            "type": "payments",
            "attributes": {"amount": 12100, "paid_on": "2026-11-20", "note": "Exact · term"},
            "relationships": {"invoice": {"data": {"type": "invoices", "id": invoice}}},
        }
    }
    answer = call.client.post("/api/v2/payments?include=invoice", json=body, headers=HEADERS)
    assert answer.status_code == 201
    assert answer.json
    assert answer.json["data"]["relationships"]["invoice"]["data"]["id"] == invoice
    assert call.data("/payments?filter[query]=term")[0]["attributes"]["external_id"] is None


def test_changing_and_deleting_a_payment_reopens_the_invoice(call: Caller, invoice: str) -> None:
    id_ = pay(call, invoice, amount=12100, paid_on="2026-05-01")
    assert call.write("PATCH", f"/payments/{id_}", amount=5000).status_code == 200
    assert call.glance(invoice)["unpaid"] == "71.00"
    assert call.glance(invoice)["paid_on"] is None
    assert call.client.delete(f"/api/v2/payments/{id_}", headers=HEADERS).status_code == 204
    assert call.glance(invoice)["unpaid"] == "121.00"
    assert call.get(f"/payments/{id_}").status_code == 404


def test_an_empty_payment_is_refused_field_by_field(call: Caller) -> None:
    assert pointers(call.write("POST", "/payments")) == {
        "data/attributes/amount": "can't be blank",
        "data/attributes/paid_on": "can't be blank",
        "data/attributes/invoice": "can't be blank",
    }


def test_an_unsent_invoice_takes_no_payment(call: Caller) -> None:
    id_ = call.make(sent_on=None)
    answer = call.write("POST", "/payments", invoice_id=int(id_), amount=100, paid_on="2026-05-01")
    assert list(pointers(answer)) == ["data/attributes/invoice"]
    call.write("PATCH", f"/invoices/{id_}", sent_on="2026-05-01")
    pay(call, id_, amount=100, paid_on="2026-05-01")


def test_a_credit_note_takes_no_payment(call: Caller, invoice: str) -> None:
    note = call.make(parent_invoice_id=invoice, lines=[a_line("-1")])
    answer = call.write("POST", "/payments", invoice_id=int(note), amount=100, paid_on="2026-05-01")
    assert list(pointers(answer)) == ["data/attributes/invoice"]


@pytest.mark.parametrize("amount", [12101, 0, -100, "much"])
def test_an_amount_that_does_not_fit_is_refused(call: Caller, invoice: str, amount: object) -> None:
    answer = call.write("POST", "/payments", invoice_id=int(invoice), amount=amount, paid_on="2026-05-01")
    assert list(pointers(answer)) == ["data/attributes/amount"]
    assert call.glance(invoice)["payments"] == []


def test_a_refused_change_leaves_the_payment_as_it_was(call: Caller, invoice: str) -> None:
    id_ = pay(call, invoice, amount=12100, paid_on="2026-05-01")
    refused = call.write("PATCH", f"/payments/{id_}", amount=12200, paid_on="2026-06-01")
    assert list(pointers(refused)) == ["data/attributes/amount"]
    assert call.data(f"/payments/{id_}")["attributes"]["paid_on"] == "2026-05-01"


def test_the_day_of_a_payment_on_an_over_paid_invoice_can_be_changed(call: Caller, invoice: str) -> None:
    id_ = pay(call, invoice, amount=12100, paid_on="2026-05-01")
    call.make(parent_invoice_id=int(invoice), lines=[a_line(unit_price=-1000)])
    assert call.glance(invoice)["unpaid"].startswith("-")
    assert call.write("PATCH", f"/payments/{id_}", amount=12100, paid_on="2026-06-01").status_code == 200
    refused = call.write("PATCH", f"/payments/{id_}", amount=12101)
    assert list(pointers(refused)) == ["data/attributes/amount"]


def test_payments_are_found_by_many_invoices_at_once(call: Caller, invoice: str) -> None:
    other = call.make(lines=[a_line()])
    first = pay(call, invoice, amount=100, paid_on="2026-05-01")
    second = pay(call, other, amount=100, paid_on="2026-05-02")
    found = call.data(f"/payments?filter[invoice_id][]={invoice}&filter[invoice_id][]={other}&sort=-paid_on")
    assert [each["id"] for each in found] == [second, first]
    assert [each["id"] for each in call.data("/payments?filter[paid_after]=2026-05-01")] == [second]
