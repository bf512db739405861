"""Downloads as CSV, written while they are read: no cell that a spreadsheet would take for a formula."""

import csv
import io
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from flask import Response
from sqlalchemy import Engine, Row, Select
from sqlalchemy.orm import Session

from portal.extensions import db

RISKY = ("=", "+", "-", "@", "\t", "\r", "\n")
Spell = Callable[[Row[*tuple[Any, ...]]], Sequence[str]]


def harmless(text: str) -> str:
    """Keep a spreadsheet from taking text for a formula."""
    return f"'{text}" if text.startswith(RISKY) else text


def answer_csv(head: Sequence[str], query: Select[*tuple[Any, ...]], spell: Spell, name: str) -> Response:
    """Answer with a file of what a query finds; it outlives the request's own session."""
    answer = Response(_each_line(db.engine, head, query, spell), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def answer_cells(head: Sequence[str], rows: Iterable[Sequence[str]], name: str) -> Response:
    """Answer with a file of cells that are spelled already."""
    answer = Response(map(_line, itertools.chain([head], rows)), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _each_line(
    engine: Engine, head: Sequence[str], query: Select[*tuple[Any, ...]], spell: Spell
) -> Iterator[str]:
    yield _line(head)
    with Session(engine.execution_options(sqlite_begin="DEFERRED")) as reading:
        for row in reading.execute(query.execution_options(yield_per=1000)):
            yield _line(spell(row))


def _line(cells: Sequence[str]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerow(cells)
    return buffer.getvalue()
