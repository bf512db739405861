"""Whether a VAT code fits where the customer is. What does not is a question, not a refusal."""

from portal.domain.booking.catalogue import VatCode
from portal.domain.booking.place import Place, Unplaced, Whereabouts
from portal.domain.booking.vat_senses import Sense, senses_of_code

LISTED = ("L", "S", "T")
UNLISTED = "N"
GOODS = ("L", "T")
FREE = ("B", "N")
ABROAD = (Place.EU_VAT, Place.EU, Place.OUTSIDE)


def question_fit(code: VatCode, where: Whereabouts) -> str | None:
    """Name what to ask about a VAT code for a customer, None where nothing speaks against it."""
    # Without the division's country nobody knows what is abroad.
    if where.unplaced is Unplaced.NO_DIVISION:
        return None

    if code.listing in LISTED:
        return _question_listed(code, where)

    is_reversed = code.charged and Sense.REVERSE in senses_of_code(code)
    if code.kind in FREE and is_reversed and where.place in ABROAD:
        return "vat_reversed_abroad"

    # The list must add up to what the return says was supplied in the EU.
    if code.kind in FREE and code.listing == UNLISTED and where.place is Place.EU_VAT:
        return "vat_not_listed"

    return None


def _question_listed(code: VatCode, where: Whereabouts) -> str | None:
    """Ask about a code for the EC sales list, which wants a number of another member."""
    if where.is_at_home:
        return "vat_listed_at_home"

    # Northern Ireland's numbers are listed for goods.
    is_listed = where.has_foreign_number or (where.is_goods_only and code.listing in GOODS)
    return None if is_listed else "vat_listed_without_number"
