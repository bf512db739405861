"""The list of invoices tells the truth by one request, however many rows are under way."""

import re
from urllib.parse import urlencode

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.domain.copies.states import CopyState
from portal.store.invoices import InvoiceRow
from portal.web.invoices.listing import MOST_ROWS
from tests.conftest import SignedIn
from tests.pages import CheckingClient, read_page, seen, words
from tests.web.invoices import House, only
from tests.web.test_live import queries, version_in

LIST = "/invoices"
# What the page may ask the database, and what an answer that has news.
MOST_QUERIES = 14
MOST_LIVE_QUERIES = 8


@pytest.fixture
def client(house: House, signed_in: SignedIn) -> CheckingClient:
    for at in range(60):
        house.add(id=str(at), number=f"N-{at:02}")
    house.look_beforehand()
    return signed_in("finance")


def marks_of(page: BeautifulSoup) -> str:
    rows = page.select("[data-live]")
    return " ".join(f"{str(row['id']).removeprefix('invoice-row-')}.{row['data-live']}" for row in rows)


def ask(client: CheckingClient, page: BeautifulSoup) -> tuple[int, BeautifulSoup]:
    """Ask as the open page does."""
    url = str(only(page, "#invoice-list")["data-live-url"])
    asked = urlencode({"v": version_in(page), "rows": marks_of(page)})
    answer = client.htmx(f"{url}{'&' if '?' in url else '?'}{asked}")
    # A browser drops a row that stands in no table, but for one in a template.
    assert len(re.findall(r"<template>\s*<tr", answer.text)) == answer.text.count("<tr")
    return answer.status_code, read_page(answer.text)


def rows_in(page: BeautifulSoup) -> list[str]:
    return [str(row["id"]) for row in page.select("tr")]


def test_the_page_asks_little_of_the_database(client: CheckingClient, app: Flask) -> None:
    with queries(app) as asked:
        page = seen(client.get(LIST))
    assert len(page.select("tr[data-row]")) == 25
    assert len(asked) <= MOST_QUERIES, "\n".join(asked)


def test_nothing_comes_where_nothing_changed(client: CheckingClient, app: Flask) -> None:
    page = seen(client.get(LIST))
    with queries(app) as asked:
        status, _answer = ask(client, page)
    assert status == 204
    assert len(asked) <= 2


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"copy_state": CopyState.WAITING}, "Copying"),
        ({"copy_state": CopyState.REFUSED}, "Refused"),
        ({"copy_state": "do not copy"}, "Do not copy"),
        ({"amount_unpaid": 0}, "Ready"),
        ({"subject": "Anew"}, "Ready"),
        ({"pay_on": None}, "Ready"),
    ],
)
def test_the_row_that_changed_comes_back_and_no_other(
    client: CheckingClient, session: Session, change: dict[str, object], text: str
) -> None:
    page = seen(client.get(LIST))
    session.execute(update(InvoiceRow).where(InvoiceRow.id == "7").values(**change))
    session.commit()
    status, answer = ask(client, page)
    assert status == 200
    assert rows_in(answer) == ["invoice-row-7"]
    row = only(answer, "tr")
    assert row["hx-swap-oob"] == "true"
    assert words(row, ".state")[0].startswith(text)
    assert version_in(answer) != version_in(page)


def test_a_row_that_came_is_the_row_of_the_page(client: CheckingClient, session: Session) -> None:
    page = seen(client.get(LIST))
    session.execute(update(InvoiceRow).where(InvoiceRow.id == "7").values(copy_state=CopyState.WAITING))
    session.commit()
    _status, answer = ask(client, page)
    row = only(answer, "tr")
    del row["hx-swap-oob"]
    assert str(row) == str(only(seen(client.get(LIST)), "#invoice-row-7"))


def test_a_page_of_rows_under_way_is_still_one_request(
    client: CheckingClient, session: Session, app: Flask
) -> None:
    page = seen(client.get(LIST))
    session.execute(update(InvoiceRow).values(copy_state=CopyState.SENDING))
    session.commit()
    with queries(app) as asked:
        status, answer = ask(client, page)
    assert status == 200
    assert len(rows_in(answer)) == 25
    assert len(asked) <= MOST_LIVE_QUERIES, "\n".join(asked)
    page = seen(client.get(LIST))
    assert len(page.select("[data-poll]")) == 1
    assert not [row for row in page.select("tr[data-row]") if row.has_attr("hx-trigger")]


def test_the_counts_of_all_chips_come_along(client: CheckingClient, session: Session) -> None:
    page = seen(client.get(LIST))
    session.execute(update(InvoiceRow).where(InvoiceRow.id == "7").values(copy_state=CopyState.WAITING))
    session.commit()
    _status, answer = ask(client, page)
    counts = {name: words(answer, f"#chip-count-{name}") for name in ("all", "ready", "copying")}
    assert counts == {"all": ["60"], "ready": ["59"], "copying": ["1"]}
    every = [*answer.select("[id^=chip-count]"), only(answer, "#invoice-totals")]
    assert all(one["hx-swap-oob"] == "true" for one in every)


def test_the_counts_are_those_of_the_filters(client: CheckingClient, session: Session) -> None:
    page = seen(client.get(f"{LIST}?q=N-07"))
    session.execute(update(InvoiceRow).values(copy_state=CopyState.WAITING))
    session.commit()
    _status, answer = ask(client, page)
    assert words(answer, "#chip-count-copying") == ["1"]


def test_a_row_that_fits_the_view_no_longer_keeps_its_place(client: CheckingClient, session: Session) -> None:
    page = seen(client.get(f"{LIST}?view=ready"))
    session.execute(update(InvoiceRow).where(InvoiceRow.id == "7").values(copy_state=CopyState.WAITING))
    session.commit()
    _status, answer = ask(client, page)
    assert rows_in(answer) == ["invoice-row-7"]


def test_nobody_asks_about_rows_of_others(house: House, signed_in: SignedIn) -> None:
    house.add(id="1", subsidiary_id="1")
    other = signed_in("finance", subsidiaries=["2"])
    answer = other.htmx(f"{LIST}/live", query_string={"rows": "1.0"})
    assert rows_in(read_page(answer.text)) == []


@pytest.mark.parametrize(
    "rows", ["", "7", ".", "7.", ".x", "a.b.c", "7.0 7.1", "\x00.1", " ".join(["7.0"] * 500)]
)
def test_what_a_page_may_not_say_about_its_rows_does_no_harm(client: CheckingClient, rows: str) -> None:
    answer = client.htmx(f"{LIST}/live", query_string={"rows": rows})
    assert answer.status_code == 200
    assert len(rows_in(read_page(answer.text))) <= min(1, MOST_ROWS)
