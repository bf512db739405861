"""What a person does in Productive's own screens, past the rules of the API: edit, throw away, unsend."""

from collections.abc import Mapping

from portal.sandbox.common.asked import BackDoorError
from portal.sandbox.common.reading import parse_id
from portal.sandbox.productive.asks import as_day, as_plain, as_text
from portal.sandbox.productive.invoices import mark_export
from portal.sandbox.productive.make import set_plain
from portal.sandbox.productive.make_companies import PRINTED, find_or_make_company
from portal.sandbox.productive.make_lines import add_line, change_line
from portal.sandbox.productive.rows import Invoice
from portal.sandbox.productive.state import Sandbox
from portal.sandbox.productive.totals import derive_invoice, derive_line

_DAYS = ("invoiced_on", "pay_on", "sent_on", "finalized_on", "exchange_date")


def edit_invoice(state: Sandbox, invoice: Invoice, wish: Mapping[str, object]) -> None:
    """Change any attribute, the lines and the address. Amounts follow."""
    try:
        _edit(state, invoice, wish)
    except (ValueError, KeyError, TypeError, ArithmeticError) as error:
        raise BackDoorError(f"This cannot be read: {error!r}") from error

    for id_ in invoice.lines:
        line = state.tables.line_items[id_]
        derive_line(line, state.tables.tax_rates[line.tax_rate_id])

    derive_invoice(invoice, state.tables)
    if invoice.parent_invoice_id:
        state.settle(state.tables.invoices[invoice.parent_invoice_id])

    state.touch(invoice)


def _edit(state: Sandbox, invoice: Invoice, wish: Mapping[str, object]) -> None:
    set_plain(invoice, wish)
    if "exported" in wish and "export_integration_type_id" not in wish:
        mark_export(state, invoice, exported=bool(wish["exported"]))

    if "number" in wish:
        invoice.number = as_text(wish["number"])

    if "currency" in wish:
        invoice.currency = str(wish["currency"])

    if "exchange_rate" in wish:
        invoice.exchange_rate = as_plain(wish["exchange_rate"])

    for name in _DAYS:
        if name in wish:
            setattr(invoice, name, as_day(wish[name]))

    if isinstance(company := wish.get("company"), Mapping):
        invoice.company_id = find_or_make_company(state, company).id

    if isinstance(address := wish.get("bill_to"), Mapping):
        entry = state.tables.contact_entries[invoice.bill_to_id]
        for name in PRINTED:
            if name in address:
                setattr(entry, name, as_text(address[name]))

    if isinstance(lines := wish.get("lines"), list):
        _replace_lines(state, invoice, lines)


def _replace_lines(state: Sandbox, invoice: Invoice, wishes: list[object]) -> None:
    old = invoice.lines
    invoice.lines = []

    try:
        for wish in wishes:
            _put_line(state, invoice, old, wish)
    except Exception:
        for id_ in set(invoice.lines) - set(old):
            del state.tables.line_items[id_]
        invoice.lines = old
        raise

    for id_ in set(old) - set(invoice.lines):
        del state.tables.line_items[id_]


def _put_line(state: Sandbox, invoice: Invoice, old: list[int], wish: object) -> None:
    if not isinstance(wish, Mapping):
        raise BackDoorError("A line must be an object.")

    id_ = parse_id(wish.get("id")) or 0
    if id_ in old and id_ not in invoice.lines:
        invoice.lines.append(id_)
        change_line(state, invoice, state.tables.line_items[id_], wish)
    else:
        add_line(state, invoice, wish)


def throw_away(state: Sandbox, invoice: Invoice) -> None:
    """Into the recycle bin, whatever the rules say."""
    invoice.deleted_at = state.moment()
    if invoice.parent_invoice_id:
        state.settle(state.tables.invoices[invoice.parent_invoice_id])
    state.touch(invoice)
