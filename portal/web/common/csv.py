"""Downloads as CSV, written while they are read: no cell that a spreadsheet would take for a formula."""

import codecs
import csv
import io
import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from flask import Response
from sqlalchemy import Engine, Row, Select
from sqlalchemy.orm import Session

from portal.extensions import db

# Where a country writes a comma in its numbers, Excel ends a cell at a semicolon and heeds quotes only where
# a cell begins, so any semicolon may begin one, and quotes behind it vanish.
# See https://owasp.org/www-community/attacks/CSV_Injection
RISKY = re.compile(r"(^|[;|])(?=[\s\"']*[=+\-@＝＋－＠])")
BREAKS = str.maketrans(dict.fromkeys("\t\r\n\v\f\x85\u2028\u2029", " "))
# Without it Excel takes the file for one in its country's old character set.
BYTE_ORDER_MARK = codecs.BOM_UTF8.decode()
Spell = Callable[[Row[*tuple[Any, ...]]], Sequence[str]]


def harmless(text: str) -> str:
    """Keep a spreadsheet from taking text, or a part of it, for a formula."""
    return RISKY.sub(r"\1'", text.translate(BREAKS))


def answer_csv(head: Sequence[str], query: Select[*tuple[Any, ...]], spell: Spell, name: str) -> Response:
    """Answer with a file of what a query finds."""
    # It outlives the request's own session.
    return _answer(_each_line(db.engine, head, query, spell), name)


def answer_cells(head: Sequence[str], rows: Iterable[Sequence[str]], name: str) -> Response:
    """Answer with a file of cells that are spelled already."""
    return _answer(map(_line, itertools.chain([head], rows)), name)


def _answer(lines: Iterable[str], name: str) -> Response:
    answer = Response(itertools.chain([BYTE_ORDER_MARK], lines), mimetype="text/csv")
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
