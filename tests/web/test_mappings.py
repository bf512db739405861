"""The mappings screen: edit in place, several at once, undo, filter, roles."""

from collections.abc import Callable
from typing import Any
from unittest.mock import MagicMock

import pytest
from bs4 import BeautifulSoup, Tag
from flask import Flask
from sqlalchemy import event
from sqlalchemy.orm import Session

from portal.extensions import db
from portal.store.catalogue import keep_catalogue
from portal.store.connections import ConnectionRow
from portal.store.mappings import mapping_rules
from portal.web.mappings import lines
from tests.actions.some_connections import a_live_connection, some_offer
from tests.conftest import SignedIn
from tests.fakes import DEBTORS, NOW, OTHER_REVENUE, REVENUE, FakeWiring, a_catalogue
from tests.pages import CheckingClient, read_page
from tests.web.connected import find_named, wire_fakes

PAGE = "/mappings"


@pytest.fixture
def connection(app: Flask, session: Session) -> ConnectionRow:
    fakes: FakeWiring = wire_fakes(app)
    some_offer(session)
    return a_live_connection(session, fakes.fake_ledger)


@pytest.fixture
def client(connection: ConnectionRow, signed_in: SignedIn) -> CheckingClient:
    return signed_in("finance")


def url_of(connection: ConnectionRow, *parts: str) -> str:
    return "/".join([PAGE, str(connection.id), *parts])


def on_page(client: CheckingClient, url: str, **given: Any) -> BeautifulSoup:
    answer = client.htmx(url, headers={"HX-Current-URL": f"http://localhost{PAGE}"}, **given)
    return read_page(answer.text)


def only(page: BeautifulSoup, selector: str) -> Tag:
    found = page.select_one(selector)
    assert found
    return found


def test_the_page_shows_service_types_and_tax_rates(client: CheckingClient) -> None:
    page = read_page(client.get(PAGE).text)
    assert [one.text for one in page.select("h2")] == ["Service types", "Tax rates", "Default"]
    names = [str(one.contents[0]).strip() for one in page.select("#mapping-section-service th.card-title")]
    assert names == ["Design", "Development"]


def test_before_anything_is_connected_the_page_says_so(app: Flask, signed_in: SignedIn) -> None:
    assert "Nothing is connected yet" in signed_in("viewer").get(PAGE).text


def test_a_row_is_edited_in_place(
    client: CheckingClient, connection: ConnectionRow, session: Session
) -> None:
    editor = on_page(client, url_of(connection, "service", "21", "edit"))
    assert [one["label"] for one in editor.select("optgroup")] == ["Revenue", "All other accounts"]
    choices = [one.text for one in editor.select("option")]
    assert choices == [
        "Not mapped",
        "8000 · Revenue design",
        "8010 · Revenue development",
        "1700 · Deposits received",
    ]
    row = on_page(client, url_of(connection, "service", "21"), method="POST", data={"target": REVENUE})
    assert only(row, "tr#mapping-service-21 a.inline-value").text == "8000 · Revenue design"
    assert find_named(row, "button", "Undo")
    assert counts(client, connection)["Decided"] == 1
    assert mapping_rules(session, connection).ledgers == {"21": REVENUE}


def counts(client: CheckingClient, connection: ConnectionRow) -> dict[str, int]:
    """Return what the chips say, which ask anew after each change."""
    head = on_page(client, url_of(connection, "head"))
    said = [chip.get_text(" ").split() for chip in head.select("#mapping-chips a")]
    return {" ".join(words[:-1]): int(words[-1]) for words in said}


def statements_of(app: Flask, ask: Callable[[], object]) -> list[str]:
    """Return what the portal says to its database meanwhile, but for where transactions begin."""
    said: list[str] = []

    def listen(*given: Any) -> None:
        said.append(given[2])

    with app.app_context():
        engine = db.engine

    event.listen(engine, "before_cursor_execute", listen)
    ask()
    event.remove(engine, "before_cursor_execute", listen)
    return [one for one in said if not one.startswith("BEGIN")]


COSTS = {
    "a service type is mapped": ("service/21", {"target": REVENUE}, 200, 8),
    "a tax rate is mapped": ("tax/31", {"target": "2  "}, 200, 8),
    # The connection holds the default, too, for the set-up.
    "the default is changed": ("default/ledger", {"target": REVENUE}, 200, 10),
    # What is suggested instead is read for the row.
    "a service type is unmapped": ("service/21", {"target": ""}, 200, 10),
    "what is not offered is refused": ("service/21", {"target": DEBTORS}, 422, 6),
    "two are mapped at once": ("service", {"ids_service": ["21", "22"], "target": REVENUE}, 200, 10),
    "nothing is ticked": ("tax", {"target": "2  "}, 422, 3),
    "a change is undone": ("service/22/undo", {}, 200, 10),
}


@pytest.mark.parametrize("kind", COSTS)
def test_a_change_reads_all_it_needs_once(
    app: Flask,
    client: CheckingClient,
    connection: ConnectionRow,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
) -> None:
    path, data, status, most = COSTS[kind]
    client.htmx(url_of(connection, "service", "22"), "POST", data={"target": OTHER_REVENUE})
    url = url_of(connection, path)
    build = MagicMock(wraps=lines.line_of)
    monkeypatch.setattr(lines, "line_of", build)

    answers: list[int] = []
    headers = {"HX-Current-URL": f"http://localhost{PAGE}"}
    said = statements_of(
        app, lambda: answers.append(client.htmx(url, "POST", data=data, headers=headers).status_code)
    )

    assert answers == [status]
    assert len(said) <= most, "\n\n".join(one[:200] for one in said)
    assert sum("catalogue" in one and "body" in one for one in said) == 1
    built = [call.args[1].source_id for call in build.call_args_list]
    assert len(built) == len(set(built))


