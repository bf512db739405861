"""The dialect: documents, relations, filters, links."""

import json
from datetime import date, datetime
from typing import Any

import msgspec
import pytest

from portal.domain.unreadable import Reason
from portal.productive.jsonapi import (
    Reference,
    find_related,
    next_url,
    read_document,
    spell_filter,
    spell_list,
    spell_resource,
)
from portal.remote.errors import BadAnswerError
from portal.remote.odd import OddValueError
from tests.productive.bodies import BASE, a_company, a_list, an_invoice, one


class Named(msgspec.Struct):
    name: str


def read(body: Any) -> Any:
    return read_document(json.dumps(body).encode())


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b"{}", b'{"data": 3}', b'{"data": "x"}', b'\xff{"data":null}']
)
def test_what_is_no_document_is_a_bad_answer(body: bytes) -> None:
    with pytest.raises(BadAnswerError):
        read_document(body)


def test_half_a_character_or_a_control_in_one_text_leaves_all_others_readable() -> None:
    name = rb"a\ud83c\u0000b\ud83c\udde7\ud83c\uddea"
    odd = b'{"data": [{"type": "x", "id": "1", "attributes": {"name": "' + name + b'"}},'
    rest = b'{"type": "x", "id": "2", "attributes": {"name": "c\x01\xffd", "n": NaN, "big": 1e999}}]}'
    first, second = read_document(odd + rest).many
    assert first.read(Named).name == "ab🇧🇪"
    assert second.read(Named).name == "c\ufffdd"


@pytest.mark.parametrize("depth", [400, 900, 1500, 100_000])
@pytest.mark.parametrize("name", [b'"n"', rb'"n\ud83c"'])
def test_a_deep_nest_in_one_record_leaves_all_others_readable(depth: int, name: bytes) -> None:
    deep = b"[" * depth + b"]" * depth
    good = b'{"type": "x", "id": "6", "attributes": {"name": ' + name + b', "more": ' + deep + b"}}"
    odd = [
        b'{"type": "x", "id": "7", "attributes": {"name": ' + deep + b"}}",
        b'{"type": "x", "id": ' + deep + b', "attributes": {"name": "n"}}',
        b'{"type": "x", "id": "9", "attributes": ' + deep + b"}",
        deep,
    ]
    first, *rest = read_document(b'{"data": [' + b", ".join([good, *odd]) + b"]}").many
    assert first.read(Named).name == "n"
    for each in rest:
        with pytest.raises(OddValueError):
            each.read(Named)


@pytest.mark.parametrize("key", ["", "7\x00", "7\n", "٧", "7" * 65, "7" * 10**6, "\u202e7"])
def test_an_id_that_nothing_can_keep_stops_its_own_record(key: str) -> None:
    company = {"data": {"type": "companies", "id": key}}
    rows = [
        {"type": "x", "id": key, "attributes": {"name": "n"}},
        {"type": "x", "id": "8", "attributes": {"name": "n"}, "relationships": {"company": company}},
    ]
    odd, good = read({"data": rows}).many
    assert (odd.id, good.read(Named).name) == ("", "n")
    with pytest.raises(OddValueError) as no_key:
        odd.read(Named)
    assert (no_key.value.fault.reason, no_key.value.fault.field) == (Reason.NO_KEY, "id")
    with pytest.raises(OddValueError):
        good.find_id("company")


def test_moments_without_a_zone_can_be_compared_with_others() -> None:
    class Seen(msgspec.Struct):
        at: datetime

    moments = ["2026-01-01T00:00:00", "2026-01-01T01:00:00Z", "0001-01-01T00:00:00+23:00"]
    moments += ["9999-12-31T23:59:59-23:00", "9999-12-31T23:59:59"]
    rows = [{"type": "x", "id": str(at), "attributes": {"at": text}} for at, text in enumerate(moments)]
    found = sorted(read({"data": rows}).many, key=lambda one: one.read(Seen).at)
    assert [one.id for one in found][:3] == ["2", "0", "1"]


def test_a_resource_that_is_none_stands_in_its_place_with_its_fault() -> None:
    good_one = b'{"type": "x", "id": "6", "attributes": {"name": "n"}}'
    body = b'{"data": [7, {"type": "x"}, {"type": "x", "id": 5}, ' + good_one + b"]}"
    *odd, good = read_document(body).many
    assert good.read(Named).name == "n"
    assert [each.id for each in odd] == ["", "", "5"]
    for each in odd:
        with pytest.raises(OddValueError):
            each.read(Named)


