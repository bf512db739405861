"""Attributes, relations, includes, filters, sorts, pages."""

from datetime import timedelta

import pytest

from portal.domain.here import begin_of
from tests.furnishing.today import today
from tests.sandbox.productive.conftest import Caller, a_line


@pytest.fixture
def three(call: Caller) -> Caller:
    """Invoices 1 to 3 on three days, the last one not sent."""
    for day, sent in (("2026-03-01", "2026-03-01"), ("2026-03-02", "2026-03-02"), ("2026-03-03", None)):
        call.make(
            number=f"N-{day[-2:]}",
            invoiced_on=day,
            sent_on=sent,
            subject=f"Day {day}",
            lines=[a_line(), a_line()],
        )
    return call


def ids(call: Caller, path: str) -> list[str]:
    return [each["id"] for each in call.data(path)]


def test_an_invoice_has_the_recorded_attributes(three: Caller) -> None:
    attributes = three.data("/invoices/1")["attributes"]
    assert len(attributes) == 72
    assert attributes["amount_with_tax"] == 24200
    assert attributes["amount_with_tax_normalized"] == 24200
    assert attributes["exchange_rate"] == "1.0"
    assert attributes["payment_terms"] == 30


def test_a_relation_that_is_not_included_has_no_id(three: Caller) -> None:
    relations = three.data("/invoices/1")["relationships"]
    assert relations["company"] == {"meta": {"included": False}}
    assert relations["organization"] == {"data": {"type": "organizations", "id": "703"}}


def test_includes_are_nested_and_shown_once(three: Caller) -> None:
    answer = three.get(
        "/line_items?filter[invoice_id]=1,2&include=service_type,tax_rate.subsidiary,invoice.bill_to"
    )
    assert answer.json
    assert answer.json["data"][0]["relationships"]["invoice"] == {"data": {"type": "invoices", "id": "1"}}
    included = [each["type"] for each in answer.json["included"]]
    assert sorted(included) == [
        "contact_entries",
        "contact_entries",
        "invoices",
        "invoices",
        "service_types",
        "subsidiaries",
        "tax_rates",
    ]


def test_an_empty_relation_is_null_and_one_to_many_a_list(three: Caller) -> None:
    relations = three.data("/invoices/1?include=attachment,invoice_attributions")["relationships"]
    assert relations["attachment"] == {"data": None}
    assert relations["invoice_attributions"] == {"data": []}


def test_a_line_tells_its_quantity_as_a_string(three: Caller) -> None:
    attributes = three.data("/line_items/1")["attributes"]
    assert (attributes["quantity"], attributes["unit_price"], attributes["discount"]) == ("1.0", 10000, None)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("filter[id]=1,3", ["1", "3"]),
        ("filter[id][]=1&filter[id][]=2", ["1", "2"]),
        ("filter[number]=N-02", ["2"]),
        ("filter[number][contains]=-0", ["1", "2", "3"]),
        ("filter[number][not_eq]=N-02", ["1", "3"]),
        ("filter[invoiced_on][gt_eq]=2026-03-02", ["2", "3"]),
        ("filter[invoiced_on][gt]=2026-03-01&filter[invoiced_on][lt]=2026-03-03", ["2"]),
        ("filter[invoiced_on][lt_eq]=2026-03-01", ["1"]),
        ("filter[sent_status]=2", ["3"]),
        ("filter[invoice_state]=2&filter[export_status]=2", ["1", "2", "3"]),
        ("filter[payment_status]=1", []),
        ("filter[amount_with_tax][gt_eq]=24200", ["1", "2", "3"]),
        ("filter[query]=DAY 2026-03-03", ["3"]),
        ("filter[$op]=or&filter[0][number][eq]=N-01&filter[1][number][eq]=N-03", ["1", "3"]),
        ("filter[0][number][eq][]=N-01&filter[0][number][eq][]=N-02", ["1", "2"]),
        (
            "filter[$op]=or&filter[0][id]=1&filter[1][$op]=and&filter[1][0][id]=2&filter[1][1][number]=N-02",
            ["1", "2"],
        ),
    ],
)
def test_filters_find(three: Caller, query: str, found: list[str]) -> None:
    assert ids(three, f"/invoices?{query}") == found


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("filter[colour]=red", "Unsupported Filter"),
        ("filter[company_id][near]=1", "Unsupported Filter"),
        ("filter[invoiced_on]=soon", "Unsupported Filter Value"),
        ("filter[company_id]=abc", "Unsupported Filter Value"),
        ("filter[last_activity_at][gt]=soon", "Unsupported Filter Value"),
        ("sort=updated_at", "Unsupported Sort"),
        ("include=line_items", "Unsupported Include"),
        ("include=company.nothing", "Unsupported Include"),
        ("include=attachment.invoice", "Unsupported Include"),
    ],
)
def test_what_the_endpoint_does_not_know_is_400(three: Caller, query: str, title: str) -> None:
    answer = three.get(f"/invoices?{query}")
    assert answer.status_code == 400
    assert answer.json
    assert answer.json["errors"][0]["title"] == title


