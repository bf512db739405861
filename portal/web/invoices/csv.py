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
    return [
        harmless(row.number or ""),
        harmless(row.subject),
        harmless(row.company_name),
        str(row.invoiced_on),
        str(row.pay_on or ""),
        harmless(row.currency),
        _amount(row.amount_with_tax, row.currency),
        _amount(row.amount_unpaid, row.currency),
        paid_state(row, today).replace("_", " "),
        row.copy_state,
    ]


def _amount(cents: int, currency: str) -> str:
    # A minus sign is meant, so amounts are not made harmless.
    return f"{to_decimal(cents)}{doubt_of(currency)}"
