"""Makes invoices, companies and lines from loosely given attributes; for the demo data and the back doors.

What is missing gets a believable default: finalized, sent, the next number, subsidiary 1, EUR, dated today.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

from portal.sandbox.common.asked import BackDoorError
from portal.sandbox.productive.asks import as_cents, as_day, as_plain, as_text
from portal.sandbox.productive.numbers import next_number
from portal.sandbox.productive.rows import (
    Company,
    ContactEntry,
    Expense,
    Invoice,
    LineItem,
    ServiceType,
    TaxRate,
)
from portal.sandbox.productive.state import Sandbox
from portal.sandbox.productive.totals import derive_balance, derive_invoice, derive_line, percentage_of

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
PRINTED = ("name", "email", "phone", "website", "address", "city", "state", "zipcode", "country", "vat")
_DEFAULT_LINES: Sequence[Wish] = ({"description": "Design", "quantity": "8", "unit_price": 10000},)
_PERCENTAGE = re.compile(r"(\d+(?:[.,]\d+)?)\s*%?")


def make_invoice(state: Sandbox, wish: Wish) -> Invoice:
    """Store the invoice that is wished for, with its company, lines and payments' room."""
    try:
        return _make_invoice(state, wish)
    except (ValueError, KeyError, TypeError) as error:
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
    now, day = state.moment(), as_day(wish.get("invoiced_on")) or state.today()
    currency = str(wish.get("currency") or company.default_currency)
    id_ = state.next_id("invoices")
    invoice = Invoice(
        id=id_,
        company_id=company.id,
        subsidiary_id=subsidiary_id,
        bill_to_id=make_bill_to(state, id_, company, customer, _object(wish.get("bill_to") or {})).id,
        currency=currency,
        created_at=str(wish.get("created_at") or f"{day}T09:05:00.000+01:00"),
        updated_at=str(wish.get("last_activity_at") or now),
        last_activity_at=str(wish.get("last_activity_at") or now),
        document_type_id=subsidiary_id,
        invoiced_on=day,
        parent_invoice_id=parent.id if parent else None,
        invoice_type_id=int(str(wish.get("invoice_type_id", 2 if parent else 1))),
        exchange_rate=as_plain(wish.get("exchange_rate") or RATES.get(currency, "1.0")),
        exchange_date=day,
    )
    if "." not in invoice.exchange_rate:
        invoice.exchange_rate += ".0"
    _set_life(state, invoice, wish, day, company.due_days)
    set_plain(invoice, wish)
    _add_lines(state, invoice, wish.get("lines"))
    state.add_invoice(invoice)
    derive_invoice(invoice, state.tables)
    if parent:
        parent.credit_notes = [*parent.credit_notes, invoice.id]
        derive_balance(parent, state.tables)
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
        invoice.finalized_at = str(wish.get("finalized_at") or f"{invoice.finalized_on}T10:15:11.193+01:00")
        invoice.sent_on = as_day(wish.get("sent_on", invoice.finalized_on))
        number = wish.get("number")
        invoice.number = str(number) if number else next_number(state, invoice.subsidiary_id, day)
    terms = int(str(wish.get("payment_terms_days", due_days or 30)))
    due = (date.fromisoformat(day) + timedelta(days=terms)).isoformat()
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


def add_line(state: Sandbox, invoice: Invoice, wish: Wish) -> LineItem:
    """Add a line to the end of the invoice; the invoice's amounts are not derived yet."""
    default_rate = state.tables.subsidiaries[invoice.subsidiary_id].default_tax_rate_id
    line = LineItem(
        id=state.next_id("line_items"),
        invoice_id=invoice.id,
        position=len(invoice.lines) + 1,
        quantity="1",
        unit_price=0,
        tax_rate_id=default_rate or 1,
        service_type_id=None if "service_type" in wish or "service_type_id" in wish else 1,
    )
    invoice.lines.append(line.id)
    state.tables.line_items[line.id] = line
    change_line(state, invoice, line, wish)
    if wish.get("expense"):
        line.expense_id = state.next_id("expenses")
        name, cost = (line.description or "Expense"), abs(line.amount)
        state.tables.expenses[line.expense_id] = Expense(
            id=line.expense_id,
            name=name,
            date=invoice.invoiced_on or "",
            amount=cost,
            currency=invoice.currency,
        )
    return line


def change_line(state: Sandbox, invoice: Invoice, line: LineItem, wish: Wish) -> None:
    """Change what is given of a line and derive its amounts."""
    if "description" in wish:
        line.description = as_text(wish["description"])
    if "quantity" in wish:
        line.quantity = as_plain(wish["quantity"])
    if "unit_price" in wish:
        line.unit_price = as_cents(wish["unit_price"])
    if "discount" in wish:
        line.discount = None if wish["discount"] is None else as_plain(wish["discount"])
    for name in ("unit_id", "position"):
        if name in wish:
            setattr(line, name, int(str(wish[name])))
    for name in ("service_type", "service_type_id"):
        if name in wish:
            line.service_type_id = find_or_make_service_type(state, wish[name])
    for name in ("tax_rate", "tax_rate_id"):
        if wish.get(name) is not None:
            line.tax_rate_id = find_or_make_tax_rate(state, invoice.subsidiary_id, wish[name]).id
    derive_line(line, state.tables.tax_rates[line.tax_rate_id])


