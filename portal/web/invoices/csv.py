"""The list as CSV: plain numbers, ISO dates, and no cell that a spreadsheet would run."""

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import date

from flask import Response, stream_with_context
from sqlalchemy.orm import Session

from portal.domain.money import to_decimal
from portal.store.invoice_list import Filters, filtered, paid_state
from portal.store.invoices import InvoiceRow

HEAD = (
    "Number",
    "Subject",
    "Customer",
    "Date",
    "Due",
    "Currency",
    "Total",
    "Unpaid",
    "Paid state",
    "Copy state",
)


def write_csv(session: Session, filters: Filters, today: date) -> Response:
    """Answer with a CSV file of everything that is filtered, newest first."""
    order = (InvoiceRow.invoiced_on.desc(), InvoiceRow.id.desc())
    rows = session.scalars(filtered(filters, today).order_by(*order).execution_options(yield_per=1000))
    answer = Response(stream_with_context(_each_line(rows, today)), mimetype="text/csv")
    answer.headers["Content-Disposition"] = 'attachment; filename="invoices.csv"'
    return answer


def _each_line(rows: Iterable[InvoiceRow], today: date) -> Iterator[str]:
    yield _line(HEAD)
    for row in rows:
        cells = (
            row.number or "",
            row.subject,
            row.company_name,
            str(row.invoiced_on),
            str(row.pay_on or ""),
            row.currency,
            str(to_decimal(row.amount_with_tax)),
            str(to_decimal(row.amount_unpaid)),
            paid_state(row, today).replace("_", " "),
            row.copy_state,
        )
        yield _line(tuple(_harmless(cell, number=at in (6, 7)) for at, cell in enumerate(cells)))


def _harmless(text: str, *, number: bool) -> str:
    """Keep a spreadsheet from taking text for a formula."""
    return f"'{text}" if not number and text[:1] in "=+-@\t\r" and text else text


def _line(cells: tuple[str, ...]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerow(cells)
    return buffer.getvalue()
