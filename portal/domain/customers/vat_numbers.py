"""A VAT number as the rules see it."""

from collections.abc import Callable
from dataclasses import dataclass

# Northern Ireland writes XI before the number that the United Kingdom gave.
SAME_REGISTER = {"XI": "GB"}


@dataclass(frozen=True, slots=True)
class VatNumber:
    """A text that was given as a VAT number, and the number that was read from it."""

    given: str = ""
    # Empty where the text is no number of a known shape.
    number: str = ""
    # As an ISO code.
    country: str | None = None
    # Whether its check digits are right.
    is_checked: bool = False
    # Whether the text holds two numbers or more.
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
