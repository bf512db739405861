"""A VAT number as the rules see it: its one spelling, its country, and whether it passes its check."""

from collections.abc import Callable
from dataclasses import dataclass

# Northern Ireland writes XI before the number that the United Kingdom gave.
SAME_REGISTER = {"XI": "GB"}


@dataclass(frozen=True, slots=True)
class VatNumber:
    """A text that was given as a VAT number; ``number`` is empty where it is none of a known shape.

    ``country`` is an ISO code. ``is_checked`` says that the check digits are right, and ``is_several``
    that the text holds two numbers or more.
    """

    given: str = ""
    number: str = ""
    country: str | None = None
    is_checked: bool = False
    is_several: bool = False

    def __bool__(self) -> bool:
        return bool(self.number)

    @property
    def key(self) -> str:
        """Return what equal numbers have in common."""
        prefix = self.number[:2]
        return SAME_REGISTER.get(prefix, prefix) + self.number[2:]

    @property
    def is_left_out(self) -> bool:
        """Say whether something was given that is not a VAT number."""
        return bool(self.given) and not self.number


ReadVat = Callable[[str | None, str | None], VatNumber]
"""Reads a text as a VAT number. The second text is the ISO code of the company's country."""
