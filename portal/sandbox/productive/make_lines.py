"""Makes and changes lines from loosely given attributes, with service types and tax rates by id or name."""

import re
from collections.abc import Mapping
from decimal import Decimal

from portal.sandbox.common.asked import BackDoorError
from portal.sandbox.common.reading import parse_id
from portal.sandbox.productive.asks import as_plain, as_price, as_text, take_amounts
from portal.sandbox.productive.rows import LINE_AMOUNTS, Expense, Invoice, LineItem, ServiceType, TaxRate
from portal.sandbox.productive.state import Sandbox
from portal.sandbox.productive.totals import derive_line, percentage_of

Wish = Mapping[str, object]

_PERCENTAGE = re.compile(r"(\d+(?:[.,]\d+)?)\s*%?")


def add_line(state: Sandbox, invoice: Invoice, wish: Wish) -> LineItem:
    """Add a line to the end of the invoice. The invoice's amounts are not derived yet."""
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
        name = line.description or "Expense"
        cost = abs(line.amount)
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
        line.unit_price = as_price(wish["unit_price"])

    if "discount" in wish:
        line.discount = None if wish["discount"] is None else as_plain(wish["discount"])

    line.given = take_amounts(line.given, wish, LINE_AMOUNTS)
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
    """By id or name. An unknown name becomes a new service type."""
    if wanted is None or wanted == "":
        return None

    types = state.tables.service_types
    if (id_ := parse_id(wanted)) is not None:
        return types[id_].id

    name = str(wanted)
    for each in types.values():
        if each.name == name:
            return each.id

    id_ = state.next_id("service_types")
    types[id_] = ServiceType(id=id_, name=name)
    return id_


def find_or_make_tax_rate(state: Sandbox, subsidiary_id: int, wanted: object) -> TaxRate:
    """By id, name or percentage. An unknown name with a percentage becomes a new rate of the subsidiary."""
    rates = state.tables.tax_rates
    if (known := parse_id(wanted)) in rates:
        return rates[known]

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
