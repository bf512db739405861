"""The page on which a person plays Productive."""

import re

import pytest
from bs4 import BeautifulSoup

from tests.sandbox.productive.conftest import Caller, a_line


def read(call: Caller, path: str) -> BeautifulSoup:
    answer = call.client.get(path)
    assert answer.status_code == 200
    return BeautifulSoup(answer.text, "html.parser")


@pytest.mark.parametrize("path", ["/", "/?page=2", "/?q=museum", "/invoices/1", "/invoices/8"])
def test_every_page_is_tidy(demo: Caller, path: str) -> None:
    page = read(demo, path)
    assert len(page.find_all("h1")) == 1
    assert not page.find_all(style=True)
    assert not page.find_all(["script", "style"])
    ids = [each["id"] for each in page.find_all(id=True)]
    assert len(ids) == len(set(ids))
    labelled = {each["for"] for each in page.find_all("label")}
    assert {each["id"] for each in page.find_all(["input", "select"])} <= labelled


def test_the_list_shows_what_was_copied_with_its_link(call: Caller) -> None:
    id_ = call.make()
    call.write("PATCH", f"/invoices/{id_}", exported=True, export_invoice_url="https://exact.example/1")
    links = read(call, "/").select(f"#invoice-row-{id_} a[href='https://exact.example/1']")
    assert [link.text for link in links] == ["Invoice copied"]


def test_a_person_can_send_pay_edit_and_delete(call: Caller) -> None:
    id_ = call.make(sent_on=None, lines=[a_line()])
    line = call.glance(id_)["line_ids"][0]
    call.client.post(f"/invoices/{id_}/sent")
    assert call.glance(id_)["sent_on"]
    call.client.post(
        f"/invoices/{id_}/payments", data={"amount": "21.00", "day": "2026-05-01", "kind": "paid"}
    )
    payment = call.glance(id_)["payments"][0]
    assert payment["paid_on"] == "2026-05-01"
    edited = {"amount": "20.00", "day": "2026-05-02", "kind": "written_off", "note": "n"}
    call.client.post(f"/payments/{payment['id']}", data=edited)
    assert call.glance(id_)["written_off"] == "20.00"
    assert re.search(r"Partly paid", read(call, f"/invoices/{id_}").text)
    call.client.post(f"/payments/{payment['id']}/delete")
    call.client.post(f"/invoices/{id_}/lines/{line}", data={"quantity": "2", "unit_price": "50.50"})
    assert call.glance(id_)["net"] == "101.00"
    call.client.post(f"/invoices/{id_}/delete")
    assert call.glance(id_)["deleted_at"]


def test_an_odd_invoice_is_shown_and_saved_as_it_is(call: Caller) -> None:
    id_ = call.make(invoiced_on=None, pay_on=None, lines=[a_line("1000", 0.33)])
    page = read(call, f"/invoices/{id_}")
    assert "None" not in page.text
    assert "None" not in read(call, "/").text
    line = call.glance(id_)["line_ids"][0]
    [price] = page.select(f"#line-price-{line}")
    data = {"quantity": "2000", "unit_price": str(price["value"])}
    assert call.client.post(f"/invoices/{id_}/lines/{line}", data=data).status_code == 302
    assert call.glance(id_)["net"] == "6.60"
    assert (
        call.client.post(f"/invoices/{id_}/lines/{line}", data=data | {"unit_price": "²"}).status_code == 400
    )