def test_undo_brings_the_old_value_back(
    client: CheckingClient, connection: ConnectionRow, session: Session
) -> None:
    url = url_of(connection, "service", "21")
    for target in (REVENUE, OTHER_REVENUE):
        client.htmx(url, "POST", data={"target": target})
    row = on_page(client, f"{url}/undo", method="POST")
    assert "8000 · Revenue design" in row.text
    assert not find_named(row, "button", "Undo")
    assert mapping_rules(session, connection).ledgers == {"21": REVENUE}


def test_cancel_shows_the_row_as_it_was(client: CheckingClient, connection: ConnectionRow) -> None:
    row = on_page(client, url_of(connection, "tax", "31"))
    assert find_named(row, "button", "Accept")
    page = read_page(client.get(PAGE).text)
    assert only(row, "tr")["id"] in [one["id"] for one in page.select("tr[id]")]


def test_what_is_not_offered_is_refused_in_the_row(
    client: CheckingClient, connection: ConnectionRow, session: Session
) -> None:
    answer = client.htmx(url_of(connection, "service", "21"), "POST", data={"target": DEBTORS})
    assert answer.status_code == 422
    assert "does not offer this ledger account" in answer.text
    assert read_page(answer.text).select_one("select[aria-invalid=true]")
    assert not mapping_rules(session, connection).ledgers


def test_several_are_mapped_at_once(
    client: CheckingClient, connection: ConnectionRow, session: Session
) -> None:
    form = {"ids_tax": ["31", "32"], "target": "2  "}
    answer = client.htmx(url_of(connection, "tax"), "POST", data=form)
    assert answer.text.count("hx-swap-oob") == 3
    assert answer.text.count("</svg>Undo") == 2
    assert "This VAT code has 21 %, the tax rate 9 %." in answer.text
    assert answer.headers["HX-Trigger"] == "mappings-changed"
    assert mapping_rules(session, connection).vat_codes == {"31": "2  ", "32": "2  "}


def test_nothing_ticked_is_said(client: CheckingClient, connection: ConnectionRow) -> None:
    answer = client.htmx(url_of(connection, "tax"), "POST", data={"target": "2  "})
    assert answer.status_code == 422
    assert "Tick the rows to map first." in answer.text


def test_only_unmapped_rows_are_shown_on_demand(client: CheckingClient, connection: ConnectionRow) -> None:
    client.htmx(url_of(connection, "service", "21"), "POST", data={"target": REVENUE})
    page = read_page(client.get(f"{PAGE}?show=unmapped").text)
    assert not page.select("#mapping-service-21")
    assert page.select("#mapping-service-22")


def test_a_ledger_blocked_since_is_a_problem(
    client: CheckingClient, connection: ConnectionRow, session: Session
) -> None:
    client.htmx(url_of(connection, "service", "21"), "POST", data={"target": REVENUE})
    offered = a_catalogue()
    accounts = tuple(one for one in offered.accounts if one.id != REVENUE)
    keep_catalogue(session, connection.id, a_catalogue(accounts=accounts), NOW)
    session.commit()
    assert "This ledger is no longer in Exact." in client.get(f"{PAGE}?show=unmapped").text


def test_the_default_ledger_is_edited_like_a_row(
    client: CheckingClient, connection: ConnectionRow, session: Session
) -> None:
    on_page(client, url_of(connection, "default", "ledger"), method="POST", data={"target": REVENUE})
    session.refresh(connection)
    assert connection.default_ledger == REVENUE


def test_everything_works_without_scripts(
    client: CheckingClient, connection: ConnectionRow, session: Session
) -> None:
    url = url_of(connection, "service", "21")
    page = read_page(client.get(f"{url}/edit", follow_redirects=True).text)
    assert only(page, "#mapping-service-21 select[name=target]")
    page = read_page(client.post(url, data={"target": REVENUE}, follow_redirects=True).text)
    assert find_named(only(page, "#mapping-service-21"), "button", "Undo")
    client.post(f"{url}/undo")
    client.post(url_of(connection, "service"), data={"ids_service": ["21", "22"], "target": OTHER_REVENUE})
    assert set(mapping_rules(session, connection).ledgers) == {"21", "22"}


def test_a_viewer_reads_only(connection: ConnectionRow, signed_in: SignedIn) -> None:
    viewer = signed_in("viewer")
    page = read_page(viewer.get(PAGE).text)
    assert not page.select("main form, main input, main a.inline-value")
    assert viewer.post(url_of(connection, "service", "21"), data={"target": REVENUE}).status_code == 403
    assert viewer.get(url_of(connection, "service", "21", "edit")).status_code == 403


def test_unknown_rows_and_other_subsidiaries_are_not_found(
    client: CheckingClient, connection: ConnectionRow, signed_in: SignedIn
) -> None:
    assert client.get(url_of(connection, "service", "999")).status_code == 404
    other = signed_in("finance", subsidiaries=["12"])
    assert other.post(url_of(connection, "service", "21"), data={"target": REVENUE}).status_code == 404
