"""The one request by which an open page learns what changed."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy import event, update
from sqlalchemy.orm import Session

from portal.domain.copies.states import CopyState
from portal.extensions import db
from portal.store.invoices import InvoiceRow
from tests.conftest import SignedIn, new_client
from tests.pages import CheckingClient, read_page, seen
from tests.web.invoices import House, only

LIVE = "/live"


@pytest.fixture
def client(house: House, signed_in: SignedIn) -> CheckingClient:
    house.add()
    return signed_in("finance")


@contextmanager
def queries(app: Flask) -> Iterator[list[str]]:
    """Collect the statements of what runs meanwhile."""
    asked: list[str] = []

    def listen(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            asked.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", listen)
    yield asked
    event.remove(engine, "before_cursor_execute", listen)


def version_in(page: BeautifulSoup) -> str:
    return str(only(page, "#live-version")["value"])


def refuse_all(session: Session) -> None:
    session.execute(update(InvoiceRow).values(copy_state=CopyState.REFUSED))
    session.commit()


@pytest.mark.parametrize("page", ["/mappings", "/activity", "/reconciliation", "/settings", "/account"])
def test_every_page_asks_once_and_says_that_nobody_did(client: CheckingClient, page: str) -> None:
    found = seen(client.get(page))
    asks = only(found, "#live")
    assert (asks["hx-get"], asks["hx-swap"], asks.has_attr("data-poll")) == (LIVE, "none", True)


def test_before_sign_in_nothing_asks(app: Flask, session: Session) -> None:
    assert not seen(new_client(app, session).get("/sign-in")).select("#live")


def test_nothing_is_sent_where_nothing_changed(client: CheckingClient, app: Flask) -> None:
    version = version_in(read_page(client.htmx(LIVE).text))
    with queries(app) as asked:
        answer = client.htmx(LIVE, query_string={"v": version})
    assert (answer.status_code, answer.data) == (204, b"")
    assert len(asked) <= 2


def test_a_change_brings_the_signals_and_another_version(client: CheckingClient, session: Session) -> None:
    version = version_in(read_page(client.htmx(LIVE).text))
    refuse_all(session)
    answer = client.htmx(LIVE, query_string={"v": version})
    assert answer.status_code == 200
    page = read_page(answer.text)
    assert version_in(page) != version
    assert only(page, "#signal-invoices").get_text(" ", strip=True) == "1 1 needs you"
    assert only(page, "#live-count")["value"] == "1"
    every = page.select("[id]")
    assert [one["id"] for one in every if one.get("hx-swap-oob") != "true"] == []


def test_the_title_says_what_needs_somebody(client: CheckingClient, session: Session) -> None:
    assert only(seen(client.get("/mappings")), "title").text == "Mappings · Portal"
    refuse_all(session)
    assert only(seen(client.get("/mappings")), "title").text == "(1) Mappings · Portal"
