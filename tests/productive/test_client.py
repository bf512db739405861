"""The client over recorded-shape answers."""

import json
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import responses

from portal.actions.engine.ports import Billing
from portal.domain.booking.invoice import Organization, Payment, ServiceType, Subsidiary, TaxRate
from portal.domain.unreadable import readable
from portal.productive.client import ProductiveClient
from portal.remote.errors import BadAnswerError, NotFoundError, RefusedError
from tests.productive import bodies
from tests.productive.bodies import BASE, TOKEN, Json, a_list, one, to


def query(mock: responses.RequestsMock, at: int = -1) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(mock.calls[at].request.url or "").query, keep_blank_values=True))


def sent(mock: responses.RequestsMock, at: int = -1) -> Any:
    return json.loads(mock.calls[at].request.body or b"null")


def test_each_call_bears_the_token_and_the_organisation(
    wire: responses.RequestsMock, client: ProductiveClient
) -> None:
    organization = {"id": "703", "type": "organizations", "attributes": {"name": "Studio", "currency": "EUR"}}
    wire.get(f"{BASE}/organizations/703", json=one(organization))
    assert client.read_organization() == Organization("703", "Studio", "EUR")
    headers = wire.calls[0].request.headers
    assert headers["X-Auth-Token"] == TOKEN
    assert headers["X-Organization-Id"] == "703"
    assert headers["Content-Type"] == "application/vnd.api+json"


def test_the_client_is_the_billing_system_that_actions_ask_for(client: ProductiveClient) -> None:
    billing: Billing = client
    assert billing is client


def test_the_token_is_never_shown(client: ProductiveClient) -> None:
    assert TOKEN not in repr(client)
    assert TOKEN not in repr(vars(client))


def test_the_lists_that_mappings_need_are_read_to_their_end(
    wire: responses.RequestsMock, client: ProductiveClient
) -> None:
    more = f"{BASE}/subsidiaries?page%5Bnumber%5D=2&page%5Bsize%5D=200"
    wire.get(f"{BASE}/subsidiaries", json=a_list(bodies.a_subsidiary(), next=more))
    wire.get(
        more,
        json=a_list(
            bodies.a_subsidiary("2", export_integration_type_id=4, archived_at="2026-01-01T00:00:00Z")
        ),
    )
    wire.get(f"{BASE}/service_types", json=a_list(bodies.a_service_type()))
    wire.get(f"{BASE}/tax_rates", json=a_list(bodies.a_tax_rate(), included=[bodies.a_subsidiary()]))
    assert list(client.each_subsidiary()) == [
        Subsidiary("1", "Studio NL", None, False),
        Subsidiary("2", "Studio NL", 4, True),
    ]
    assert list(client.each_service_type()) == [ServiceType("420", "Design", False)]
    assert list(client.each_tax_rate()) == [TaxRate("16", "BTW 21%", Decimal(21), "1", False)]


def test_invoices_come_with_all_their_lines_in_two_calls(
    wire: responses.RequestsMock, client: ProductiveClient
) -> None:
    around = [bodies.a_service_type(), bodies.a_tax_rate()]
    lines = [
        bodies.a_line("11", position=2),
        bodies.a_line("5", position=2),
        bodies.a_line("6", position=1),
        bodies.a_line("7", invoice="28"),
    ]
    wire.get(f"{BASE}/line_items", json=a_list(*lines, included=around))
    wire.get(f"{BASE}/invoices", json=a_list(bodies.an_invoice(), included=bodies.around_invoices()))
    [invoice] = readable(client.read_invoices(["27", "28"]))
    assert [line.id for line in invoice.lines] == ["6", "5", "11"]
    assert query(wire, 0)["filter[invoice_id]"] == "27,28"
    assert query(wire, 1)["filter[id]"] == "27,28"
    assert len(wire.calls) == 2


def test_more_lines_than_fit_one_page_are_all_read(
    wire: responses.RequestsMock, client: ProductiveClient
) -> None:
    around = [bodies.a_service_type(), bodies.a_tax_rate()]
    more = f"{BASE}/line_items?page%5Bnumber%5D=2"
    wire.get(f"{BASE}/line_items", json=a_list(bodies.a_line("1"), included=around, next=more))
    wire.get(more, json=a_list(bodies.a_line("2"), included=around))
    wire.get(f"{BASE}/invoices", json=a_list(bodies.an_invoice(), included=bodies.around_invoices()))
    assert [line.id for line in readable(client.read_invoices(["27"]))[0].lines] == ["1", "2"]


def an_untyped_line() -> Json:
    line = bodies.a_line()
    line["relationships"] |= {"service": to("services", "900"), "service_type": to("service_types", None)}
    return line


