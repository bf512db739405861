"""The amounts that Productive derives: of a line, of an invoice, and what is left to pay.

Halves are rounded away from zero, so that a credit note mirrors its invoice.
The invoice's own discount is taken off the sum: whether lines contain it is not documented, and a client that
compares the sum with the total survives both, so lines stay as they are (the stricter reading).
"""

from collections import defaultdict
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext

from portal.sandbox.productive.rows import Invoice, LineItem, Payment, Tables, TaxRate

_CENT = Decimal(1)
_HUNDRED = Decimal(100)
# Wide enough for the product of the largest numbers that are taken.
_EXACT = Context(prec=400)


def round_cents(amount: Decimal) -> int:
    """Whole cents, halves away from zero."""
    return int(amount.quantize(_CENT, ROUND_HALF_UP, context=_EXACT))


def percentage_of(rate: TaxRate) -> Decimal:
    """Both components together."""
    return Decimal(rate.primary_component_value or 0) + Decimal(rate.secondary_component_value or 0)


def _share_left(discount: str | None) -> Decimal:
    return (_HUNDRED - Decimal(discount)) / _HUNDRED if discount else _CENT


def derive_line(line: LineItem, rate: TaxRate) -> None:
    """Set the line's net amount and tax, but for what was given."""
    with localcontext(_EXACT):
        line.amount = round_cents(line.unit_price * Decimal(line.quantity) * _share_left(line.discount))
        line.amount = line.given.get("amount", line.amount)
        line.amount_tax = round_cents(line.amount * percentage_of(rate) / _HUNDRED)
        line.amount_tax = line.given.get("amount_tax", line.amount_tax)


def derive_invoice(invoice: Invoice, tables: Tables) -> None:
    """Set every derived amount of the invoice from its lines, payments and credit notes."""
    with localcontext(_EXACT):
        _derive_totals(invoice, tables)
    derive_balance(invoice, tables)


def _derive_totals(invoice: Invoice, tables: Tables) -> None:
    given = invoice.given
    lines = [tables.line_items[id_] for id_ in invoice.lines]
    left = _share_left(invoice.discount)
    invoice.amount = given.get("amount", round_cents(sum(line.amount for line in lines) * left))

    if invoice.rounding == "subtotal":
        invoice.amount_tax = _tax_per_subtotal(lines, left, tables)
    else:
        invoice.amount_tax = round_cents(sum(line.amount_tax for line in lines) * left)

    invoice.amount_tax = given.get("amount_tax", invoice.amount_tax)
    invoice.amount_with_tax = given.get("amount_with_tax", invoice.amount + invoice.amount_tax)


def _tax_per_subtotal(lines: Iterable[LineItem], left: Decimal, tables: Tables) -> int:
    subtotals: dict[int, int] = defaultdict(int)
    for line in lines:
        subtotals[line.tax_rate_id] += line.amount

    return sum(
        round_cents(net * left * percentage_of(tables.tax_rates[rate]) / _HUNDRED)
        for rate, net in subtotals.items()
    )


def derive_balance(invoice: Invoice, tables: Tables) -> None:
    """Set what was paid, written off, credited, and what is left."""
    payments = [tables.payments[id_] for id_ in invoice.payments]
    notes = [
        note
        for note in (tables.invoices[id_] for id_ in invoice.credit_notes)
        if note.is_live and note.finalized_on
    ]

    invoice.amount_paid = sum(each.amount for each in payments if not each.written_off_on)
    invoice.amount_written_off = sum(each.amount for each in payments if each.written_off_on)
    invoice.credited = bool(notes)
    invoice.amount_credited = -sum(note.amount for note in notes)
    invoice.amount_credited_with_tax = -sum(note.amount_with_tax for note in notes)
    settled = invoice.amount_paid + invoice.amount_written_off + invoice.amount_credited_with_tax
    invoice.amount_unpaid = invoice.amount_with_tax - settled
    for name, amount in invoice.given.items():
        setattr(invoice, name, amount)

    invoice.paid_on = _paid_on(invoice, payments, notes)


def _paid_on(invoice: Invoice, payments: list[Payment], notes: list[Invoice]) -> str | None:
    if invoice.amount_unpaid > 0 or invoice.is_credit_note:
        return None
    days = [each.paid_on or each.written_off_on or "" for each in payments]
    return max(days + [note.invoiced_on or "" for note in notes], default=None)
