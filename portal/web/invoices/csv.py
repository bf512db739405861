"""The list as CSV: plain numbers, ISO dates, and no cell that a spreadsheet would run."""

from collections.abc import Iterable, Iterator
from datetime import date

from flask import Response
from sqlalchemy.orm import Session

from portal.domain.money import to_decimal
from portal.store.invoice_list import Filters, filtered, paid_state
from portal.store.invoices import InvoiceRow
from portal.web.csv import answer_csv, harmless, spell_line

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
    return answer_csv(_each_line(rows, today), "invoices.csv")


def _each_line(rows: Iterable[InvoiceRow], today: date) -> Iterator[str]:
    yield spell_line(HEAD)
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
        yield spell_line([cell if at in (6, 7) else harmless(cell) for at, cell in enumerate(cells)])
