"""What holds for every page and fragment, and a client that checks it on each answer."""

import codecs
import csv
import io
import re
from typing import Any
from urllib.parse import quote

from bs4 import BeautifulSoup, Tag
from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.markup import faults

CSRF = "0" * 40
UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}
MOULD = '<template id="row-menu">'


def read_page(html: str) -> BeautifulSoup:
    """Parse a page or fragment. Rows that are swapped in by their ids count like those of a table."""
    soup = BeautifulSoup(re.sub(r"<template>(.*?)</template>", r"\1", html, flags=re.DOTALL), "html.parser")
    fill_menus(soup)
    return soup


def fill_menus(soup: BeautifulSoup) -> None:
    """Put the menu of a row into each that has one, as the script does once it is opened."""
    mould = soup.find("template", id="row-menu")
    if not isinstance(mould, Tag):
        return

    inside = "".join(str(each) for each in mould.contents)
    for menu in soup.select("tr[data-row] > td > .menu"):
        row = menu.find_parent("tr")
        assert row is not None
        row_id = quote(str(row["id"]).removeprefix("invoice-row-"), safe="")
        filled = BeautifulSoup(inside.replace("{id}", row_id), "html.parser")
        shown = row.select_one(".state a[target]")
        entry = str(menu.get("data-entry", shown.get_text() if shown else ""))
        for link in filled.select("[data-words]") if entry else ():
            (words,) = link.select("[data-entry-words]")
            words.string = str(link["data-words"]).replace("{entry}", entry)
        trigger = menu.select_one(".menu-trigger")
        assert trigger is not None
        trigger["id"] = f"invoice-copied-{row_id}"
        menu.append(filled)

    mould.decompose()


def seen(answer: TestResponse) -> BeautifulSoup:
    """Parse what came without a fault."""
    assert answer.status_code == 200, answer.status
    return read_page(answer.text)


def csv_rows(answer: TestResponse) -> list[list[str]]:
    """Read a download as a spreadsheet does, which knows its letters by the mark at its beginning."""
    assert answer.mimetype == "text/csv"
    assert answer.data.startswith(codecs.BOM_UTF8)
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))


def words(page: BeautifulSoup | Tag, selector: str) -> list[str]:
    """What is written in each place that a selector finds."""
    return [" ".join(tag.get_text(" ", strip=True).split()) for tag in page.select(selector)]


def check_page(html: str) -> None:
    """Check a page or fragment for everything that must hold everywhere."""
    wrong = faults(as_filled(html))
    assert not wrong, wrong


def as_filled(html: str) -> str:
    """Return a page whose menus are filled, as its script does."""
    return str(read_page(html)) if MOULD in html else html


class CheckingClient(FlaskClient):
    """Sends the CSRF token with every write, and checks every HTML answer.

    ``session`` is the test's own database session: committed before each request, so that rows a test
    added are there and no lock is held.
    """

    session: Session
    sends_csrf = True

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Send a request."""
        self.session.commit()
        if self.sends_csrf and kwargs.get("method", "GET").upper() in UNSAFE:
            kwargs["headers"] = {"X-CSRFToken": self.csrf_token(), **dict(kwargs.get("headers") or {})}
        answer = super().open(*args, **kwargs)
        if answer.mimetype == "text/html" and answer.text and not 300 <= answer.status_code < 400:
            check_page(answer.text)
        return answer

    def csrf_token(self) -> str:
        """Put a token into the session and return its signed form."""
        with self.session_transaction() as cookie:
            cookie["csrf_token"] = CSRF
        app: Flask = self.application
        return str(URLSafeTimedSerializer(str(app.secret_key), salt="wtf-csrf-token").dumps(CSRF))

    def htmx(self, url: str, method: str = "GET", **kwargs: Any) -> TestResponse:
        """Send a request as htmx does."""
        headers = {"HX-Request": "true", "HX-Current-URL": "http://localhost/", **kwargs.pop("headers", {})}
        return self.open(url, method=method, headers=headers, **kwargs)
