"""Whoever does not ask for JSON gets Atom: a client that reads it finds the same as one that reads JSON."""

from typing import Any
from xml.etree import ElementTree

import pytest
from werkzeug.test import TestResponse

from portal.sandbox.exact.entities import ENTITIES, Entity
from tests.sandbox.exact.client import Exact, day_of
from tests.sandbox.exact.test_demo import fill_documents_and_cash

SPACES = {
    "a": "http://www.w3.org/2005/Atom",
    "d": "http://schemas.microsoft.com/ado/2007/08/dataservices",
    "m": "http://schemas.microsoft.com/ado/2007/08/dataservices/metadata",
}
D = f"{{{SPACES['d']}}}"
M = f"{{{SPACES['m']}}}"


def get(exact: Exact, path: str, accept: str | None = None, **query: str) -> TestResponse:
    headers = {"Authorization": f"Bearer {exact.access}"} | ({"Accept": accept} if accept else {})
    root = "/api/v1" if path.startswith("current/") else f"/api/v1/{exact.division}"
    asked = {f"${name}": value for name, value in query.items()}
    return exact.http.get(f"{root}/{path}", query_string=asked, headers=headers)


def read(response: TestResponse) -> ElementTree.Element:
    return ElementTree.fromstring(response.data)


def rows_of(feed: ElementTree.Element) -> list[dict[str, str | None]]:
    """What a client makes of the entries of a feed."""
    found = []
    for properties in feed.iterfind("a:entry/a:content/m:properties", SPACES):
        found.append(
            {
                each.tag.removeprefix(D): None if each.get(f"{M}null") == "true" else each.text or ""
                for each in properties
            }
        )
    return found


def fitting(exact: Exact, entity: Entity) -> dict[str, str]:
    """What an entity demands, so that every field of it is shown."""
    names = ",".join(name for name, field in entity.fields.items() if field.kind != "c")
    return {"select": names} | ({"filter": "Name ne 'x'"} if entity.needs_filter else {})


@pytest.mark.parametrize("path", [each for each, entity in ENTITIES.items() if not entity.parameter])
def test_every_list_says_the_same_in_atom(exact: Exact, path: str) -> None:
    fill_documents_and_cash(exact)
    query = fitting(exact, ENTITIES[path])
    plain = exact.rows(path, **query)
    response = get(exact, path, **query)
    assert response.content_type == "application/atom+xml;type=feed;charset=utf-8"
    rows = rows_of(read(response))
    assert len(rows) == len(plain)
    for row, told in zip(rows, plain, strict=True):
        assert set(row) == set(told) - {"__metadata"}
        for name, value in row.items():
            assert same(value, told[name]), (name, value, told[name])


def same(text: str | None, told: Any) -> bool:
    """Whether a property of Atom is what JSON says."""
    if told is None or text is None:
        return told is text
    if isinstance(told, bool):
        return text == str(told).lower()
    if isinstance(told, float):
        return float(text) == told
    if isinstance(told, str) and told.startswith("/Date("):
        return text[:10] == day_of(told)
    return text == str(told)


@pytest.mark.parametrize("accept", [None, "*/*", "application/atom+xml", "text/html", "application/xml"])
def test_nothing_but_an_explicit_wish_gives_json(exact: Exact, accept: str | None) -> None:
    assert get(exact, "financial/Journals", accept).mimetype == "application/atom+xml"
    wish = "text/plain, application/json;odata=verbose"
    assert get(exact, "financial/Journals", wish).mimetype == "application/json"


def test_current_me_without_accept_is_a_feed(exact: Exact) -> None:
    [row] = rows_of(read(get(exact, "current/Me", select="FullName,CurrentDivision")))
    assert row == {"FullName": "Femke de Wit", "CurrentDivision": "1001"}


def test_a_feed_leads_to_the_next_page_and_counts(exact: Exact) -> None:
    for place in range(70):
        exact.door("POST", "limits", {"minute": 1000})
        exact.call("POST", "hrm/Costunits", {"Code": f"X{place}", "Description": "x"})
    feed = read(get(exact, "hrm/Costunits", select="Code", inlinecount="allpages"))
    assert feed.findtext("m:count", None, SPACES) == "72"
    [link] = [each for each in feed.iterfind("a:link", SPACES) if each.get("rel") == "next"]
    following = exact.http.get(link.get("href") or "", headers={"Authorization": f"Bearer {exact.access}"})
    codes = {row["Code"] for page in (feed, read(following)) for row in rows_of(page)}
    assert len(codes) == 72