def test_where_a_line_lacks_a_type_its_service_is_asked(
    wire: responses.RequestsMock, client: ProductiveClient
) -> None:
    around = [bodies.a_tax_rate(), bodies.a_service_type()]
    telling = bodies.a_service(service_type=to("service_types", "420"))
    wire.get(f"{BASE}/line_items", json=a_list(an_untyped_line(), included=[*around, bodies.a_service()]))
    wire.get(f"{BASE}/line_items", json=a_list(an_untyped_line(), included=[*around, telling]))
    wire.get(f"{BASE}/invoices", json=a_list(bodies.an_invoice(), included=bodies.around_invoices()))
    [invoice] = readable(client.read_invoices(["27"]))
    assert invoice.lines[0].service_type_id == "420"
    assert query(wire, 1)["include"].endswith(",service.service_type")


@pytest.mark.parametrize("status", [400, 403])
def test_a_service_that_cannot_tell_leaves_its_line_without_a_type_and_any_other_refusal_counts(
    wire: responses.RequestsMock, client: ProductiveClient, status: int
) -> None:
    around = [bodies.a_tax_rate(), bodies.a_service()]
    wire.get(f"{BASE}/line_items", json=a_list(an_untyped_line(), included=around))
    wire.get(f"{BASE}/line_items", status=status, json=bodies.a_fault(status, title="No"))
    if status == 400:
        wire.get(f"{BASE}/invoices", json=a_list(bodies.an_invoice(), included=bodies.around_invoices()))
        assert readable(client.read_invoices(["27"]))[0].lines[0].service_type_id is None
    else:
        with pytest.raises(RefusedError, match="No"):
            readable(client.read_invoices(["27"]))


def test_nothing_asked_is_nothing_called(client: ProductiveClient) -> None:
    assert readable(client.read_invoices([])) == []
    assert client.find_payments([]) == []


def test_more_than_fifty_at_once_is_a_mistake_of_ours(client: ProductiveClient) -> None:
    with pytest.raises(ValueError, match="50"):
        client.find_payments([str(number) for number in range(51)])


def test_an_export_mark_is_set_and_taken_off(wire: responses.RequestsMock, client: ProductiveClient) -> None:
    url = "https://start.exactonline.nl/docs/x"
    marked = bodies.an_invoice(exported=True, export_id="guid", export_invoice_url=url)
    wire.patch(f"{BASE}/invoices/27", json=one(marked))
    client.mark_exported("27", export_id="guid", url=url)
    assert sent(wire) == {
        "data": {
            "type": "invoices",
            "id": "27",
            "attributes": {"exported": True, "export_id": "guid", "export_invoice_url": url},
        }
    }
    wire.replace("PATCH", f"{BASE}/invoices/27", json=one(bodies.an_invoice()))
    client.unmark_exported("27")
    assert sent(wire)["data"]["attributes"] == {
        "exported": False,
        "export_id": None,
        "export_invoice_url": None,
    }


def test_number_and_sent_date_are_written(wire: responses.RequestsMock, client: ProductiveClient) -> None:
    wire.patch(f"{BASE}/invoices/27", json=one(bodies.an_invoice(number="26700012", sent_on="2026-11-23")))
    client.set_number("27", "26700012")
    client.mark_sent("27", on=date(2026, 11, 23))
    assert sent(wire, 0)["data"]["attributes"] == {"number": "26700012"}
    assert sent(wire, 1)["data"]["attributes"] == {"sent_on": "2026-11-23"}


def test_a_change_that_productive_silently_drops_is_a_refusal(
    wire: responses.RequestsMock, client: ProductiveClient
) -> None:
    wire.patch(f"{BASE}/invoices/27", json=one(bodies.an_invoice()))
    with pytest.raises(RefusedError, match="exported, export id"):
        client.mark_exported("27", export_id="guid", url="https://x.test")


def test_an_answer_about_another_invoice_is_not_believed(
    wire: responses.RequestsMock, client: ProductiveClient
) -> None:
    wire.patch(f"{BASE}/invoices/27", json=one(bodies.an_invoice("28", number="1")))
    with pytest.raises(BadAnswerError, match="28"):
        client.set_number("27", "1")


def test_payments_of_several_invoices_are_found(
    wire: responses.RequestsMock, client: ProductiveClient
) -> None:
    found = [
        bodies.a_payment("4", invoice=to("invoices", "27"), note="Exact [ABCDEFGH]"),
        bodies.a_payment("5", invoice=to("invoices", "28"), paid_on=None, written_off_on="2026-11-21"),
    ]
    wire.get(f"{BASE}/payments", json=a_list(*found))
    assert client.find_payments(["27", "28"]) == [
        Payment("4", "27", 181500, date(2026, 11, 20), False, "Exact [ABCDEFGH]"),
        Payment("5", "28", 181500, date(2026, 11, 21), True, ""),
    ]
    assert query(wire) == {
        "filter[invoice_id]": "27,28",
        "include": "invoice",
        "page[size]": "200",
    }


