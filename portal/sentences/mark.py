"""Marks by which ``make texts`` finds sentences that are translated later."""

from typing import NamedTuple


class Plural(NamedTuple):
    """A sentence about a number of things, which is its ``count``."""

    one: str
    several: str


Sentence = str | Plural


def N_(text: str) -> str:  # noqa: N802 - the name by which all tools know it
    """Mark a sentence."""
    return text


def NN_(one: str, several: str) -> Plural:  # noqa: N802 - the same for a plural
    """Mark a sentence about a number of things."""
    return Plural(one, several)
