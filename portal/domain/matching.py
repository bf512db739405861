"""Which Exact customer an invoice's buyer is, best first, and when that is certain."""

from collections.abc import Sequence
from datetime import date

from portal.domain.catalogue import Customer
from portal.domain.customer_search import search_customers
from portal.domain.evidence import SAME_NAME, SAME_VAT, Buyer, Likeness, Score, Suggestion
from portal.domain.invoice import BillTo
from portal.domain.names import normalise_name, normalise_vat
from portal.domain.new_customer import find_too_long, new_customer_from

__all__ = [
    "Suggestion",
    "certain_match",
    "find_too_long",
    "new_customer_from",
    "normalise_name",
    "normalise_vat",
    "search_customers",
    "suggest_customers",
]


def suggest_customers(
    bill_to: BillTo,
    customers: Sequence[Customer],
    limit: int = 8,
    score: Score | None = None,
    *,
    today: date | None = None,
) -> list[Suggestion]:
    """Return who may be the buyer, best first; without ``today`` every end date counts as past."""
    buyer = Buyer(bill_to, score or Likeness(), today)
    found = [suggestion for each in customers if (suggestion := buyer.compare(each))]
    found.sort(key=lambda each: (-each.strength, each.customer.name, each.customer.code))
    return found[:limit]


def certain_match(
    bill_to: BillTo, customers: Sequence[Customer], *, today: date | None = None
) -> Customer | None:
    """Return the one customer that surely is the buyer; None with none, with two or with any doubt.

    A VAT number decides before a name does.
    """
    buyer = Buyer(bill_to, lambda _one, _other: 0.0, today)
    found = [suggestion for each in customers if (suggestion := buyer.compare(each))]
    for agreement in (SAME_VAT, SAME_NAME):
        agreeing = [each for each in found if agreement in each.agrees]
        if agreeing:
            [first, *more] = agreeing
            return None if more or first.contradicts else first.customer
    return None
