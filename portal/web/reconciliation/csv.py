"""The rows as CSV: plain numbers that add up, ISO dates, and no cell that a spreadsheet would run."""

from collections.abc import Iterator, Sequence

from flask import Response
from flask_babel import lazy_gettext as _l
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from portal.domain.books.states import Part
from portal.domain.money import to_decimal
from portal.domain.text import doubt_of
from portal.extensions import db
from portal.store.reconciliation import Filters, compared, in_order
from portal.web.common.csv import answer_cells, harmless
from portal.web.reconciliation.explain import Explained, explain

SOME = 500
HEAD = (
    _l("Subsidiary"),
    _l("Number"),
    _l("Entry"),
    _l("Customer"),
    _l("Date"),
    _l("Month in Exact"),
    _l("Journal"),
    _l("Currency"),
    _l("Productive"),
    _l("Currency in Exact"),
    _l("Exact"),
    _l("Difference"),
    _l("Open in Productive"),
    _l("Open in Exact"),
    _l("Result"),
    _l("What differs"),
    _l("Cause"),
)


def write_csv(filters: Filters, names: dict[str, str], name: str) -> Response:
    """Answer with a CSV file of everything that is filtered, newest first, with its causes."""
    # The causes are spelled in the person's language, so they are made before the answer begins to flow.
    return answer_cells([str(title) for title in HEAD], list(_each_row(db.engine, filters, names)), name)


def _each_row(engine: Engine, filters: Filters, names: dict[str, str]) -> Iterator[Sequence[str]]:
    with Session(engine.execution_options(sqlite_begin="DEFERRED")) as reading:
        query = in_order(compared(filters)).execution_options(yield_per=SOME)
        for some in reading.scalars(query).partitions(SOME):
            for each in explain(reading, some, may_write=False):
                yield _cells(each, names)


def _cells(each: Explained, names: dict[str, str]) -> list[str]:
    row = each.row
    words = (
        names.get(row.subsidiary_id, row.subsidiary_id),
        row.number,
        row.entry_number or "",
        row.customer,
        str(row.day),
        row.their_month or "",
        row.journal,
        row.currency,
        row.their_currency if row.theirs is not None else "",
        row.verdict,
        ", ".join(row.reasons),
        each.text,
    )

    safe = [harmless(word) for word in words]
    opens = (None, None) if row.part == Part.THEIRS else (row.ours_open, row.theirs_open)
    figures = (row.ours_here, row.theirs_here, row.difference, *opens)
    amounts = [_amount(cents, row.currency) for cents in figures]

    return [*safe[:8], amounts[0], safe[8], *amounts[1:], *safe[9:]]


def _amount(cents: int | None, currency: str) -> str:
    return "" if cents is None else f"{to_decimal(cents)}{doubt_of(currency)}"
