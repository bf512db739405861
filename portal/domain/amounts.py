"""How an invoice's totals come to stand on its lines, to the cent."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from portal.domain.invoice import Invoice, InvoiceLine
from portal.domain.money import spread
from portal.domain.problems import problem
from portal.domain.sales_entry import Problem
from portal.domain.text import say_money


@dataclass(frozen=True, slots=True)
class Shares:
    """Per line: net after the invoice's discount, VAT, and the cents by which that VAT had to move."""

    nets: list[int]
    vats: list[int]
    moves: list[int]
    problems: tuple[Problem, ...] = ()


def share_amounts(invoice: Invoice) -> Shares:
    """Spread the totals over the lines; where they do not add up the lines stay as they are."""
    own = [line.amount for line in invoice.lines]
    nets = _share_net(invoice)
    vats, moves = _share_vat(invoice)
    found = [] if nets is not None else [_off("lines_do_not_add_up", invoice)]
    if sum(vats) != invoice.amount_tax:
        found.append(_off("vat_does_not_add_up", invoice))
    found += [_moved(line, move) for line, move in zip(invoice.lines, moves, strict=True) if abs(move) > 1]
    return Shares(own if nets is None else nets, vats, moves, tuple(found))


def _share_net(invoice: Invoice) -> list[int] | None:
    """Return the net amounts after the invoice's discount, None where no discount explains the total."""
    own = [line.amount for line in invoice.lines]
    if sum(own) == invoice.amount:
        return own
    expected = _round(sum(own) * _rest(invoice))
    explained = invoice.discount and sum(own) and abs(expected - invoice.amount) <= len(own)
    return spread(invoice.amount, own) if explained else None


def _rest(invoice: Invoice) -> Decimal:
    """Return what the invoice's discount leaves of an amount."""
    return 1 - (invoice.discount or Decimal(0)) / 100


def _round(amount: Decimal) -> int:
    return int(amount.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def _share_vat(invoice: Invoice) -> tuple[list[int], list[int]]:
    """Return the VAT of each line and by how much it moved; the first way that moves no line too far."""
    own = [line.amount_tax for line in invoice.lines]
    if sum(own) == invoice.amount_tax:
        return own, [0] * len(own)
    base = own if _is_net_of_discount(invoice) else [_round(tax * _rest(invoice)) for tax in own]
    ways = [way for way in (_scale(invoice, own), _nudge(invoice, base)) if way]
    found = next((way for way in ways if _farthest(way, base) <= 1), ways[0] if ways else base)
    return found, [vat - was for vat, was in zip(found, base, strict=True)]


def _is_net_of_discount(invoice: Invoice) -> bool:
    """Say whether the lines' amounts contain the invoice's discount already."""
    return sum(line.amount for line in invoice.lines) == invoice.amount


def _scale(invoice: Invoice, own: list[int]) -> list[int] | None:
    """Scale the lines' VAT to the invoice's."""
    return spread(invoice.amount_tax, own) if sum(own) else None


def _nudge(invoice: Invoice, base: list[int]) -> list[int] | None:
    """Move taxed lines by one cent each, the largest first, ties by position."""
    missing = invoice.amount_tax - sum(base)
    taxed = [at for at, line in enumerate(invoice.lines) if line.amount_tax or line.tax_percentage]
    if len(taxed) < abs(missing):
        return None
    nudged = list(base)
    for at in sorted(taxed, key=lambda at: -abs(base[at]))[: abs(missing)]:
        nudged[at] += 1 if missing > 0 else -1
    return nudged


def _farthest(way: list[int], base: list[int]) -> int:
    return max(abs(vat - was) for vat, was in zip(way, base, strict=True))


def _off(code: str, invoice: Invoice) -> Problem:
    """Name a sum that the lines do not reach."""
    tax = code == "vat_does_not_add_up"
    lines = sum(line.amount_tax if tax else line.amount for line in invoice.lines)
    return problem(
        code,
        lines=say_money(lines, invoice.currency),
        net=say_money(invoice.amount, invoice.currency),
        vat=say_money(invoice.amount_tax, invoice.currency),
    )


def _moved(line: InvoiceLine, move: int) -> Problem:
    return problem("vat_moved", line=line.description, cents=str(abs(move)))
