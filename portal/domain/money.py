"""Money is integer cents. Shares are exact and never lose one."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")


def to_cents(amount: Decimal | int | str) -> int:
    """Turn an amount in whole units into cents, half away from zero."""
    return int((Decimal(amount) * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def to_decimal(cents: int) -> Decimal:
    """Turn cents into an amount with two decimals."""
    return (Decimal(cents) / 100).quantize(CENT)


def spread(total: int, weights: Sequence[int]) -> list[int]:
    """Share ``total`` cents by weight, by largest remainder, ties by position. The sum is exact."""
    whole = sum(weights)
    if whole == 0:
        if total and weights:
            raise ValueError("cannot share an amount over weights that add up to nothing")
        return [0 for _ in weights]

    shares = []
    remainders = []
    sign = 1 if whole > 0 else -1

    for weight in weights:
        share = abs(total * weight) // abs(whole) * (1 if total * weight * sign > 0 else -1)
        shares.append(share)
        remainders.append((total * weight - share * whole) * sign)

    missing = total - sum(shares)
    step = 1 if missing > 0 else -1
    order = sorted(range(len(weights)), key=lambda at: (-remainders[at] * step, at))
    for at in order[: abs(missing)]:
        shares[at] += step

    return shares


def half_up(amount: Decimal) -> int:
    """Round to whole cents, halves away from zero."""
    return int(Decimal(amount).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def settle(total: int, ideals: Sequence[Decimal], bases: Sequence[int] | None = None) -> list[int] | None:
    """Move rounded shares by a cent each until they make ``total``, None where that is not enough.

    The share farthest from its ideal moves first. Of equal ones the first get a cent and the last lose one,
    and what is mirrored comes out mirrored. A share whose ideal is nothing never moves.
    """
    shares = list(map(half_up, ideals)) if bases is None else list(bases)
    missing = total - sum(shares)
    step = 1 if missing > 0 else -1
    movable = [at for at, ideal in enumerate(ideals) if ideal]
    if len(movable) < abs(missing):
        return None

    def turn(at: int) -> tuple[Decimal, int]:
        grows = (ideals[at] > 0) == (step > 0)
        return (shares[at] - ideals[at]) * step, at if grows else -at

    for at in sorted(movable, key=turn)[: abs(missing)]:
        shares[at] += step

    return shares


def vat_of(net: int, percentage: Decimal) -> int:
    """Return the VAT on an amount in cents, half a cent away from zero."""
    return int((net * percentage / 100).quantize(Decimal(1), ROUND_HALF_UP))