@pytest.mark.parametrize(
    ("written_off", "day"), [(False, {"paid_on": "2026-11-20"}), (True, {"written_off_on": "2026-11-20"})]
)
def test_a_payment_is_created_with_its_note(
    wire: responses.RequestsMock, client: ProductiveClient, written_off: bool, day: dict[str, str]
) -> None:
    made = bodies.a_payment(note="term 1", paid_on=None)
    made["attributes"] |= day
    wire.post(f"{BASE}/payments", status=201, json=one(made))
    payment = client.create_payment(
        "27", amount=181500, on=date(2026, 11, 20), written_off=written_off, note="term 1"
    )
    assert payment == Payment("4", "27", 181500, date(2026, 11, 20), written_off, "term 1")
    assert sent(wire)["data"] == {
        "type": "payments",
        "attributes": {"amount": 181500, "note": "term 1"} | day,
        "relationships": {"invoice": {"data": {"type": "invoices", "id": "27"}}},
    }


def test_a_payment_on_an_unsent_invoice_is_refused_in_productives_words(
    wire: responses.RequestsMock, client: ProductiveClient
) -> None:
    fault = bodies.a_fault(
        "422",
        code="invalid_attribute",
        title="Invalid Attribute",
        detail="must be sent before payments are recorded",
        pointer="data/attributes/invoice",
    )
    wire.post(f"{BASE}/payments", status=422, json=fault)
    with pytest.raises(RefusedError) as caught:
        client.create_payment("27", amount=1, on=date(2026, 11, 20), written_off=False, note="")
    assert caught.value.text == "Productive refused: “invoice – must be sent before payments are recorded”."
    assert caught.value.status == 422
    assert not caught.value.may_have_happened
    assert len(wire.calls) == 1


def test_a_payment_is_changed_and_tells_its_invoice(
    wire: responses.RequestsMock, client: ProductiveClient
) -> None:
    changed = bodies.a_payment(amount=100, invoice=to("invoices", "27"))
    wire.patch(f"{BASE}/payments/4", json=one(changed))
    payment = client.change_payment("4", amount=100, on=date(2026, 11, 20), written_off=False, note="n")
    assert (payment.invoice_id, payment.amount) == ("27", 100)
    assert sent(wire)["data"] == {
        "type": "payments",
        "id": "4",
        "attributes": {"amount": 100, "note": "n", "paid_on": "2026-11-20", "written_off_on": None},
    }


def test_a_changed_payment_is_read_again_where_the_answer_left_its_invoice_out(
    wire: responses.RequestsMock, client: ProductiveClient
) -> None:
    wire.patch(f"{BASE}/payments/4", json=one(bodies.a_payment()))
    wire.get(f"{BASE}/payments/4", json=one(bodies.a_payment(invoice=to("invoices", "27"))))
    payment = client.change_payment("4", amount=1, on=date(2026, 11, 20), written_off=True, note="n")
    assert payment.invoice_id == "27"
    assert sent(wire, 0)["data"]["attributes"]["written_off_on"] == "2026-11-20"


def test_a_payment_is_deleted_and_one_that_is_gone_is_no_failure(
    wire: responses.RequestsMock, client: ProductiveClient
) -> None:
    wire.delete(f"{BASE}/payments/4", status=204)
    client.delete_payment("4")
    gone = bodies.a_fault("404", code="record_not_found", title="Record Not Found")
    wire.replace("DELETE", f"{BASE}/payments/4", status=404, json=gone)
    wire.get(f"{BASE}/payments/4", status=404, json=gone)
    client.delete_payment("4")


def test_a_payment_that_is_still_there_is_not_taken_for_gone(
    wire: responses.RequestsMock, client: ProductiveClient
) -> None:
    gone = bodies.a_fault("404", code="record_not_found", title="Record Not Found")
    wire.delete(f"{BASE}/payments/4", status=404, json=gone)
    wire.get(f"{BASE}/payments/4", json=one(bodies.a_payment()))
    with pytest.raises(NotFoundError):
        client.delete_payment("4")


def test_a_payment_that_is_gone_cannot_be_changed(
    wire: responses.RequestsMock, client: ProductiveClient
) -> None:
    wire.patch(f"{BASE}/payments/4", status=404, json=bodies.a_fault("404", title="Record Not Found"))
    with pytest.raises(NotFoundError, match="Record Not Found"):
        client.change_payment("4", amount=1, on=date(2026, 11, 20), written_off=False, note="n")
