"""No page says a text that cannot be translated: in a language of brackets, all of it stands in brackets."""

import csv
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from babel.dates import get_month_names
from flask.testing import FlaskClient
from sqlalchemy import Date, Integer, Numeric, select
from sqlalchemy.orm import Session

from portal import languages
from portal.extensions import db
from portal.store.base import Instant, Word
from portal.store.people import UserRow
from portal.store.rows import metadata
from portal.web.common import formats
from portal.web.common.words import locale_of
from tests.budgets.page_budgets import BUDGETS
from tests.budgets.test_pages import ODD, Furnished, furnished
from tests.texts.pseudo import CLOSE, LETTERS, OPEN, TAG, bracket, loose, outside, speak_pseudo

INVOICES = 60
NO_TEXTS = (Instant, Word, Date, Integer, Numeric)
# As many words are a sentence, which only these columns keep: people's own, and those that are no codes yet.
SENTENCE = 4
LONG = {"invoice.search_text", "attempt.sent"}
# The portal's own name, and each language by its own.
NAMES = ("Portal", *languages.TAGS.values(), *languages.NAMES.values(), "Pseudo")
MONTHS = {
    month.rstrip(".")
    for width in ("wide", "abbreviated")
    for month in get_month_names(width, locale=locale_of(TAG)).values()
}
# What Babel spells, and what the machine room names: amounts, days, spans, addresses, ids.
SPELLED = re.compile(
    r"-?\b[A-Z]{2,3}\$?\d?|https?://\S+|/[\w#/-]+|\b[0-9a-f]{8}\b"
    rf"|\b(?:{'|'.join(sorted(MONTHS, key=len, reverse=True))})\b"
    r"|(?:in )?\d+ (?:second|minute|hour|day|week|month|year)s?(?: ago)?"
)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Furnished]:
    """A furnished house whose only person reads the language of brackets."""
    with (
        furnished(tmp_path_factory.mktemp("pseudo"), INVOICES) as furniture,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(languages, "TAGS", speak_pseudo(furniture.app))
        with furniture.app.app_context():
            db.session.query(UserRow).one().language = TAG
            db.session.commit()
        yield furniture


@pytest.fixture(scope="module")
def data(house: Furnished) -> list[str]:
    """What the house keeps of names, numbers and texts of people, long ones first."""
    with house.app.app_context():
        found = set(each_text(db.session()))
    return sorted(found, key=len, reverse=True)


def each_text(session: Session) -> Iterator[str]:
    for table in metadata.sorted_tables:
        for column in table.columns:
            # A word of ours in a column is a code, which no page may show as it is.
            if not isinstance(column.type, NO_TEXTS):
                kept = f"{table.name}.{column.name}"
                texts = (text for value in session.scalars(select(column)) for text in texts_in(value))
                yield from (text for text in texts if kept in LONG or len(text.split()) < SENTENCE)


def texts_in(value: Any) -> Iterator[str]:
    """Return the texts in a value, and in what is packed into it."""
    if isinstance(value, bytes):
        value = value.decode(errors="ignore")
    if isinstance(value, str) and value[:1] in ("[", "{"):
        with suppress(ValueError):
            value = json.loads(value)

    if isinstance(value, str):
        tidy = " ".join(value.split())
        if LETTERS.search(tidy):
            yield tidy
    elif isinstance(value, dict):
        for each in value.values():
            yield from texts_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from texts_in(each)


def is_said(text: str, data: list[str]) -> bool:
    """Say whether something is left of a text without data, names and what Babel spells."""
    return bool(LETTERS.search(SPELLED.sub("", strike(text, data))))


def strike(text: str, data: list[str]) -> str:
    """Strike names and data out of a text."""
    for name in (*NAMES, *data):
        if name in text:
            text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", "", text)
    return text


@pytest.mark.parametrize("page", BUDGETS)
def test_each_text_of_a_page_can_be_translated(house: Furnished, data: list[str], page: str) -> None:
    rule, _, query = page.partition("?")
    ask = house.client.htmx if BUDGETS[page].is_part else house.client.get
    answer = ask(house.address(rule), query_string=query)
    if answer.mimetype == "text/csv":
        head = next(csv.reader([answer.text.splitlines()[0].lstrip("\ufeff")]))
        assert [title for title in head if not title.startswith(OPEN)] == []
    elif answer.mimetype == "text/html" and not 300 <= answer.status_code < 400:
        bare = sorted({(one.text, one.where) for one in outside(answer.text) if is_said(one.text, data)})
        assert bare == [], 'Say these by _(), or mark a name by translate="no".'


@pytest.mark.parametrize(("address", "status"), [("/sign-in", 200), ("/no-such-page", 404)])
@pytest.mark.parametrize("is_known", [False, True])
def test_the_way_in_and_a_page_that_is_not_there_can_be_translated(
    house: Furnished,
    data: list[str],
    monkeypatch: pytest.MonkeyPatch,
    address: str,
    status: int,
    is_known: bool,
) -> None:
    monkeypatch.setattr(formats, "tag_wished", lambda _wishes: TAG)
    client = house.client if is_known else FlaskClient(house.app, house.app.response_class)
    answer = client.get(address, follow_redirects=True)
    assert answer.status_code == status
    assert f'<html lang="{TAG}">' in answer.text
    bare = sorted({(one.text, one.where) for one in outside(answer.text) if is_said(one.text, data)})
    assert bare == []


@pytest.mark.parametrize("language", languages.TRANSLATED)
def test_every_page_is_shown_in_each_language(
    house: Furnished, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    monkeypatch.setattr(languages, "COMPLETE", ("en", language))
    tag = f"{language}-{languages.COUNTRIES[language]}"
    monkeypatch.setattr(languages, "tag_for", lambda _stored: tag)
    monkeypatch.setattr(formats, "tag_for", lambda _stored: tag)
    for page, budget in BUDGETS.items():
        rule, _, query = page.partition("?")
        ask = house.client.htmx if budget.is_part else house.client.get
        answer = ask(house.address(rule), query_string=query)
        assert answer.status_code == ODD.get(page, answer.status_code), page
        assert page in ODD or answer.status_code in {200, 204, 302}, page
        if answer.status_code == 200 and answer.text.startswith("<!doctype html>\n<html"):
            assert f'<html lang="{tag}">' in answer.text, page


@pytest.mark.parametrize(
    ("html", "found"),
    [
        ("<p>Hello there</p>", [("Hello there", "<p>")]),
        (f"<p>{bracket('Hello <b>you</b>')}</p>", []),
        (f"<p>{bracket('Hello')} you</p>", [("you", "<p>")]),
        ('<p>12.50</p><img alt="A chart">', [("A chart", "img[alt]")]),
        ('<button aria-label="Close" title="⟦Close ··⟧">×</button>', [("Close", "button[aria-label]")]),
        ('<input placeholder="Search">', [("Search", "input[placeholder]")]),
        ('<p translate="no">Exact <b title="more">said</b></p>', []),
        ("<script>let word</script><style>body</style><!-- a note -->", []),
    ],
)
def test_what_no_bracket_holds_is_seen(html: str, found: list[tuple[str, str]]) -> None:
    assert [(one.text, one.where) for one in outside(html)] == found


@pytest.mark.parametrize("text", ["Invoices", " and ", "%(num)d invoices", "<b>All</b> of it"])
def test_a_bracketed_text_is_longer_by_two_fifths_and_keeps_its_ends(text: str) -> None:
    told = bracket(text)
    assert text.strip() in told
    assert told.count(OPEN) == told.count(CLOSE) == 1
    assert told[0] == " " if text.startswith(" ") else told[0] == OPEN
    assert len(told.strip()) >= 1.4 * len(text.strip())
    assert loose(told, 0) == ([], 0)