def find_or_make_service_type(state: Sandbox, wanted: object) -> int | None:
    """By id or name; an unknown name becomes a new service type."""
    if wanted is None or wanted == "":
        return None
    types = state.tables.service_types
    if isinstance(wanted, int) or str(wanted).isdigit():
        return types[int(str(wanted))].id
    name = str(wanted)
    for each in types.values():
        if each.name == name:
            return each.id
    id_ = state.next_id("service_types")
    types[id_] = ServiceType(id=id_, name=name)
    return id_


def find_or_make_tax_rate(state: Sandbox, subsidiary_id: int, wanted: object) -> TaxRate:
    """By id, name or percentage; an unknown name with a percentage becomes a new rate of the subsidiary."""
    rates = state.tables.tax_rates
    if (isinstance(wanted, int) or str(wanted).isdigit()) and int(str(wanted)) in rates:
        return rates[int(str(wanted))]
    name = str(wanted)
    own = [rate for rate in rates.values() if rate.subsidiary_id == subsidiary_id]
    for rate in own:
        if rate.name == name:
            return rate
    match = _PERCENTAGE.search(name)
    if match is None:
        raise BackDoorError(f"There is no tax rate {name}; a new one needs a percentage in its name.")
    percentage = Decimal(match[1].replace(",", "."))
    if match.span() == (0, len(name)):
        for rate in own:
            if percentage_of(rate) == percentage and not rate.archived_at:
                return rate
    id_ = state.next_id("tax_rates")
    rates[id_] = TaxRate(
        id=id_,
        name=name,
        subsidiary_id=subsidiary_id,
        primary_component_name="VAT",
        primary_component_value=as_plain(percentage),
    )
    return rates[id_]


def find_or_make_company(state: Sandbox, wish: Wish) -> Company:
    """By id, else by name; a new name becomes a new company."""
    if (id_ := wish.get("id")) is not None:
        if int(str(id_)) not in state.tables.companies:
            raise BackDoorError(f"There is no company {id_}.")
        return state.tables.companies[int(str(id_))]
    name = str(wish.get("name") or state.tables.companies[min(state.tables.companies)].name)
    if (known := state.company_ids.get(name)) is not None:
        return state.tables.companies[known]
    id_, now = state.next_id("companies"), state.moment()
    company = Company(
        id=id_,
        name=name,
        address_id=_make_address(
            state, "company", id_, "bill_to", {**wish, "name": wish.get("billing_name") or name}
        ).id,
        company_code=str(wish.get("company_code") or re.sub(r"\W", "", name)[:4].upper()),
        created_at=str(wish.get("created_at") or now),
        last_activity_at=now,
        billing_name=as_text(wish.get("billing_name")),
        vat=as_text(wish.get("vat")),
        default_currency=str(wish.get("default_currency") or wish.get("currency") or "EUR"),
        domain=as_text(wish.get("domain")),
        due_days=int(str(wish.get("due_days", 30))),
        sample_data=bool(wish.get("sample_data")),
        default_subsidiary_id=int(str(wish.get("default_subsidiary_id", 1))),
    )
    state.tables.companies[id_] = company
    state.company_ids[name] = id_
    return company


def make_bill_to(
    state: Sandbox, invoice_id: int, company: Company, customer: Wish, wish: Wish
) -> ContactEntry:
    """The invoice's own copy of the customer's address, with what this invoice says otherwise."""
    address = state.tables.contact_entries[company.address_id]
    copied = {name: getattr(address, name) for name in PRINTED}
    given = {name: customer[name] for name in PRINTED if name in customer and name != "name"}
    return _make_address(state, "invoice", invoice_id, "bill_to", {**copied, **given, **wish})


def make_bill_from(state: Sandbox, subsidiary_id: int, wish: Wish) -> ContactEntry:
    """The address of a subsidiary."""
    return _make_address(state, "subsidiary", subsidiary_id, "bill_from", wish)


def _make_address(state: Sandbox, owner: str, owner_id: int, type_: str, wish: Wish) -> ContactEntry:
    id_ = state.next_id("contact_entries")
    printed = {name: as_text(wish[name]) for name in PRINTED if name in wish}
    entry = ContactEntry(id=id_, contactable_type=owner, contactable_id=owner_id, type=type_, **printed)
    state.tables.contact_entries[id_] = entry
    return entry


def _find_parent(state: Sandbox, wish: Wish) -> Invoice | None:
    wanted = wish.get("parent_invoice_id") or wish.get("parent_invoice")
    if wanted is None:
        return None
    if str(wanted).isdigit() and int(str(wanted)) in state.tables.invoices:
        return state.tables.invoices[int(str(wanted))]
    for invoice in state.tables.invoices.values():
        if invoice.number == wanted:
            return invoice
    raise BackDoorError(f"There is no invoice {wanted} to credit.")


def _object(value: object) -> Wish:
    if isinstance(value, int | str):
        return {"id": value} if str(value).isdigit() else {"name": value}
    if not isinstance(value, Mapping):
        raise BackDoorError(f"{value!r} must be an object.")
    return value


def _list(value: object) -> Sequence[object]:
    if not isinstance(value, list | tuple):
        raise BackDoorError(f"{value!r} must be a list.")
    return value