def test_one_and_many_are_not_mixed_up() -> None:
    assert read(one(an_invoice())).one.id == "27"
    assert [each.id for each in read(a_list(an_invoice())).many] == ["27"]
    with pytest.raises(BadAnswerError):
        _ = read(one(an_invoice())).many
    with pytest.raises(BadAnswerError):
        _ = read(a_list(an_invoice())).one


def test_a_relation_leads_to_what_was_included() -> None:
    document = read(a_list(an_invoice(), included=[a_company()]))
    company = find_related(document.many[0], "company", document.index())
    assert company is not None
    assert company.read(Named).name == "Voorbeeld"
    assert find_related(document.many[0], "parent_invoice", document.index()) is None


@pytest.mark.parametrize("name", ["bill_from", "bill_to", "unheard_of"])
def test_a_relation_that_was_left_out_is_a_bad_answer_and_not_nothing(name: str) -> None:
    document = read(a_list(an_invoice(), included=[a_company()]))
    with pytest.raises(BadAnswerError, match="left out"):
        find_related(document.many[0], name, document.index())


def test_a_relation_to_many_has_no_single_id() -> None:
    resource = an_invoice()
    resource["relationships"]["attributions"] = {"data": [{"type": "x", "id": "1"}]}
    invoice = read(one(resource)).one
    assert invoice.includes("attributions")
    assert invoice.find_id("attributions") is None
    assert invoice.find_id("bill_from") is None
    assert invoice.find_id("company") == "497"


@pytest.mark.parametrize(
    ("value", "operator", "spelled"),
    [
        (2, None, {"filter[f]": "2"}),
        ("x", "eq", {"filter[f][eq]": "x"}),
        (["1", "2"], None, {"filter[f]": "1,2"}),
        (date(2026, 11, 2), "gt_eq", {"filter[f][gt_eq]": "2026-11-02"}),
        (True, None, {"filter[f]": "true"}),
        (False, None, {"filter[f]": "false"}),
    ],
)
def test_filters_are_spelled(value: object, operator: str | None, spelled: dict[str, str]) -> None:
    assert spell_filter("f", value, operator) == spelled


def test_a_list_is_asked_for_with_all_it_needs() -> None:
    assert spell_list(spell_filter("id", 1), include=["a", "b.c"], sort="-d", size=30) == {
        "filter[id]": "1",
        "include": "a,b.c",
        "sort": "-d",
        "page[size]": "30",
    }
    assert spell_list() == {"page[size]": "200"}


def test_a_write_names_its_type_its_id_and_its_relations() -> None:
    body = spell_resource(
        "payments", {"amount": 1}, key="4", relations={"invoice": Reference("invoices", "27")}
    )
    assert json.loads(body) == {
        "data": {
            "type": "payments",
            "id": "4",
            "attributes": {"amount": 1},
            "relationships": {"invoice": {"data": {"type": "invoices", "id": "27"}}},
        }
    }


@pytest.mark.parametrize(
    ("link", "url"),
    [
        (None, None),
        (f"{BASE}/invoices?page%5Bafter%5D=x", f"{BASE}/invoices?page%5Bafter%5D=x"),
        ("/api/v2/invoices?page=2", f"{BASE}/invoices?page=2"),
        ("?page=2", f"{BASE}/invoices?page=2"),
    ],
)
def test_a_list_goes_on_where_its_link_says(link: str | None, url: str | None) -> None:
    assert next_url(read(a_list(next=link)), base_url=BASE, current=f"{BASE}/invoices") == url


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.test/api/v2/invoices",
        "http://api.productive.test/api/v2/invoices",
        "https://api.productive.test:444/api/v2/invoices",
        "https://api.productive.test@evil.test/api/v2/invoices",
        "https://api.productive.test/other",
    ],
)
def test_the_token_is_carried_to_no_other_place(link: str) -> None:
    with pytest.raises(BadAnswerError, match="goes on"):
        next_url(read(a_list(next=link)), base_url=BASE, current=f"{BASE}/invoices")
