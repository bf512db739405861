"""What speaks for a customer being an invoice's buyer, and what against."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher

from portal.domain.catalogue import Customer
from portal.domain.countries import iso_country
from portal.domain.invoice import BillTo
from portal.domain.names import full_vat, legal_form, normalise_name, words_of

SAME_VAT, SAME_NAME, SIMILAR_NAME = "same VAT number", "same name", "similar name"
SAME_EMAIL, SAME_CITY = "same e-mail", "same city"
OTHER_VAT, OTHER_FORM = "another VAT number", "another legal form"
BLOCKED, NOT_A_CUSTOMER, ENDED = "blocked in Exact", "not a customer in Exact", "ended in Exact"

WEIGHT = {SAME_VAT: 100.0, SAME_NAME: 60.0, SIMILAR_NAME: 45.0, SAME_EMAIL: 20.0, SAME_CITY: 5.0}
DOUBT = {OTHER_VAT: 30.0, OTHER_FORM: 5.0, BLOCKED: 10.0, NOT_A_CUSTOMER: 8.0, ENDED: 10.0}
SIMILAR = 0.8
CUSTOMER_STATUS = "C"

Score = Callable[[str, str], float]
"""How alike two normalised names are, from 0 to 1."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A customer that may be the buyer: what agrees and what contradicts, in words."""

    customer: Customer
    agrees: tuple[str, ...]
    contradicts: tuple[str, ...]
    strength: float


class Buyer:
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
        strength = sum(agrees.values()) - sum(DOUBT[each] for each in contradicts)
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
            OTHER_FORM: bool(self.form and form and self.form != form and not (self.vat and self.vat == vat)),
            BLOCKED: customer.blocked,
            NOT_A_CUSTOMER: customer.status != CUSTOMER_STATUS,
            ENDED: ended is not None and (self.today is None or ended < self.today),
        }
        return tuple(doubt for doubt, speaks in doubts.items() if speaks)


class Likeness:
    """The likeness of two names by difflib; quick where the first stays the same."""

    def __init__(self) -> None:
        self._wanted = ""
        self._matcher = SequenceMatcher(autojunk=False)

    def __call__(self, wanted: str, name: str) -> float:
        """Return a likeness from 0 to 1; 0 where it is surely below what counts as similar."""
        if self._wanted != wanted:
            self._wanted = wanted
            self._matcher.set_seq2(wanted)
        self._matcher.set_seq1(name)
        for bound in (self._matcher.real_quick_ratio, self._matcher.quick_ratio):
            if bound() < SIMILAR:
                return 0.0
        return self._matcher.ratio()


def _vat_of(customer: Customer) -> str:
    return full_vat(customer.vat_number, iso_country(customer.country))


def _emails(text: str | None) -> set[str]:
    """Return the addresses in a field that may hold several."""
    return {
        part for part in (text or "").casefold().replace(",", " ").replace(";", " ").split() if "@" in part
    }
