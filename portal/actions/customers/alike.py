"""The customers that can be certain, or leave another in doubt, found without a look at all others."""

from collections.abc import Iterable
from functools import lru_cache

from portal.domain.booking.catalogue import Customer
from portal.domain.booking.invoice import BillTo
from portal.domain.countries import iso_country
from portal.domain.customers.names import normalise_name
from portal.vat_numbers import read_vat

# Names and VAT numbers whose keys are remembered.
REMEMBERED = 100_000


class Customers:
    """The customers of a connection by what can make one certain: the same name, the same VAT number."""

    def __init__(self, customers: Iterable[Customer]) -> None:
        self._by_key: dict[str, list[tuple[int, Customer]]] = {}
        for place, customer in enumerate(customers):
            for key in keys_of(customer.name, customer.vat_number, customer.country):
                self._by_key.setdefault(key, []).append((place, customer))

    def alike(self, buyer: BillTo) -> list[Customer]:
        """Return all who may be certain, or stand in the way of another's being so, in their order."""
        found: dict[int, Customer] = {}
        for key in keys_of(buyer.name, buyer.vat, buyer.country):
            found |= dict(self._by_key.get(key, []))
        return [found[place] for place in sorted(found)]


@lru_cache(REMEMBERED)
def keys_of(name: str, vat_number: str | None, country: str | None) -> tuple[str, ...]:
    """Return the keys by which two companies are the same for certain."""
    key = normalise_name(name)
    vat = read_vat(vat_number, iso_country(country)).key
    return (*((f"name {key}",) if key else ()), *((f"vat {vat}",) if vat else ()))
