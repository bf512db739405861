"""Which of Productive's roundings explains an invoice's VAT, rate by rate."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from portal.domain.booking.invoice import Invoice, InvoiceLine
from portal.domain.money import half_up, settle

HALF = Decimal("0.5")
ONE_CENT = Decimal(1)


@dataclass(frozen=True, slots=True)
class RateLines:
    """The lines of one tax rate, by their places on the invoice."""

    name: str
    percentage: Decimal
    places: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Rounding:
    """One way to the invoice's VAT: a total per rate, and what its lines are rounded to before."""

    totals: tuple[int, ...]
    bases: tuple[int, ...]


def group_by_rate(lines: Sequence[InvoiceLine]) -> tuple[RateLines, ...]:
    """Put the lines of one tax rate together, in the order of the invoice."""
    places: dict[tuple[str | None, Decimal], list[int]] = {}
    for at, line in enumerate(lines):
        places.setdefault((line.tax_rate_id, line.tax_percentage or Decimal(0)), []).append(at)

    return tuple(
        RateLines(lines[found[0]].tax_rate or "", percentage, tuple(found))
        for (_, percentage), found in places.items()
    )


def exact_vat(invoice: Invoice) -> list[Decimal]:
    """Return each line's percentage of its net, without any rounding."""
    return [line.amount * (line.tax_percentage or Decimal(0)) / 100 for line in invoice.lines]


def find_rounding(
    invoice: Invoice, rates: Sequence[RateLines], lefts: Sequence[Decimal]
) -> tuple[list[int], list[int]] | None:
    """Return the VAT of each line and by how much it moved, None where no rounding explains the invoice's.

    ``lefts`` is what the invoice's discount may have left of an amount, 1 where the lines contain it.
    """
    for left in lefts:
        ideals = [vat * left for vat in exact_vat(invoice)]
        for way in _each_way(invoice, rates, left, ideals):
            if sum(way.totals) != invoice.amount_tax:
                continue

            vats = _settle_rates(rates, way, ideals)
            if vats is not None:
                return vats, [vat - base for vat, base in zip(vats, way.bases, strict=True)]

    return None


def find_off(invoice: Invoice, rate: RateLines, ideals: Sequence[Decimal]) -> tuple[int, ...]:
    """Return the places of a rate's lines whose VAT is not the rate's percentage of their net.

    Half a cent per line is what rounding explains. One of several lines may have taken a cent from another.
    """
    own = {at: invoice.lines[at].amount_tax for at in rate.places}
    wrong = {at: abs(vat - ideals[at]) for at, vat in own.items()}
    room = HALF if len(own) == 1 else HALF + ONE_CENT
    far = tuple(at for at in rate.places if wrong[at] > room)
    off = abs(sum(own.values()) - _sum_at(ideals, rate.places))
    if far or off <= HALF * len(own):
        return far

    return tuple(at for at in rate.places if wrong[at] > HALF)


def _each_way(
    invoice: Invoice, rates: Sequence[RateLines], left: Decimal, ideals: Sequence[Decimal]
) -> Iterator[Rounding]:
    """Yield the roundings that Productive may have used, the likeliest first."""
    own = tuple(line.amount_tax for line in invoice.lines)
    subtotals = tuple(half_up(_sum_at(ideals, rate.places)) for rate in rates)

    if _fit(invoice, rates, ideals):
        yield Rounding(_sums(rates, own), own)
        yield Rounding(subtotals, own)
        yield from _only_rate(invoice, rates, ideals, own)

    if left == 1 or not _fit(invoice, rates, exact_vat(invoice)):
        return

    # The lines' VAT is before the invoice's discount.
    exact = [vat * left for vat in own]
    bases = tuple(map(half_up, exact))
    yield Rounding(subtotals, bases)
    yield from _whole_sum(invoice, rates, left, bases)
    yield Rounding(_sums(rates, bases), bases)
    yield Rounding(tuple(half_up(_sum_at(exact, rate.places)) for rate in rates), bases)
    yield Rounding(_sums(rates, tuple(map(half_up, ideals))), bases)
    yield from _only_rate(invoice, rates, ideals, bases)


def _fit(invoice: Invoice, rates: Sequence[RateLines], ideals: Sequence[Decimal]) -> bool:
    """Say whether the lines' own VAT is what their rates make of these nets."""
    return not any(find_off(invoice, rate, ideals) for rate in rates)


def _sum_at(amounts: Sequence[Decimal], places: Sequence[int]) -> Decimal:
    return sum((amounts[at] for at in places), Decimal(0))


def _sums(rates: Sequence[RateLines], vats: Sequence[int]) -> tuple[int, ...]:
    return tuple(sum(vats[at] for at in rate.places) for rate in rates)


def _whole_sum(
    invoice: Invoice, rates: Sequence[RateLines], left: Decimal, bases: Sequence[int]
) -> Iterator[Rounding]:
    """Yield the discount taken off the sum of all lines' VAT, rounded once and shared between the rates."""
    own = _sums(rates, [line.amount_tax for line in invoice.lines])
    if half_up(sum(own) * left) == invoice.amount_tax:
        totals = settle(invoice.amount_tax, [vat * left for vat in own])
        if totals is not None:
            yield Rounding(tuple(totals), tuple(bases))


def _only_rate(
    invoice: Invoice, rates: Sequence[RateLines], ideals: Sequence[Decimal], bases: tuple[int, ...]
) -> Iterator[Rounding]:
    """Yield the invoice's VAT where only one rate is taxed and half a cent per line explains it."""
    taxed = [rate for rate in rates if rate.percentage]
    if len(taxed) != 1:
        return

    ideal = _sum_at(ideals, taxed[0].places)
    if abs(invoice.amount_tax - ideal) <= HALF * len(taxed[0].places):
        yield Rounding(tuple(invoice.amount_tax if rate in taxed else 0 for rate in rates), bases)


def _settle_rates(rates: Sequence[RateLines], way: Rounding, ideals: Sequence[Decimal]) -> list[int] | None:
    """Let the lines of each rate make its total, None where a line would have to move too far."""
    vats = list(way.bases)
    for rate, total in zip(rates, way.totals, strict=True):
        own = [way.bases[at] for at in rate.places]
        settled = settle(total, [ideals[at] for at in rate.places], own)
        if settled is None:
            return None

        for at, vat in zip(rate.places, settled, strict=True):
            vats[at] = vat

    return vats
