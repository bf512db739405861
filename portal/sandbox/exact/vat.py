"""How Exact works out the amounts of a line and of an entry."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal

from portal.sandbox.exact.derived import percentage_on
from portal.sandbox.exact.money import amount_of, to_cents
from portal.sandbox.exact.store import Books, Row, Value


def line_amounts(
    books: Books, line: Mapping[str, Value], day: Value, rate: Decimal, given_vat: Decimal | None
) -> dict[str, Value]:
    """The amounts of a line: VAT as given, else calculated and rounded on this line alone."""
    amount = amount_of(line, "AmountFC")
    code = books["VATCodes"].first("Code", line.get("VATCode")) if line.get("VATCode") else None
    percentage = percentage_on(books, code, day) if code else Decimal(0)
    net, tax = _net_and_tax(str(code.get("Type")) if code else "N", amount, percentage)
    if given_vat is not None:
        tax = to_cents(given_vat)

    return {
        "AmountFC": net,
        "AmountDC": to_cents(net * rate),
        "VATAmountFC": tax,
        "VATAmountDC": to_cents(tax * rate),
        "VATBaseAmountFC": net,
        "VATBaseAmountDC": to_cents(net * rate),
        "VATPercentage": percentage,
    }


def entry_amounts(lines: Iterable[Row]) -> dict[str, Value]:
    """The totals of an entry, with VAT."""
    totals = dict.fromkeys(("AmountFC", "AmountDC", "VATAmountFC", "VATAmountDC"), Decimal(0))
    for line in lines:
        for suffix in ("FC", "DC"):
            tax = amount_of(line, f"VATAmount{suffix}")
            totals[f"VATAmount{suffix}"] += tax
            totals[f"Amount{suffix}"] += amount_of(line, f"Amount{suffix}") + tax

    return {**totals}


def entry_amounts_by_sum(lines: Iterable[Row]) -> dict[str, Value]:
    """The totals of an entry whose VAT is worked out on the sum of its lines, per percentage."""
    nets: dict[tuple[str, Decimal], Decimal] = {}
    for line in lines:
        for suffix in ("FC", "DC"):
            place = (suffix, amount_of(line, "VATPercentage"))
            nets[place] = nets.get(place, Decimal(0)) + amount_of(line, f"Amount{suffix}")

    totals = dict.fromkeys(("AmountFC", "AmountDC", "VATAmountFC", "VATAmountDC"), Decimal(0))
    for (suffix, percentage), net in nets.items():
        tax = to_cents(net * percentage)
        totals[f"VATAmount{suffix}"] += tax
        totals[f"Amount{suffix}"] += net + tax

    return {**totals}


def rate_on(books: Books, currency: str, day: Value) -> Decimal | None:
    """What one unit of a currency is worth in the division's own on a day, or None if no rate is known.

    The table says how much foreign money one unit of the own currency is, so this is its inverse.
    """
    if currency == books.currency:
        return Decimal(1)

    best: tuple[datetime, Decimal] | None = None
    for row in books["ExchangeRates"].rows.values():
        begins = row.get("StartDate")
        if row.get("SourceCurrency") != currency or not isinstance(begins, datetime):
            continue

        if isinstance(day, datetime) and begins <= day and (best is None or begins > best[0]):
            best = (begins, amount_of(row, "Rate"))

    return round(1 / best[1], 6) if best else None


def _net_and_tax(kind: str, amount: Decimal, percentage: Decimal) -> tuple[Decimal, Decimal]:
    if kind == "E":
        return to_cents(amount), to_cents(amount * percentage)

    if kind == "I":
        # [X] What AmountFC means under an including code is disputed; here it is gross.
        tax = to_cents(amount - amount / (1 + percentage))
        return to_cents(amount) - tax, tax

    return to_cents(amount), Decimal(0)
