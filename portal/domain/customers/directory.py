"""Many customers, put in order once, so that a buyer is compared with those alone who may be it."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence

from portal.domain.booking.catalogue import Customer
from portal.domain.booking.invoice import BillTo
from portal.domain.countries import iso_country
from portal.domain.customers.emails import domains_of, emails_of
from portal.domain.customers.evidence import Buyer
from portal.domain.customers.names import normalise_name
from portal.domain.customers.registers import read_register
from portal.domain.customers.vat_numbers import ReadVat

Near = Callable[[str, Sequence[str]], Iterable[int]]
"""The places of the names that may be similar to a name, where one too many does no harm."""


class Directory:
    """Customers by everything that can speak for one of them."""

    # Who has nothing of this in common with a buyer agrees at most in the city, and is never suggested.

    def __init__(self, customers: Sequence[Customer], *, near: Near, read_vat: ReadVat) -> None:
        self.customers = customers
        self.near = near
        self.read_vat = read_vat
        self._by_key: dict[str, list[int]] = defaultdict(list)
        self._by_name: dict[str, list[int]] = defaultdict(list)

        for place, customer in enumerate(customers):
            self._by_name[normalise_name(customer.name)].append(place)
            vat = read_vat(customer.vat_number, iso_country(customer.country)).key
            register = read_register(customer.chamber_of_commerce)
            for key in _keys(vat, register, emails_of(customer.email)):
                self._by_key[key].append(place)

        self._by_name.pop("", None)
        self._names = list(self._by_name)
        self._words = [frozenset(name.split()) for name in self._names]
        self._by_word: dict[str, list[int]] = defaultdict(list)
        for at, words in enumerate(self._words):
            for word in words:
                self._by_word[word].append(at)

    def likely(self, bill_to: BillTo) -> list[Customer]:
        """Return all who have something in common with a buyer, in their order."""
        buyer = Buyer(bill_to, _never, None, self.read_vat)
        places: set[int] = set()
        for key in _keys(buyer.vat.key, buyer.register, buyer.emails):
            places.update(self._by_key.get(key, ()))

        for at in self._names_like(buyer):
            places.update(self._by_name[self._names[at]])

        return [self.customers[place] for place in sorted(places)]

    def _names_like(self, buyer: Buyer) -> Iterator[int]:
        """Yield the names that may be similar, and those whose words all stand in the other one."""
        if not buyer.name:
            return

        yield from self.near(buyer.name, self._names)
        shared: Counter[int] = Counter()
        for word in buyer.words:
            shared.update(self._by_word.get(word, ()))

        for at, count in shared.items():
            if count in (len(buyer.words), len(self._words[at])):
                yield at


def _keys(vat: str, register: str, emails: set[str]) -> Iterator[str]:
    """Yield what two companies can have in common besides their names."""
    if vat:
        yield f"vat {vat}"
    if register:
        yield f"register {register}"

    yield from (f"email {email}" for email in emails)
    yield from (f"domain {domain}" for domain in domains_of(emails))


def _never(_one: str, _other: str) -> float:
    return 0.0
