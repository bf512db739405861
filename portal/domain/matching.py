"""Which Exact customer an invoice's buyer is: what speaks for each, what against, and when it is certain."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher

from portal.domain.catalogue import Customer, NewCustomer, shown
from portal.domain.countries import iso_country
from portal.domain.invoice import BillTo
from portal.domain.names import full_vat, legal_form, normalise_name, normalise_vat, words_of

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

SAME_VAT, SAME_NAME, SIMILAR_NAME = "same VAT number", "same name", "similar name"
SAME_EMAIL, SAME_CITY = "same e-mail", "same city"
OTHER_VAT, OTHER_FORM = "another VAT number", "another legal form"
BLOCKED, NOT_A_CUSTOMER, ENDED = "blocked in Exact", "not a customer in Exact", "ended in Exact"

WEIGHT = {SAME_VAT: 100.0, SAME_NAME: 60.0, SIMILAR_NAME: 45.0, SAME_EMAIL: 20.0, SAME_CITY: 5.0}
DOUBT = {OTHER_VAT: 30.0, OTHER_FORM: 5.0, BLOCKED: 10.0, NOT_A_CUSTOMER: 8.0, ENDED: 10.0}
SIMILAR = 0.8
CUSTOMER_STATUS = "C"
LIMITS = {"name": 50, "address": 100, "zipcode": 20, "city": 100, "phone": 50}

Score = Callable[[str, str], float]
"""How alike two normalised names are, from 0 to 1."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A customer that may be the buyer: what agrees and what contradicts, in words."""

    customer: Customer
    agrees: tuple[str, ...]
    contradicts: tuple[str, ...]
    strength: float


def suggest_customers(
    bill_to: BillTo,
    customers: Sequence[Customer],
    limit: int = 8,
    score: Score | None = None,
    *,
    today: date | None = None,
) -> list[Suggestion]:
    """Return who may be the buyer, best first; without ``today`` every end date counts as past."""
    buyer = _Buyer(bill_to, score or Likeness(), today)
    found = [suggestion for each in customers if (suggestion := buyer.compare(each))]
    found.sort(key=lambda each: (-each.strength, each.customer.name, each.customer.code))
    return found[:limit]


def certain_match(
    bill_to: BillTo, customers: Sequence[Customer], *, today: date | None = None
) -> Customer | None:
    """Return the one customer that surely is the buyer; None with none, with two or with any doubt.

    A VAT number decides before a name does.
    """
    buyer = _Buyer(bill_to, lambda _one, _other: 0.0, today)
    found = [suggestion for each in customers if (suggestion := buyer.compare(each))]
    for agreement in (SAME_VAT, SAME_NAME):
        agreeing = [each for each in found if agreement in each.agrees]
        if agreeing:
            [first, *more] = agreeing
            return None if more or first.contradicts else first.customer
    return None


class _Buyer:
    """A buyer, prepared to be compared with many customers."""

    def __init__(self, bill_to: BillTo, score: Score, today: date | None) -> None:
        self.name = normalise_name(bill_to.name)
        self.words = set(self.name.split())
        self.form = legal_form(bill_to.name)
        self.vat = full_vat(bill_to.vat, iso_country(bill_to.country))
        self.emails = _emails(bill_to.email)
        self.city = " ".join(words_of(bill_to.city or ""))
        self.score = score
        self.today = today

    def compare(self, customer: Customer) -> Suggestion | None:
        """Weigh a customer; None where neither VAT number, name nor e-mail agrees."""
        agrees = self._agreements(customer)
        if not set(agrees) - {SAME_CITY}:
            return None
        contradicts = self._contradictions(customer)
        likeness = agrees.values()
        strength = sum(likeness) - sum(DOUBT[each] for each in contradicts)
        return Suggestion(customer, tuple(agrees), contradicts, strength)

    def _agreements(self, customer: Customer) -> dict[str, float]:
        """Return what agrees with its weight, the weightiest kind first."""
        name = normalise_name(customer.name)
        agrees: dict[str, float] = {}
        if self.vat and self.vat == _vat_of(customer):
            agrees[SAME_VAT] = WEIGHT[SAME_VAT]
        if self.name and self.name == name:
            agrees[SAME_NAME] = WEIGHT[SAME_NAME]
        elif (likeness := self._likeness(name)) >= SIMILAR:
            agrees[SIMILAR_NAME] = WEIGHT[SIMILAR_NAME] * likeness
        if self.emails & _emails(customer.email):
            agrees[SAME_EMAIL] = WEIGHT[SAME_EMAIL]
        if self.city and self.city == " ".join(words_of(customer.city or "")):
            agrees[SAME_CITY] = WEIGHT[SAME_CITY]
        return agrees

    def _likeness(self, name: str) -> float:
        """Return how alike the names are; one whose words all stand in the other is similar."""
        words = set(name.split())
        shorter = min(self.words, words, key=len)
        if len("".join(shorter)) > 2 and (self.words <= words or words <= self.words):
            return max(SIMILAR, self.score(self.name, name))
        return self.score(self.name, name) if self.name and name else 0.0

    def _contradictions(self, customer: Customer) -> tuple[str, ...]:
        vat, form = _vat_of(customer), legal_form(customer.name)
        ended = customer.ended_on
        doubts = {
            OTHER_VAT: bool(self.vat and vat and self.vat != vat),
            OTHER_FORM: bool(self.form and form and self.form != form and self.vat != vat),
            BLOCKED: customer.blocked,
            NOT_A_CUSTOMER: customer.status != CUSTOMER_STATUS,
            ENDED: ended is not None and (self.today is None or ended < self.today),
        }
        return tuple(doubt for doubt, speaks in doubts.items() if speaks)


