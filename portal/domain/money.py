"""Money is integer cents; shares are exact and never lose one."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

CENT = Decimal("0.01")


def to_cents(amount: Decimal | int | str) -> int:
    """Turn an amount in whole units into cents, half away from zero."""
    return int((Decimal(amount) * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def to_decimal(cents: int) -> Decimal:
    """Turn cents into an amount with two decimals."""
    return (Decimal(cents) / 100).quantize(CENT)


def spread(total: int, weights: Sequence[int]) -> list[int]:
    """Share ``total`` cents by weight, by largest remainder, ties by position; the sum is exact."""
    whole = sum(weights)
    if whole == 0:
        if total and weights:
            raise ValueError("cannot share an amount over weights that add up to nothing")
        return [0 for _ in weights]
    ideal = [Fraction(total * weight, whole) for weight in weights]
    shares = [int(share) for share in ideal]
    missing = total - sum(shares)
    step = 1 if missing > 0 else -1
    order = sorted(range(len(weights)), key=lambda at: (-(ideal[at] - shares[at]) * step, at))
    order = [at for at in order if weights[at]]
    for turn in range(abs(missing)):
        shares[order[turn % len(order)]] += step
    return shares
