"""How an invoice's totals come to stand on its lines, to the cent."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from portal.domain.booking.invoice import Invoice
from portal.domain.booking.problems import problem
from portal.domain.booking.rounding import RateLines, exact_vat, find_off, find_rounding, group_by_rate
from portal.domain.booking.sales_entry import Problem
from portal.domain.money import half_up, settle
from portal.domain.said import Amount, Value
from portal.domain.text import say_percentage


@dataclass(frozen=True, slots=True)
class Shares:
    """Per line: net after the invoice's discount, VAT, and the cents by which that VAT had to move."""

    nets: list[int]
    vats: list[int]
    moves: list[int]
    problems: tuple[Problem, ...] = ()


def share_amounts(invoice: Invoice) -> Shares:
    """Spread the totals over the lines."""
    # Where they do not add up, the lines stay as they are.
    own = [line.amount for line in invoice.lines]
    vats = [line.amount_tax for line in invoice.lines]
    moves = [0] * len(vats)
    rest = _rest(invoice)
    rates = group_by_rate(invoice.lines)

    nets = _share_net(invoice)
    # Lines of which some give back may make the total with the discount and without it.
    lefts = (Decimal(1), rest) if sum(own) == invoice.amount else (rest,)
    rounding = find_rounding(invoice, rates, lefts)

    found = [] if nets is not None else [_off("lines_do_not_add_up", invoice)]

    if rounding is None:
        found += _explain(invoice, rates, lefts[0])
    else:
        vats, moves = rounding

    return Shares(own if nets is None else nets, vats, moves, tuple(found))


def _share_net(invoice: Invoice) -> list[int] | None:
    """Return the net amounts after the invoice's discount, None where no discount explains the total."""
    own = [line.amount for line in invoice.lines]
    if sum(own) == invoice.amount:
        return own

    if not invoice.discount:
        return None

    return settle(invoice.amount, [amount * _rest(invoice) for amount in own])


def _rest(invoice: Invoice) -> Decimal:
    """Return what the invoice's discount leaves of an amount."""
    return 1 - (invoice.discount or Decimal(0)) / 100


def _explain(invoice: Invoice, rates: Sequence[RateLines], left: Decimal) -> list[Problem]:
    """Say which rates' VAT is not their percentage, else that the lines do not make the total."""
    before = exact_vat(invoice)
    after = [vat * left for vat in before]
    readings = [list(_each_off(invoice, rates, ideals)) for ideals in (before, after)]
    return min(readings, key=len) or [_off("vat_does_not_add_up", invoice, left)]


def _each_off(invoice: Invoice, rates: Sequence[RateLines], ideals: Sequence[Decimal]) -> Iterator[Problem]:
    """Yield one problem for each rate whose VAT is not its percentage of its net."""
    for rate in rates:
        wrong = find_off(invoice, rate, ideals)
        if len(wrong) == 1:
            yield _off_rate("vat_off_line", invoice, rate, wrong, ideals)
        elif wrong:
            yield _off_rate("vat_off_rate", invoice, rate, rate.places, ideals)


def _off_rate(
    code: str, invoice: Invoice, rate: RateLines, places: Sequence[int], ideals: Sequence[Decimal]
) -> Problem:
    """Name what carries another VAT than its rate says, what was expected and what was found."""
    expected = half_up(sum((ideals[at] for at in places), Decimal(0)))
    values: dict[str, Value] = {
        "rate": rate.name or "without a name",
        "percentage": say_percentage(rate.percentage),
        "net": Amount(sum(invoice.lines[at].amount for at in places), invoice.currency),
        "expected": Amount(expected, invoice.currency),
        "found": Amount(sum(invoice.lines[at].amount_tax for at in places), invoice.currency),
    }
    if code == "vat_off_line":
        values["line"] = invoice.lines[places[0]].description

    return problem(code, **values)


def _off(code: str, invoice: Invoice, left: Decimal = Decimal(1)) -> Problem:
    """Name a sum that the lines do not reach with what a discount leaves of them."""
    tax = code == "vat_does_not_add_up"
    whole = sum(line.amount_tax if tax else line.amount for line in invoice.lines)
    lines = half_up(whole * left)

    return problem(
        code,
        lines=Amount(lines, invoice.currency),
        net=Amount(invoice.amount, invoice.currency),
        vat=Amount(invoice.amount_tax, invoice.currency),
    )