class Likeness:
    """The likeness of two names by difflib; quick where the first stays the same."""

    def __init__(self) -> None:
        self._matcher = SequenceMatcher(autojunk=False)

    def __call__(self, wanted: str, name: str) -> float:
        """Return a likeness from 0 to 1; below what counts as similar it is an upper bound."""
        if self._matcher.b != wanted:
            self._matcher.set_seq2(wanted)
        self._matcher.set_seq1(name)
        return next(
            (bound for bound in (self._matcher.real_quick_ratio(),) if bound < SIMILAR),
            self._matcher.ratio(),
        )


def _vat_of(customer: Customer) -> str:
    return full_vat(customer.vat_number, iso_country(customer.country))


def _emails(text: str | None) -> set[str]:
    """Return the addresses in a field that may hold several."""
    return {part for part in (text or "").casefold().replace(",", " ").replace(";", " ").split() if "@" in part}


def search_customers(query: str, customers: Sequence[Customer], limit: int = 20) -> list[Customer]:
    """Return customers with every part of a query in their code, name, VAT number or city, best first."""
    parts = words_of(query)
    if not parts:
        return []
    ranked = [(rank, each) for each in customers if (rank := _rank(parts, each)) is not None]
    ranked.sort(key=lambda pair: (pair[0], pair[1].name.casefold(), pair[1].code))
    return [customer for _, customer in ranked[:limit]]


def _rank(parts: list[str], customer: Customer) -> tuple[int, bool] | None:
    """Rank a hit, lower is better, blocked ones after their like; None for no hit."""
    fields = _Fields(customer)
    ranks = [fields.rank(part) for part in parts]
    hits = [rank for rank in ranks if rank is not None]
    return (sum(hits), customer.blocked) if len(hits) == len(ranks) else None


class _Fields:
    """What of a customer can be searched."""

    def __init__(self, customer: Customer) -> None:
        self.code = shown(customer.code).casefold()
        self.name = words_of(customer.name)
        self.vat = normalise_vat(customer.vat_number).casefold()
        self.city = words_of(customer.city or "")

    def rank(self, part: str) -> int | None:
        """Say how well one part fits: the code, then a name's start, a word's start, anything else."""
        fits = (
            part == self.code,
            self.code.lstrip("0").startswith(part) or self.code.startswith(part),
            self.name[:1] and self.name[0].startswith(part),
            any(word.startswith(part) for word in self.name),
            part in self.vat,
            any(word.startswith(part) for word in self.city),
            part in " ".join(self.name),
        )
        return next((rank for rank, fit in enumerate(fits) if fit), None)


def new_customer_from(bill_to: BillTo) -> NewCustomer:
    """Prefill a new customer from a buyer; nothing is cut, ``find_too_long`` tells what must be shortened."""
    country = iso_country(bill_to.country)
    return NewCustomer(
        name=" ".join(bill_to.name.split()),
        vat_number=full_vat(bill_to.vat, country) or None,
        chamber_of_commerce=None,
        email=_plain(bill_to.email),
        phone=_plain(bill_to.phone),
        website=_plain(bill_to.website),
        address=", ".join(line.strip(" ,") for line in (bill_to.address or "").splitlines() if line.strip()) or None,
        zipcode=_plain(bill_to.zipcode),
        city=_plain(bill_to.city),
        country=country,
    )


def _plain(text: str | None) -> str | None:
    return " ".join((text or "").split()) or None


def find_too_long(customer: NewCustomer) -> dict[str, int]:
    """Return the fields that are longer than Exact takes, with the number of characters it takes."""
    return {field: limit for field, limit in LIMITS.items() if len(getattr(customer, field) or "") > limit}
