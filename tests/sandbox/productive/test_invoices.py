"""Derived amounts, and what may be written to an invoice."""

import pytest

from tests.sandbox.productive.conftest import HEADERS, Caller, a_line, pointers


def totals(call: Caller, id_: str) -> tuple[int, int, int]:
    attributes = call.data(f"/invoices/{id_}")["attributes"]
    return attributes["amount"], attributes["amount_tax"], attributes["amount_with_tax"]


def test_halves_are_rounded_away_from_zero(call: Caller) -> None:
    id_ = call.make(lines=[a_line("0.5", 101, tax_rate="Geen btw")])
    assert totals(call, id_) == (51, 0, 51)


def test_a_discount_of_the_invoice_comes_off_the_sum_and_not_off_the_lines(call: Caller) -> None:
    id_ = call.make(discount="7.5", lines=[a_line("3", 9999), a_line("1", "333.0", discount=10)])
    lines = call.data(f"/line_items?filter[invoice_id]={id_}")
    assert [each["attributes"]["amount"] for each in lines] == [29997, 300]
    assert totals(call, id_) == (28025, 5885, 33910)


def test_tax_per_subtotal_differs_from_tax_per_line(call: Caller) -> None:
    lines = [a_line("1", 1003)] * 7
    assert totals(call, call.make(lines=lines, rounding="line")) == (7021, 1477, 8498)
    assert totals(call, call.make(lines=lines, rounding="subtotal")) == (7021, 1474, 8495)


def test_a_foreign_invoice_tells_its_worth_in_the_organisations_currency(call: Caller) -> None:
    id_ = call.make(currency="USD", exchange_rate="1.25", lines=[a_line("1", 3750, tax_rate="Geen btw")])
    attributes = call.data(f"/invoices/{id_}")["attributes"]
    assert (attributes["amount"], attributes["amount_default"]) == (3750, 4688)
    assert (attributes["currency"], attributes["currency_default"]) == ("USD", "EUR")


def test_a_credit_note_takes_from_what_is_unpaid(call: Caller) -> None:
    id_ = call.make(lines=[a_line("2")])
    note = call.make(parent_invoice_id=id_, lines=[a_line("-1")])
    attributes = call.data(f"/invoices/{id_}")["attributes"]
    assert attributes["credited"] is True
    assert attributes["amount_credited"] == 10000
    assert attributes["amount_unpaid"] == 12100
    credit = call.get(f"/invoices/{note}?include=parent_invoice").json
    assert credit
    assert credit["data"]["attributes"]["invoice_type_id"] == 2
    assert credit["data"]["attributes"]["amount_with_tax"] == -12100
    assert credit["data"]["relationships"]["parent_invoice"]["data"]["id"] == id_
    assert call.client.delete(f"/api/v2/invoices/{id_}", headers=HEADERS).status_code == 422


def test_marking_as_exported_lets_the_server_say_when_and_by_what(call: Caller) -> None:
    id_ = call.make()
    answer = call.write(
        "PATCH",
        f"/invoices/{id_}",
        exported=True,
        export_id="guid",
        export_invoice_url="https://exact.example/1",
        exported_at="2001-01-01",
        export_integration_type_id=4,
        amount=1,
        nonsense="x",
    )
    assert answer.json
    attributes = answer.json["data"]["attributes"]
    assert attributes["export_integration_type_id"] == 7
    assert attributes["exported_at"][:4] != "2001"
    assert (attributes["export_id"], attributes["amount"]) == ("guid", 80000)
    assert call.data("/invoices?filter[export_status]=1")[0]["id"] == id_
    gone = call.write(
        "PATCH", f"/invoices/{id_}", exported=False, export_id=None, export_invoice_url=None
    ).json
    assert gone
    assert gone["data"]["attributes"]["exported_at"] is None


def test_a_number_can_be_changed_until_the_invoice_is_sent(call: Caller) -> None:
    unsent = call.make(sent_on=None)
    sent = call.make()
    assert call.write("PATCH", f"/invoices/{unsent}", number="26700012").status_code == 200
    assert call.glance(unsent)["number"] == "26700012"
    refused = call.write("PATCH", f"/invoices/{sent}", number="26700013", exported=True)
    assert list(pointers(refused)) == ["data/attributes/number"]
    assert call.glance(sent)["exported"] is False


def test_a_write_moves_the_last_activity(call: Caller) -> None:
    id_ = call.make()
    before = call.data(f"/invoices/{id_}")["attributes"]["last_activity_at"]
    call.door("POST", "/clock", {"advance": 3600})
    call.write("PATCH", f"/invoices/{id_}", subject=None, sent_on="2026-01-01")
    assert call.data(f"/invoices/{id_}")["attributes"]["last_activity_at"] > before


def test_a_body_of_another_type_is_a_conflict(call: Caller) -> None:
    id_ = call.make()
    assert call.write("PATCH", f"/invoices/{id_}", type_="payments", exported=True).status_code == 409
    answer = call.client.patch(f"/api/v2/invoices/{id_}", data="{", headers=HEADERS)
    assert answer.status_code == 400


def test_a_deleted_invoice_is_in_the_recycle_bin_only(call: Caller) -> None:
    id_ = call.make()
    assert call.client.delete(f"/api/v2/invoices/{id_}", headers=HEADERS).status_code == 204
    assert call.get(f"/invoices/{id_}").status_code == 404
    assert call.data("/invoices") == []
    assert [each["id"] for each in call.data("/deleted_items?filter[item_type]=invoice")] == [id_]
    assert call.write("PATCH", f"/deleted_items/{id_}/restore").status_code == 200
    assert call.get(f"/invoices/{id_}").status_code == 200


def test_a_draft_is_made_and_finalized(call: Caller) -> None:
    faults = pointers(call.write("POST", "/invoices"))
    assert set(faults) == {f"data/attributes/{name}" for name in ("company", "currency", "invoiced_on")}
    made = call.write("POST", "/invoices", company_id=1, currency="EUR", invoiced_on="2026-05-01").json
    assert made
    assert made["data"]["attributes"]["number"] is None
    id_ = made["data"]["id"]
    assert call.data("/invoices?filter[invoice_state]=1")[0]["id"] == id_
    done = call.write("PATCH", f"/invoices/{id_}/finalize").json
    assert done
    assert done["data"]["attributes"]["number"] == "K-2026-0001"


def test_productives_own_export_is_not_set_up(call: Caller) -> None:
    answer = call.write("PATCH", f"/invoices/{call.make()}/export")
    assert pointers(answer) == {"data/attributes/export_to_accounting": "feature unavailable"}


def test_a_remark_can_be_left(call: Caller) -> None:
    id_ = call.make()
    assert call.write("POST", "/comments", body="Copied", invoice_id=int(id_)).status_code == 201
    assert "data/attributes/body" in pointers(call.write("POST", "/comments", invoice_id=int(id_)))


@pytest.mark.parametrize("name", ["subject", "pay_on", "discount"])
def test_a_sent_invoice_must_be_unsent_before_it_is_edited(call: Caller, name: str) -> None:
    id_ = call.make()
    value = {"subject": "New", "pay_on": "2030-01-01", "discount": 5}[name]
    assert f"data/attributes/{name}" in pointers(call.write("PATCH", f"/invoices/{id_}", **{name: value}))
    call.write("PATCH", f"/invoices/{id_}", sent_on=None)
    assert call.write("PATCH", f"/invoices/{id_}", **{name: value}).status_code == 200