def test_one_row_is_an_entry_with_its_collections_as_links(exact: Exact) -> None:
    entry = exact.post_entry(Description="Ärger & <Freude>")["EntryID"]
    path = f"salesentry/SalesEntries(guid'{entry}')"
    response = get(exact, path, select="EntryID,Description,AmountFC,EntryDate,Document,SalesEntryLines")
    assert response.content_type == "application/atom+xml;type=entry;charset=utf-8"
    found = read(response)
    assert found.tag == f"{{{SPACES['a']}}}entry"
    properties = found.find("a:content/m:properties", SPACES)
    assert properties is not None
    amount = properties.find("d:AmountFC", SPACES)
    assert amount is not None
    assert (amount.get(f"{M}type"), amount.text) == ("Edm.Double", "121.0")
    assert properties.findtext("d:Description", None, SPACES) == "Ärger & <Freude>"
    assert (properties.findtext("d:EntryDate", None, SPACES) or "").endswith("T00:00:00")
    document = properties.find("d:Document", SPACES)
    assert document is not None
    assert document.get(f"{M}null") == "true"
    titles = [each.get("title") for each in found.iterfind("a:link", SPACES)]
    assert titles == ["SalesEntries", "SalesEntryLines"]
    category = found.find("a:category", SPACES)
    assert category is not None
    assert category.get("term") == "Exact.Web.Api.Models.Salesentry.SalesEntry"


def test_expanded_lines_stand_inside_the_link(exact: Exact) -> None:
    entry = exact.post_entry()["EntryID"]
    query = {
        "filter": f"EntryID eq guid'{entry}'",
        "expand": "SalesEntryLines",
        "select": "EntryID,SalesEntryLines",
    }
    feed = read(get(exact, "salesentry/SalesEntries", **query))
    inner = feed.find("a:entry/a:link/m:inline/a:feed", SPACES)
    assert inner is not None
    assert [row["AmountFC"] for row in rows_of(inner)] == ["100.0"]


def test_a_post_without_accept_answers_an_entry(exact: Exact) -> None:
    headers = {"Authorization": f"Bearer {exact.access}", "Prefer": "return=representation"}
    response = exact.http.post("/api/v1/1001/crm/Accounts", json={"Name": "Atom B.V."}, headers=headers)
    assert response.status_code == 201
    properties = read(response).find("a:content/m:properties", SPACES)
    assert properties is not None
    assert properties.findtext("d:Name", None, SPACES) == "Atom B.V."


@pytest.mark.parametrize(
    ("path", "query", "status", "text"),
    [
        ("financial/Journals", {"select": "Nothing"}, 400, "does not exist on type"),
        ("crm/Accounts", {"select": "ID"}, 400, "mandatory filtering"),
        ("financial/Journals(guid'6f9619ff-8b86-d011-b42d-00cf4fc964ff')", {}, 404, "Resource not found"),
        ("financial/Nothing", {}, 404, "Resource not found"),
    ],
)
def test_a_refusal_is_xml_too(exact: Exact, path: str, query: dict[str, str], status: int, text: str) -> None:
    response = get(exact, path, **query)
    assert (response.status_code, response.mimetype) == (status, "application/xml")
    error = read(response)
    assert error.tag == f"{M}error"
    assert text in (error.findtext("m:message", None, SPACES) or "")


@pytest.mark.parametrize(
    "name", ["a\x00b", "\x1b[31m", "]]>", "&amp;", "\ufffe", "🇧🇪", "\"'", "\ud83d\ude00"]
)
def test_what_xml_cannot_write_breaks_nothing(exact: Exact, name: str) -> None:
    key = exact.ledger()
    exact.door(
        "POST", "odd", {"division": 1001, "entity": "GLAccounts", "key": key, "fields": {"Description": name}}
    )
    [row] = rows_of(
        read(get(exact, "financial/GLAccounts", filter=f"ID eq guid'{key}'", select="Description"))
    )
    assert row["Description"]
