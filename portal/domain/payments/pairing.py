"""Pairing two lists by a row of keys, the strictest first. Equal keys pair as often as they occur."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Left = TypeVar("Left")
Right = TypeVar("Right")


@dataclass(frozen=True, slots=True)
class Pairs(Generic[Left, Right]):
    """What was paired, and what is left on either side, in the given order."""

    matched: list[tuple[Left, Right]]
    left: list[Left]
    right: list[Right]


def pair_off(
    left: Sequence[Left], right: Sequence[Right], keys: Sequence[Callable[[Left | Right], Hashable]]
) -> Pairs[Left, Right]:
    """Pair each left with one right, by the first key that finds a partner."""
    pairs: Pairs[Left, Right] = Pairs([], list(left), list(right))
    for key in keys:
        for one in list(pairs.left):
            other = next((other for other in pairs.right if key(other) == key(one)), None)
            if other is not None:
                pairs.matched.append((one, other))
                pairs.left.remove(one)
                pairs.right.remove(other)

    return pairs
