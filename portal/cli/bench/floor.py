"""The floor: the least that a page of invoices can cost, to measure all others by.

A bare Flask view with the same 25 rows: one query for the person, one for the rows, one template.
"""

import sqlite3
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psycopg
from flask import Flask, render_template, request, session
from flask.testing import FlaskClient
from sqlalchemy import URL, make_url

ROWS = 25
COLUMNS = (
    "id, number, company_name, subject, subsidiary_id, invoiced_on, pay_on, "
    "currency, amount_with_tax, standing"
)
NEWEST = f"ORDER BY invoiced_on DESC, id DESC LIMIT {ROWS + 1}"
PERSON = 'SELECT id, name FROM "user" WHERE id = 1'
FIRST = f"SELECT {COLUMNS} FROM invoice {NEWEST}"  # noqa: S608 - constants
CONTAINS = "number LIKE ? OR company_name LIKE ? OR subject LIKE ?"
PLAIN = f"SELECT {COLUMNS} FROM invoice WHERE {CONTAINS} {NEWEST}"  # noqa: S608 - the same
INDEXED = (
    f"SELECT {COLUMNS} FROM invoice WHERE rowid IN "  # noqa: S608 - the same
    f"(SELECT rowid FROM floor.words WHERE words MATCH ?) {NEWEST}"
)
WORDS = """
CREATE VIRTUAL TABLE floor.words USING fts5(number, company_name, subject, content='', tokenize='trigram');
INSERT INTO floor.words (rowid, number, company_name, subject)
SELECT rowid, number, company_name, subject FROM main.invoice;
"""
TEMPLATE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Invoices</title><link rel="stylesheet" href="/static/app.css"></head>
<body>
<header><a href="/">Portal</a> {{ person }}</header>
<main>
<h1>Invoices</h1>
<form action="/invoices"><input type="search" name="q" value="{{ words }}"><button>Show</button></form>
<table>
<thead><tr>{% for title in titles %}<th scope="col">{{ title }}</th>{% endfor %}</tr></thead>
<tbody>
{% for row in rows %}
<tr>
<td><a href="/invoices/{{ row[0] }}">{{ row[1] }}</a></td>
{% for cell in row[2:] %}<td>{{ cell }}</td>{% endfor %}
</tr>
{% endfor %}
</tbody>
</table>
{% if more %}<a href="/invoices?after={{ rows[-1][0] }}">Older</a>{% endif %}
</main>
</body>
</html>"""


class Floor:
    """The bare view on a portal's database, with a connection of its own."""

    def __init__(self, database_url: str) -> None:
        url = make_url(database_url)
        self.is_sqlite = url.drivername.startswith("sqlite")
        self._folder = tempfile.TemporaryDirectory(prefix="portal-")
        self._connection: Any = self._connect(url)
        self.client = self._serve()

    def close(self) -> None:
        """End the connection, and forget the index of words."""
        self._connection.close()
        self._folder.cleanup()

    def get(self, words: str = "", *, indexed: bool = False) -> None:
        """Ask for the first page, of all or of what has these words."""
        answer = self.client.get("/invoices", query_string={"q": words, "indexed": "1" if indexed else ""})
        if answer.status_code != 200:
            raise RuntimeError(f"The floor answered {answer.status_code}.")

    def _connect(self, url: URL) -> Any:
        if not self.is_sqlite:
            plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
            return psycopg.connect(plain, autocommit=True)

        connection = sqlite3.connect(url.database or "")
        connection.execute("ATTACH ? AS floor", (str(Path(self._folder.name) / "words.sqlite"),))
        connection.executescript(WORDS)
        return connection

    def _ask(self, statement: str, *values: str) -> Sequence[Sequence[object]]:
        spelt = statement if self.is_sqlite else statement.replace("?", "%s").replace(" LIKE ", " ILIKE ")
        found: Sequence[Sequence[object]] = self._connection.execute(spelt, values).fetchall()
        return found

    def _find(self, words: str, *, indexed: bool) -> Sequence[Sequence[object]]:
        if not words:
            return self._ask(FIRST)
        if indexed:
            return self._ask(INDEXED, '"' + words.replace('"', '""') + '"')
        return self._ask(PLAIN, *[f"%{words}%"] * 3)

    def _serve(self) -> FlaskClient:
        app = Flask("floor", static_folder=None)
        app.secret_key = "only for measurements"  # noqa: S105 - guards nothing
        page = app.jinja_env.from_string(TEMPLATE)
        titles = COLUMNS.split(", ")[1:]

        @app.get("/invoices")
        def invoices() -> str:
            [(_, person)] = self._ask(PERSON) if session.get("person") else [(0, "")]
            words = request.args.get("q", "")
            rows = self._find(words, indexed=bool(request.args.get("indexed")))
            return render_template(
                page, person=person, rows=rows[:ROWS], more=len(rows) > ROWS, words=words, titles=titles
            )

        client = app.test_client()
        with client.session_transaction() as cookie:
            cookie["person"] = 1
        return client
