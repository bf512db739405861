"""The list as CSV: plain numbers, ISO dates, and no cell that a spreadsheet would run."""

from datetime import date

from flask import Response

from portal.domain.money import to_decimal
from portal.domain.text import doubt_of
from portal.store.invoice_list import Filters, filtered, paid_state
from portal.store.invoices import InvoiceRow
from portal.web.common.csv import answer_csv, harmless

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


def write_csv(filters: Filters, today: date) -> Response:
    """Answer with a CSV file of everything that is filtered, newest first."""
    query = filtered(filters, today).order_by(InvoiceRow.invoiced_on.desc(), InvoiceRow.id.desc())
    return answer_csv(HEAD, query, lambda row: _cells(row[0], today), "invoices.csv")


def _cells(row: InvoiceRow, today: date) -> list[str]:
    cells = (
        row.number or "",
        row.subject,
        row.company_name,
        str(row.invoiced_on),
        str(row.pay_on or ""),
        row.currency,
        f"{to_decimal(row.amount_with_tax)}{doubt_of(row.currency)}",
        f"{to_decimal(row.amount_unpaid)}{doubt_of(row.currency)}",
        paid_state(row, today).replace("_", " "),
        row.copy_state,
    )

    return [cell if at in (6, 7) else harmless(cell) for at, cell in enumerate(cells)]
