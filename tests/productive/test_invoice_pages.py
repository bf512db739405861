"""All invoices, page by page, oldest change first, whatever Productive supports."""

from datetime import date
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import responses

from portal.domain.booking.invoice import Invoice
from portal.domain.unreadable import Unreadable, readable
from portal.productive.client import ProductiveClient
from portal.remote.errors import BadAnswerError, RefusedError
from tests.productive.bodies import BASE, Json, a_fault, a_list, an_invoice, around_invoices

URL = f"{BASE}/invoices"
MORE = f"{URL}?page%5Bafter%5D=abc"
NO_CURSOR = a_fault(400, code="keyset_unsupported_sort", title="Unsupported Sort")


def page(*invoices: Json, **more: Any) -> Json:
    return a_list(*invoices, included=around_invoices(), **more)


def changed(key: str, day: int) -> Json:
    return an_invoice(key, last_activity_at=f"2026-11-{day:02}T12:00:00.000+01:00")


def ids(pages: list[list[Invoice | Unreadable]]) -> list[list[str]]:
    return [[invoice.id for invoice in each] for each in pages]


def queries(wire: responses.RequestsMock) -> list[dict[str, str]]:
    return [
        dict(parse_qsl(urlsplit(call.request.url or "").query, keep_blank_values=True)) for call in wire.calls
    ]


def test_pages_follow_the_cursor_to_the_end(wire: responses.RequestsMock, client: ProductiveClient) -> None:
    wire.get(URL, json=page(changed("1", 1), changed("2", 2), next=MORE))
    wire.get(MORE, json=page(changed("3", 3)))
    assert ids(list(client.each_invoice_page(since=None))) == [["1", "2"], ["3"]]
    assert queries(wire)[0] == {
        "filter[invoice_state]": "2",
        "sort": "last_activity_at",
        "include": "company,bill_to,subsidiary,parent_invoice",
        "page[size]": "200",
        "page[after]": "",
    }


def test_only_what_changed_since_a_day_is_asked_for(
    wire: responses.RequestsMock, client: ProductiveClient
) -> None:
    wire.get(URL, json=page())
    assert ids(list(client.each_invoice_page(since=date(2026, 11, 2)))) == [[]]
    assert queries(wire)[0]["filter[last_activity_at][gt_eq]"] == "2026-11-02"


def test_without_a_cursor_the_pages_are_numbered_and_still_oldest_first(
    wire: responses.RequestsMock, client: ProductiveClient
) -> None:
    wire.get(URL, status=400, json=NO_CURSOR)
    wire.get(URL, json=page(changed("3", 3), changed("2", 2), next=MORE, total=3))
    wire.get(URL, json=page(changed("1", 1), total=3))
    assert ids(list(client.each_invoice_page(since=None))) == [["1", "2", "3"]]
    assert [each.get("page[number]") for each in queries(wire)] == [None, "1", "2"]
    assert queries(wire)[1]["sort"] == "-last_activity_at"


def test_numbered_pages_stop_at_the_day_asked_for(
    wire: responses.RequestsMock, client: ProductiveClient
) -> None:
    wire.get(URL, status=400, json=a_fault(400, title="Unsupported Filter"))
    wire.get(URL, json=page(changed("3", 3), changed("2", 2), next=MORE, total=9))
    wire.get(URL, json=page(changed("5", 2), changed("1", 1), next=MORE, total=9))
    assert ids(list(client.each_invoice_page(since=date(2026, 11, 2)))) == [["2", "5", "3"]]
    assert len(wire.calls) == 3


def test_an_invoice_that_slides_to_the_next_page_is_told_once_in_its_newest_form(
    wire: responses.RequestsMock, client: ProductiveClient
) -> None:
    wire.get(URL, status=400, json=NO_CURSOR)
    wire.get(URL, json=page(an_invoice("2", subject="new"), next=MORE, total=2))
    wire.get(URL, json=page(an_invoice("2", subject="old"), changed("1", 1), total=3))
    [told] = client.each_invoice_page(since=None)
    first, second = readable(told)
    assert (first.id, second.subject) == ("1", "new")


def test_where_an_invoice_vanished_meanwhile_the_page_before_is_read_again(
    wire: responses.RequestsMock, client: ProductiveClient
) -> None:
    wire.get(URL, status=400, json=NO_CURSOR)
    wire.get(URL, json=page(changed("4", 4), changed("3", 3), next=MORE, total=4))
    wire.get(URL, json=page(changed("1", 1), total=3))
    wire.get(URL, json=page(changed("3", 3), changed("2", 2), next=MORE, total=3))
    wire.get(URL, json=page(changed("1", 1), total=3))
    assert ids(list(client.each_invoice_page(since=None))) == [["1", "2", "3", "4"]]
    assert [each.get("page[number]") for each in queries(wire)] == [None, "1", "2", "1", "2"]


def test_a_cursor_that_dies_half_way_starts_anew_by_number(
    wire: responses.RequestsMock, client: ProductiveClient
) -> None:
    wire.get(URL, json=page(changed("1", 1), next=MORE))
    wire.get(MORE, status=400, json=a_fault(400, code="keyset_invalid_cursor"))
    wire.get(URL, json=page(changed("2", 2), changed("1", 1), total=2))
    assert ids(list(client.each_invoice_page(since=None))) == [["1"], ["1", "2"]]


def test_many_gathered_invoices_are_told_in_pages(
    wire: responses.RequestsMock, client: ProductiveClient
) -> None:
    wire.get(URL, status=400, json=NO_CURSOR)
    wire.get(URL, json=page(*(an_invoice(str(number)) for number in range(201))))
    assert [len(each) for each in client.each_invoice_page(since=None)] == [200, 1]


def test_another_refusal_is_passed_on(wire: responses.RequestsMock, client: ProductiveClient) -> None:
    wire.get(URL, status=403, json=a_fault(403, detail="no"))
    with pytest.raises(RefusedError):
        list(client.each_invoice_page(since=None))
    assert len(wire.calls) == 1


def test_a_page_that_is_no_list_is_never_an_empty_one(
    wire: responses.RequestsMock, client: ProductiveClient
) -> None:
    wire.get(URL, json={"data": None})
    with pytest.raises(BadAnswerError):
        list(client.each_invoice_page(since=None))
