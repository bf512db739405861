"""Where the customer of an invoice is for VAT, as the rules of booking see it."""

from dataclasses import dataclass
from enum import StrEnum


class Place(StrEnum):
    """Where a customer is, seen from the country of the division."""

    DOMESTIC = "domestic"
    EU_VAT = "eu-vat"
    EU = "eu"
    OUTSIDE = "outside"


class Unplaced(StrEnum):
    """Why nobody can say where a customer is."""

    NO_DIVISION = "no division"
    NO_COUNTRY = "no country"
    OTHER_COUNTRY = "other country"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """The place of a customer, or why it is a question, and what that was decided by."""

    # ``has_foreign_number`` says that its VAT number is of another member, as the EC sales list wants.
    # ``is_at_home`` says that its address is in the country of the division, whatever its number says.
    # ``is_goods_only`` says that it is in Northern Ireland, which is in the EU for goods alone.

    place: Place | None
    unplaced: Unplaced | None = None
    country: str = ""
    number: str = ""
    has_foreign_number: bool = False
    is_at_home: bool = False
    is_goods_only: bool = False


SAID = {
    Place.DOMESTIC: "at home",
    Place.EU_VAT: "in the EU with a VAT number",
    Place.EU: "in the EU without a VAT number",
    Place.OUTSIDE: "outside the EU",
}
