"""The list as CSV: plain numbers, ISO dates, and no cell that a spreadsheet would run."""

from collections.abc import Mapping
from datetime import date

from flask import Response
from flask_babel import lazy_gettext as _l

from portal.domain.copies.standing import Standing
from portal.domain.money import to_decimal
from portal.domain.text import doubt_of
from portal.store.copies import CopyRow
from portal.store.invoice_filters import Filters, filtered
from portal.store.invoice_list import paid_state
from portal.store.invoices import InvoiceRow
from portal.web.common.csv import answer_csv, harmless
from portal.web.common.need_words import SHORT_WORDS, short_word
from portal.web.invoices.state_words import SHOWN

HEAD = (
    _l("Number"),
    _l("Subject"),
    _l("Customer"),
    _l("Date"),
    _l("Due"),
    _l("Currency"),
    _l("Total"),
    _l("Unpaid"),
    _l("Paid state"),
    _l("State"),
    _l("Reason"),
    _l("Entry in Exact"),
)


def write_csv(filters: Filters, today: date) -> Response:
    """Answer with a CSV file of everything that is filtered, newest first."""
    query = filtered(filters, today).order_by(InvoiceRow.invoiced_on.desc(), InvoiceRow.id.desc())
    # The words are found now, for while the file is read there is no request that has a language.
    words = {standing: str(word) for standing, (_tone, _icon, word) in SHOWN.items()}
    reasons = {code: short_word(code) for code in SHORT_WORDS}
    entries = query.outerjoin(CopyRow, CopyRow.id == InvoiceRow.latest_copy_id).add_columns(
        CopyRow.entry_number
    )

    return answer_csv(
        [str(title) for title in HEAD],
        entries,
        lambda found: [
            *_cells(found[0], today),
            words[found[0].standing],
            harmless(_reason(found[0], reasons)),
            found[1] or "",
        ],
        "invoices.csv",
    )


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
    ]


def _reason(row: InvoiceRow, words: Mapping[str, str]) -> str:
    """Return why an invoice is not copied, in a word or two."""
    if row.standing in (Standing.NEEDS_YOU, Standing.REFUSED):
        return words.get(row.need or "", row.need or "")
    return (row.exclude_reason or "") if row.standing == Standing.EXCLUDED else ""


def _amount(cents: int, currency: str) -> str:
    # A minus sign is meant, so amounts are not made harmless.
    return f"{to_decimal(cents)}{doubt_of(currency)}"
