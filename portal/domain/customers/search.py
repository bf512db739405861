"""Finding customers by what a person types."""

from collections.abc import Sequence

from portal.domain.booking.catalogue import Customer, shown
from portal.domain.countries import iso_country
from portal.domain.customers.registers import digits_of
from portal.domain.customers.vat_numbers import ReadVat, VatNumber
from portal.domain.words import words_of


def search_customers(
    query: str, customers: Sequence[Customer], limit: int = 20, *, read_vat: ReadVat
) -> list[Customer]:
    """Return the customers that have every part of a query, best first."""
    parts = words_of(query)
    if not parts:
        return []

    # A query that is a whole VAT number finds it however Exact spells it.
    vat = read_vat(query, None)
    ranked = [(rank, each) for each in customers if (rank := _rank(parts, each)) is not None]

    if vat:
        known = {each.id for _, each in ranked}
        same = [each for each in customers if each.id not in known and _has_vat(each, vat, read_vat)]
        ranked += [((0, each.blocked), each) for each in same]

    ranked.sort(key=lambda pair: (pair[0], pair[1].name.casefold(), pair[1].code))
    return [customer for _, customer in ranked[:limit]]


def _has_vat(customer: Customer, vat: VatNumber, read_vat: ReadVat) -> bool:
    """Say whether a customer has a VAT number."""
    # The last digits are compared first, for that is quick.
    if digits_of(vat.number)[-5:] not in digits_of(customer.vat_number or ""):
        return False
    return read_vat(customer.vat_number, iso_country(customer.country)).key == vat.key


def _rank(parts: list[str], customer: Customer) -> tuple[int, bool] | None:
    """Rank a hit, of which a lower one is better. None for no hit."""
    fields = _Fields(customer)
    ranks = [fields.rank(part) for part in parts]
    hits = [rank for rank in ranks if rank is not None]
    # Blocked customers stand after their like.
    return (sum(hits), customer.blocked) if len(hits) == len(ranks) else None


def searched_text(customer: Customer) -> str:
    """Return all that a part of a query can stand in, for finding those who may have every part."""
    fields = _Fields(customer)
    return "\n".join((fields.code, " ".join(fields.name), fields.vat, " ".join(fields.city)))


class _Fields:
    """What of a customer can be searched."""

    def __init__(self, customer: Customer) -> None:
        self.code = shown(customer.code).casefold()
        self.name = words_of(customer.name)
        self.vat = "".join(sign for sign in (customer.vat_number or "").casefold() if sign.isalnum())
        self.city = words_of(customer.city or "")

    def rank(self, part: str) -> int | None:
        """Say how well one part fits. The best is the code, then the start of the name."""
        fits = (
            part == self.code,
            self.code.lstrip("0").startswith(part) or self.code.startswith(part),
            self.name[:1] and self.name[0].startswith(part),
            any(word.startswith(part) for word in self.name),
            bool(self.vat) and (self.vat.startswith(part) or (_has_digit(part) and part in self.vat)),
            any(word.startswith(part) for word in self.city),
            part in " ".join(self.name),
        )

        return next((rank for rank, fit in enumerate(fits) if fit), None)


def _has_digit(text: str) -> bool:
    return any(sign.isdigit() for sign in text)
