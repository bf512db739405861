"""The customers that can be certain, or leave another in doubt, found without a look at all others."""

from collections.abc import Iterable
from functools import lru_cache

from sqlalchemy.orm import Session

from portal.domain.booking.catalogue import Customer
from portal.domain.booking.invoice import BillTo
from portal.domain.countries import iso_country
from portal.domain.customers.names import normalise_name
from portal.store.catalogue import customers_with, find_customer
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


def customers_alike(
    session: Session, connection_id: int, buyer: BillTo | None, chosen: str | None = None
) -> list[Customer]:
    """Read those who may be certain, or stand in the way, and the chosen one besides."""
    if buyer is None:
        return []

    vat = read_vat(buyer.vat, iso_country(buyer.country)).key
    found = customers_with(session, connection_id, [normalise_name(buyer.name)], [vat])
    if chosen is None or any(each.id == chosen for each in found):
        return found

    customer = find_customer(session, connection_id, chosen)
    return [*found, customer] if customer else found


def all_alike(session: Session, connection_id: int, buyers: Iterable[BillTo]) -> Customers:
    """Read those who may be certain for some buyers, or stand in the way, by one statement."""
    every = list(buyers)
    names = [normalise_name(buyer.name) for buyer in every]
    numbers = [read_vat(buyer.vat, iso_country(buyer.country)).key for buyer in every]
    return Customers(customers_with(session, connection_id, names, numbers))


@lru_cache(REMEMBERED)
def keys_of(name: str, vat_number: str | None, country: str | None) -> tuple[str, ...]:
    """Return the keys by which two companies are the same for certain."""
    key = normalise_name(name)
    vat = read_vat(vat_number, iso_country(country)).key
    return (*((f"name {key}",) if key else ()), *((f"vat {vat}",) if vat else ()))