def test_moments_are_compared_by_date_unless_the_flag_is_sent(three: Caller) -> None:
    moment = three.data("/invoices/3")["attributes"]["last_activity_at"]
    path = f"/invoices?filter[last_activity_at][gt]={moment.replace('+', '%2B')}"
    assert ids(three, path) == []
    tonight = begin_of(today() + timedelta(days=1)) - timedelta(seconds=1)
    path = f"/invoices?filter[last_activity_at][gt_eq]={tonight.isoformat().replace('+', '%2B')}"
    assert ids(three, path) == ["1", "2", "3"]
    flagged = three.get(path, **{"X-Feature-Flags": "filteringSkipDatetimeCastToDate"})
    assert flagged.json
    assert flagged.json["data"] == []


def test_sorts_go_both_ways(three: Caller) -> None:
    assert ids(three, "/invoices?sort=-invoiced_on") == ["3", "2", "1"]
    assert ids(three, "/invoices?sort=sent_on") == ["1", "2", "3"]
    assert ids(three, "/invoices?sort=amount,-number") == ["3", "2", "1"]


def test_pages_link_to_each_other_and_the_last_has_no_next(three: Caller) -> None:
    first = three.get("/invoices?page[size]=2").json
    assert first
    assert first["meta"] == {
        "current_page": 1,
        "total_pages": 2,
        "total_count": 3,
        "page_size": 2,
        "max_page_size": 200,
    }
    assert first["links"]["next"].startswith("http://localhost/api/v2/invoices?")
    second = three.get(first["links"]["next"].removeprefix("http://localhost/api/v2")).json
    assert second
    assert [each["id"] for each in second["data"]] == ["3"]
    assert "next" not in second["links"]


def test_sizes_above_two_hundred_are_capped(three: Caller) -> None:
    answer = three.get("/invoices?page[size]=1000").json
    assert answer
    assert answer["meta"]["page_size"] == 200


@pytest.mark.parametrize("sort", ["", "&sort=-number", "&sort=sent_on", "&sort=-amount,number"])
def test_a_cursor_walks_to_the_end_even_when_rows_vanish(three: Caller, sort: str) -> None:
    path = f"/invoices?page[after]=&page[size]=1{sort}"
    walked = []
    while path:
        page = three.get(path).json
        assert page
        walked += [each["id"] for each in page["data"]]
        three.door("DELETE", f"/invoices/{walked[-1]}")
        path = page["links"].get("next", "").removeprefix("http://localhost/api/v2")
    assert sorted(walked) == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("page[after]=&page[number]=1", "keyset_conflict"),
        ("page[after]=&sort=company_name", "keyset_unsupported_sort"),
        ("page[after]=nonsense", "keyset_invalid_cursor"),
    ],
)
def test_a_cursor_can_be_misused(three: Caller, query: str, code: str) -> None:
    answer = three.get(f"/invoices?{query}")
    assert answer.status_code == 400
    assert answer.json
    assert answer.json["errors"][0]["code"] == code


def test_every_resource_can_be_listed(demo: Caller) -> None:
    for type_ in (
        "organizations",
        "subsidiaries",
        "companies",
        "contact_entries",
        "service_types",
        "tax_rates",
        "document_types",
        "deleted_items",
        "payments",
        "line_items",
    ):
        first = demo.data(f"/{type_}")[0]
        assert first["type"] == type_
        if type_ != "deleted_items":
            assert demo.data(f"/{type_}/{first['id']}") == first


def test_a_subsidiary_tells_its_vat_number_by_its_address(demo: Caller) -> None:
    answer = demo.get("/subsidiaries/1?include=bill_from").json
    assert answer
    assert answer["included"][0]["attributes"]["vat"] == "NL344240113B01"


def test_tax_rates_belong_to_a_subsidiary(demo: Caller) -> None:
    rates = demo.data("/tax_rates?filter[subsidiary_id]=1")
    assert [each["attributes"]["primary_component_value"] for each in rates] == [
        "21.0",
        "9.0",
        "0.0",
        "0.0",
        None,
    ]
    assert len(demo.data("/tax_rates?filter[status]=2")) == 1
