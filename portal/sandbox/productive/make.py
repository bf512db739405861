"""Makes invoices, companies and lines from loosely given attributes, for the demo and the back doors.

What is missing gets a believable default: finalized, sent, the next number, subsidiary 1, EUR, dated today.
A date that is null stays null, and an amount that is given is not derived: records may be as odd as real
ones.
"""

from collections.abc import Mapping, Sequence
from datetime import date

from portal.sandbox.common.asked import BackDoorError
from portal.sandbox.common.reading import parse_id
from portal.sandbox.productive.asks import as_day, as_plain, as_text, take_amounts
from portal.sandbox.productive.make_companies import find_or_make_company, make_bill_to
from portal.sandbox.productive.make_lines import add_line
from portal.sandbox.productive.numbers import next_number
from portal.sandbox.productive.rows import AMOUNTS, Invoice
from portal.sandbox.productive.state import Sandbox
from portal.sandbox.productive.totals import derive_balance, derive_invoice

Wish = Mapping[str, object]

# What one unit of a currency is worth in euro, roughly.
RATES = {
    "EUR": "1.0",
    "USD": "0.92",
    "GBP": "1.17",
    "SEK": "0.0882",
    "DKK": "0.134",
    "PLN": "0.235",
    "JPY": "0.0061",
}
_DEFAULT_LINES: Sequence[Wish] = ({"description": "Design", "quantity": "8", "unit_price": 10000},)


def make_invoice(state: Sandbox, wish: Wish) -> Invoice:
    """Store the invoice that is wished for, with its company and lines."""
    try:
        return _make_invoice(state, wish)
    except (ValueError, KeyError, TypeError, ArithmeticError) as error:
        raise BackDoorError(f"This cannot be read: {error!r} in {dict(wish)!r:.300}") from error


def _make_invoice(state: Sandbox, wish: Wish) -> Invoice:
    customer = _object(wish.get("company") or wish.get("company_id") or {})
    company = find_or_make_company(state, customer)
    parent = _find_parent(state, wish)
    subsidiary_id = int(
        str(wish.get("subsidiary_id", wish.get("subsidiary", parent.subsidiary_id if parent else 1)))
    )
    if subsidiary_id not in state.tables.subsidiaries:
        raise BackDoorError(f"There is no subsidiary {subsidiary_id}.")

    now = state.moment()
    day = as_day(wish.get("invoiced_on")) or state.today()
    currency = str(wish.get("currency") or company.default_currency)
    id_ = state.next_id("invoices")
    invoice = Invoice(
        id=id_,
        company_id=company.id,
        subsidiary_id=subsidiary_id,
        bill_to_id=0,
        currency=currency,
        created_at=str(wish.get("created_at") or state.gone_by(day, "09:05:00.000")),
        updated_at=str(wish.get("last_activity_at") or now),
        last_activity_at=str(wish.get("last_activity_at") or now),
        document_type_id=subsidiary_id,
        invoiced_on=as_day(wish.get("invoiced_on", day)),
        parent_invoice_id=parent.id if parent else None,
        invoice_type_id=int(str(wish.get("invoice_type_id", 2 if parent else 1))),
        exchange_rate=as_plain(wish.get("exchange_rate") or RATES.get(currency, "1.0")),
        exchange_date=day,
    )
    if "." not in invoice.exchange_rate:
        invoice.exchange_rate += ".0"

    _set_life(state, invoice, wish, day, company.due_days)
    set_plain(invoice, wish)
    address = _object(wish.get("bill_to") or {})
    _add_lines(state, invoice, wish.get("lines"))
    # From here on nothing can be wrong with the wish, so that one that fails leaves nothing.
    invoice.bill_to_id = make_bill_to(state, id_, company, customer, address).id
    derive_invoice(invoice, state.tables)
    state.add_invoice(invoice)

    if parent:
        parent.credit_notes = [*parent.credit_notes, invoice.id]
        derive_balance(parent, state.tables)
        if "last_activity_at" not in wish:
            state.touch(parent)

    return invoice


def _add_lines(state: Sandbox, invoice: Invoice, wishes: object) -> None:
    try:
        for wish in _DEFAULT_LINES if wishes is None else _list(wishes):
            add_line(state, invoice, _object(wish))
    except Exception:
        for id_ in invoice.lines:
            del state.tables.line_items[id_]
        raise


def _set_life(state: Sandbox, invoice: Invoice, wish: Wish, day: str, due_days: int | None) -> None:
    is_draft = "finalized_on" in wish and wish["finalized_on"] is None
    if is_draft:
        invoice.sent_on = None
    else:
        invoice.finalized_on = as_day(wish.get("finalized_on")) or day
        invoice.finalized_at = str(
            wish.get("finalized_at") or state.gone_by(invoice.finalized_on, "10:15:11.193")
        )
        invoice.sent_on = as_day(wish.get("sent_on", invoice.finalized_on))
        number = wish.get("number")
        invoice.number = str(number) if number else next_number(state, invoice.subsidiary_id, day)

    terms = int(str(wish.get("payment_terms_days", due_days or 30)))
    last = date.max.toordinal()
    due = date.fromordinal(min(max(date.fromisoformat(day).toordinal() + terms, 1), last)).isoformat()
    invoice.pay_on = as_day(wish.get("pay_on", due))


_TEXTS = (
    "subject",
    "note",
    "footer",
    "purchase_order_number",
    "exported_at",
    "export_id",
    "export_invoice_url",
    "company_reference_id",
    "deleted_at",
)


def set_plain(invoice: Invoice, wish: Wish) -> None:
    """Set the attributes that are taken as they are, where they are given."""
    invoice.given = take_amounts(invoice.given, wish, AMOUNTS)
    for name in _TEXTS:
        if name in wish:
            setattr(invoice, name, as_text(wish[name]))

    for name in ("exported", "sample_data"):
        if name in wish:
            setattr(invoice, name, bool(wish[name]))

    if "export_integration_type_id" in wish:
        value = wish["export_integration_type_id"]
        invoice.export_integration_type_id = None if value is None else int(str(value))

    if "discount" in wish:
        invoice.discount = None if wish["discount"] is None else as_plain(wish["discount"])

    if "delivery_on" in wish:
        invoice.delivery_on = as_day(wish["delivery_on"])

    if "tag_list" in wish:
        invoice.tag_list = [str(tag) for tag in _list(wish["tag_list"])]

    if "custom_fields" in wish:
        invoice.custom_fields = dict(_object(wish["custom_fields"])) or None

    if "rounding" in wish:
        if wish["rounding"] not in ("line", "subtotal"):
            raise BackDoorError("rounding must be line or subtotal.")
        invoice.rounding = str(wish["rounding"])


def _find_parent(state: Sandbox, wish: Wish) -> Invoice | None:
    wanted = wish.get("parent_invoice_id") or wish.get("parent_invoice")
    if wanted is None:
        return None
    if (id_ := parse_id(wanted)) in state.tables.invoices:
        return state.tables.invoices[id_]

    for invoice in state.tables.invoices.values():
        if invoice.number == wanted:
            return invoice

    raise BackDoorError(f"There is no invoice {wanted} to credit.")


def _object(value: object) -> Wish:
    if isinstance(value, int | str):
        return {"name": value} if parse_id(value) is None else {"id": value}
    if not isinstance(value, Mapping):
        raise BackDoorError(f"{value!r} must be an object.")
    return value


def _list(value: object) -> Sequence[object]:
    if not isinstance(value, list | tuple):
        raise BackDoorError(f"{value!r} must be a list.")
    return value
