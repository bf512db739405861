"""Exact's dialect."""

from datetime import date
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.exact.odata import (
    all_of,
    find_expanded,
    follow,
    quote_guid,
    quote_int64,
    quote_text,
    read_collection,
    read_date,
    read_integer,
    read_page,
    spell_body,
    spell_key,
    spell_query,
)
from portal.remote.errors import BadAnswerError

GUID = "6f9619ff-8b86-d011-b42d-00cf4fc964ff"


@pytest.mark.parametrize(
    ("text", "literal"),
    [
        ("", "''"),
        ("INV-1", "'INV-1'"),
        ("O'Brien", "'O''Brien'"),
        ("''", "''''''"),
        ("a' or 'a' eq 'a", "'a'' or ''a'' eq ''a'"),
    ],
)
def test_quotes_in_texts_are_doubled(text: str, literal: str) -> None:
    assert quote_text(text) == literal


@given(st.text())
def test_no_text_can_end_its_literal(text: str) -> None:
    literal = quote_text(text)
    assert literal[0] == literal[-1] == "'"
    inside = literal[1:-1]
    assert inside.replace("''", "").count("'") == 0
    assert inside.replace("''", "'") == text


@given(st.text(alphabet=st.characters(codec="utf-8"), min_size=1))
def test_a_filter_arrives_as_it_was_spelt(text: str) -> None:
    url = spell_query("https://x.test/a", {"filter": f"Name eq {quote_text(text)}", "select": "ID,Name"})
    told = parse_qs(urlsplit(url).query, strict_parsing=True)
    assert told == {"$filter": [f"Name eq {quote_text(text)}"], "$select": ["ID,Name"]}


def test_other_literals_are_spelt_their_way() -> None:
    assert quote_guid(GUID.upper()) == f"guid'{GUID}'"
    assert quote_int64(9007199254740993) == "9007199254740993L"
    assert spell_key("a/B", GUID) == f"a/B(guid'{GUID}')"
    with pytest.raises(ValueError, match="badly formed"):
        quote_guid("1' or 1 eq 1")


def test_conditions_and_options_that_are_empty_are_left_out() -> None:
    assert all_of("a eq 1", "", "b eq 2") == "a eq 1 and b eq 2"
    assert spell_query("a", {"filter": "", "top": "1"}) == "a?$top=1"
    assert spell_query("a", {"filter": ""}) == "a"


def test_amounts_are_numbers_with_their_digits() -> None:
    assert (
        spell_body({"AmountFC": Decimal("1000.00"), "Name": "é"})
        == '{"AmountFC":1000.00,"Name":"é"}'.encode()
    )


@pytest.mark.parametrize(
    ("wire", "day"),
    [
        ("/Date(1735689600000)/", date(2025, 1, 1)),
        ("/Date(1735689600000+0100)/", date(2025, 1, 1)),
        ("/Date(1735775999999)/", date(2025, 1, 1)),
        ("/Date(-86400000)/", date(1969, 12, 31)),
        ("/Date(1711843200000)/", date(2024, 3, 31)),
    ],
)
def test_days_are_read_in_utc(wire: str, day: date) -> None:
    assert read_date(wire) == day


@pytest.mark.parametrize("wire", [None, 5, "", "2026-01-31", "/Date()/", "/Date(999999999999999)/"])
def test_what_is_no_date_is_a_bad_answer(wire: object) -> None:
    with pytest.raises(BadAnswerError):
        read_date(wire)


def test_whole_numbers_may_be_text() -> None:
    wires: list[object] = ["12345678901234567", 7, Decimal("20.0"), " -3 "]
    assert [read_integer(wire) for wire in wires] == [12345678901234567, 7, 20, -3]
    wrongs: list[object] = ["x", "", None, True, Decimal("1.5"), []]
    for wrong in wrongs:
        with pytest.raises(BadAnswerError):
            read_integer(wrong)


@pytest.mark.parametrize(
    ("body", "rows", "link"),
    [
        ({"d": {"results": [{"a": 1}], "__next": "n"}}, [{"a": 1}], "n"),
        ({"d": {"results": []}}, [], None),
        ({"d": [{"a": 1}, {"a": 2}]}, [{"a": 1}, {"a": 2}], None),
        ({"d": {"a": 1}}, [{"a": 1}], None),
    ],
)
def test_every_envelope_is_opened(body: object, rows: list[object], link: str | None) -> None:
    page = read_page(body)
    assert page.rows == rows
    assert page.next == link


@pytest.mark.parametrize(
    "body",
    [
        [],
        "x",
        {},
        {"d": None},
        {"d": "x"},
        {"d": {"results": {}}},
        {"d": {"results": [], "__next": 5}},
    ],
)
def test_another_envelope_is_a_bad_answer(body: object) -> None:
    with pytest.raises(BadAnswerError):
        read_page(body)


def test_an_expanded_property_is_read_only_when_it_is_whole() -> None:
    assert find_expanded({"results": [{"a": 1}]}) == [{"a": 1}]
    assert find_expanded([]) == []
    assert find_expanded(None) is None
    assert find_expanded({"__deferred": {"uri": "…"}}) is None
    assert find_expanded({"results": [{"a": 1}], "__next": "more"}) is None
    assert read_collection([{"a": 1}]).rows == [{"a": 1}]


HERE = "https://start.exactonline.nl/api/v1/1/sync/Deleted?$filter=Timestamp gt 1L"


def test_links_to_the_next_page_may_be_absolute_or_relative() -> None:
    absolute = "https://start.exactonline.nl/api/v1/1/sync/Deleted?$skiptoken=5L"
    assert follow(HERE, absolute) == absolute
    assert follow(HERE, "../sync/Deleted?$skiptoken=5L") == absolute


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.test/api",
        "http://start.exactonline.nl/x",
        "//evil.test/x",
        "https://start.exactonline.nl:81/x",
        HERE,
    ],
)
def test_the_token_is_never_sent_elsewhere_nor_round_in_circles(link: str) -> None:
    with pytest.raises(BadAnswerError):
        follow(HERE, link)
