"""Which Exact customer an invoice's buyer is, best first, and when that is certain."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from portal.domain.booking.catalogue import Customer
from portal.domain.booking.invoice import BillTo
from portal.domain.customers.evidence import Buyer, Suggestion
from portal.domain.customers.likeness import Likeness, Score
from portal.domain.customers.signs import UNUSABLE, VAT_SIGNS, Sign
from portal.domain.customers.vat_numbers import ReadVat

# What leaves a customer with the same name in doubt.
NOT_BY_NAME = UNUSABLE | {
    Sign.OTHER_VAT,
    Sign.OTHER_REGISTER,
    Sign.OTHER_COUNTRY,
    Sign.UNKNOWN_COUNTRY,
    Sign.OTHER_FORM,
    Sign.SHARED_NAME,
}
# What leaves one with the same VAT number in doubt.
NOT_BY_VAT = UNUSABLE | {Sign.OTHER_NAME, Sign.SHARED_VAT}


def suggest_customers(
    bill_to: BillTo,
    customers: Sequence[Customer],
    limit: int = 8,
    score: Score | None = None,
    *,
    read_vat: ReadVat,
    today: date | None = None,
) -> list[Suggestion]:
    """Return who may be the buyer, best first."""
    # Without a day every end date counts as past.
    buyer = Buyer(bill_to, score or Likeness(), today, read_vat)
    found = _compare_all(buyer, customers)
    found.sort(key=lambda each: (-each.strength, each.customer.name, each.customer.code))
    return found[:limit]


def certain_match(
    bill_to: BillTo, customers: Sequence[Customer], *, read_vat: ReadVat, today: date | None = None
) -> Suggestion | None:
    """Return the one customer that surely is the buyer, None where there is any doubt."""
    found = _compare_all(Buyer(bill_to, _no_likeness, today, read_vat), customers)

    same_vat = [each for each in found if VAT_SIGNS & set(each.agrees)]
    same_name = [each for each in found if Sign.SAME_NAME in each.agrees]
    # A VAT number decides before a name does.
    if same_vat:
        return _certain_by_vat(same_vat, same_name)

    if len(same_name) != 1 or NOT_BY_NAME & set(same_name[0].contradicts):
        return None

    return same_name[0]


def is_the_buyer(
    bill_to: BillTo, customer: Customer, *, read_vat: ReadVat, today: date | None = None
) -> bool:
    """Say whether one customer bears the buyer's VAT number or name, and nothing speaks against it."""
    # Where something was booked long ago, it does not matter that the customer is blocked or ended by now.
    found = Buyer(bill_to, _no_likeness, today, read_vat).compare(customer)
    if found is None:
        return False

    against = set(found.contradicts) - UNUSABLE
    if VAT_SIGNS & set(found.agrees):
        return not NOT_BY_VAT & against

    return Sign.SAME_NAME in found.agrees and not NOT_BY_NAME & against


def judge_customer(
    bill_to: BillTo,
    customer: Customer,
    customers: Sequence[Customer],
    *,
    read_vat: ReadVat,
    today: date | None = None,
) -> Suggestion:
    """Return what speaks for and against one customer, even if nothing does."""
    found = _compare_all(Buyer(bill_to, Likeness(), today, read_vat), customers)
    judged = (each for each in found if each.customer.id == customer.id)
    return next(judged, Suggestion(customer, (), (), 0.0))


def _certain_by_vat(same_vat: list[Suggestion], same_name: list[Suggestion]) -> Suggestion | None:
    [first, *more] = same_vat
    if more or NOT_BY_VAT & set(first.contradicts):
        return None
    if first in same_name:
        return first

    # A number with a wrong check digit may be anybody's, and another customer may bear the very name.
    return None if same_name or Sign.SAME_DOUBTFUL_VAT in first.agrees else first


def _no_likeness(_one: str, _other: str) -> float:
    return 0.0


def _compare_all(buyer: Buyer, customers: Sequence[Customer]) -> list[Suggestion]:
    """Compare with every customer."""
    found = [suggestion for each in customers if (suggestion := buyer.compare(each))]
    # What several have in common is said against each of them.
    shares_vat = sum(bool(VAT_SIGNS & set(each.agrees)) for each in found) > 1
    shares_name = sum(Sign.SAME_NAME in each.agrees for each in found) > 1
    if not shares_vat and not shares_name:
        return found
    return [_with_shared(each, shares_vat, shares_name) for each in found]


def _with_shared(each: Suggestion, shares_vat: bool, shares_name: bool) -> Suggestion:
    shared = []
    if shares_vat and VAT_SIGNS & set(each.agrees):
        shared.append(Sign.SHARED_VAT)
    if shares_name and Sign.SAME_NAME in each.agrees:
        shared.append(Sign.SHARED_NAME)
    return replace(each, contradicts=(*each.contradicts, *shared))
