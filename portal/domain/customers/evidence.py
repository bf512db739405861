"""What speaks for a customer being the buyer of an invoice, and what against."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from portal.domain.booking.catalogue import Customer
from portal.domain.booking.invoice import BillTo
from portal.domain.countries import iso_country
from portal.domain.customers.emails import domains_of, emails_of
from portal.domain.customers.likeness import SIMILAR, Score
from portal.domain.customers.name_fit import NameFit, fit_names
from portal.domain.customers.names import legal_form, normalise_name
from portal.domain.customers.registers import are_other_registers, digits_of, read_register, register_of
from portal.domain.customers.signs import ASIDE, DOUBT, VAT_SIGNS, WEIGHT, Sign
from portal.domain.customers.vat_numbers import ReadVat, VatNumber
from portal.domain.words import words_of

CUSTOMER_STATUS = "C"
# Countries with one register of VAT numbers are no contradiction to each other.
ONE_AREA = {"MC": "FR", "IM": "GB", "IC": "ES", "EA": "ES"}


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A customer that may be the buyer, with what agrees and what contradicts."""

    customer: Customer
    agrees: tuple[Sign, ...]
    contradicts: tuple[Sign, ...]
    strength: float


class Buyer:
    """A buyer, prepared to be compared with many customers."""

    def __init__(self, bill_to: BillTo, score: Score, today: date | None, read_vat: ReadVat) -> None:
        self.given_name = bill_to.name
        self.name = normalise_name(bill_to.name)
        self.words = set(self.name.split())
        self.form = legal_form(bill_to.name)
        self.vat = read_vat(bill_to.vat, iso_country(bill_to.country))
        self.vat_digits = digits_of(self.vat.number)[-5:]
        self.register = register_of(self.vat, bill_to.vat)
        self.country = iso_country(bill_to.country) or self.vat.country
        self.is_from_unknown = not self.country and any(map(str.isalpha, bill_to.country or ""))
        self.emails = emails_of(bill_to.email)
        self.domains = domains_of(self.emails)
        self.city = spell_city(bill_to.city)
        self.score = score
        self.today = today
        self.read_vat = read_vat

    def compare(self, customer: Customer) -> Suggestion | None:
        """Weigh a customer. None where nothing agrees that tells one company from another."""
        agrees = self._agreements(customer)
        if not set(agrees) - ASIDE:
            return None

        vat = self._vat_of(customer)
        country = iso_country(customer.country) or vat.country
        if self.country and country and _area(self.country) == _area(country):
            agrees[Sign.SAME_COUNTRY] = WEIGHT[Sign.SAME_COUNTRY]

        contradicts = self._contradictions(customer, vat, country, agrees)
        strength = sum(agrees.values()) - sum(DOUBT[each] for each in contradicts)
        return Suggestion(customer, tuple(agrees), contradicts, strength)

    def _agreements(self, customer: Customer) -> dict[Sign, float]:
        """Return what agrees with its weight, the weightiest kind first."""
        agrees: dict[Sign, float] = {}
        if self._has_vat_of(customer):
            sign = Sign.SAME_VAT if self.vat.is_checked else Sign.SAME_DOUBTFUL_VAT
            agrees[sign] = WEIGHT[sign]

        if self.register and self.register == read_register(customer.chamber_of_commerce):
            agrees[Sign.SAME_REGISTER] = WEIGHT[Sign.SAME_REGISTER]

        agrees |= self._name_agrees(customer, bool(VAT_SIGNS & set(agrees)))
        emails = emails_of(customer.email) if self.emails else set()

        if self.emails & emails:
            agrees[Sign.SAME_EMAIL] = WEIGHT[Sign.SAME_EMAIL]
        elif self.domains & domains_of(emails):
            agrees[Sign.SAME_DOMAIN] = WEIGHT[Sign.SAME_DOMAIN]

        if self.city and self.city == spell_city(customer.city):
            agrees[Sign.SAME_CITY] = WEIGHT[Sign.SAME_CITY]

        return agrees

    def _name_agrees(self, customer: Customer, same_vat: bool) -> dict[Sign, float]:
        """Say whether the names agree."""
        name = normalise_name(customer.name)
        if self.name and self.name == name:
            return {Sign.SAME_NAME: WEIGHT[Sign.SAME_NAME]}

        # Where the VAT numbers agree, likeness alone is not enough.
        if same_vat:
            is_close = fit_names(self.given_name, customer.name) is NameFit.CLOSE
            return {Sign.SIMILAR_NAME: WEIGHT[Sign.SIMILAR_NAME]} if is_close else {}

        likeness = self._likeness(name)
        return {Sign.SIMILAR_NAME: WEIGHT[Sign.SIMILAR_NAME] * likeness} if likeness >= SIMILAR else {}

    def _has_vat_of(self, customer: Customer) -> bool:
        """Say whether the VAT numbers agree."""
        # Their last digits are compared first, for that is quick.
        if not self.vat or self.vat_digits not in digits_of(customer.vat_number or ""):
            return False
        return self._vat_of(customer).key == self.vat.key

    def _vat_of(self, customer: Customer) -> VatNumber:
        return self.read_vat(customer.vat_number, iso_country(customer.country))

    def _likeness(self, name: str) -> float:
        """Return how alike the names are."""
        # A name whose words all stand in the other one is similar.
        words = set(name.split())
        shorter = min(self.words, words, key=len)
        if len("".join(shorter)) > 2 and (self.words <= words or words <= self.words):
            return max(SIMILAR, self.score(self.name, name))
        return self.score(self.name, name) if self.name and name else 0.0

    def _contradictions(
        self, customer: Customer, vat: VatNumber, country: str | None, agrees: dict[Sign, float]
    ) -> tuple[Sign, ...]:
        form = legal_form(customer.name)
        city = spell_city(customer.city)
        ended = customer.ended_on
        same_vat = bool(VAT_SIGNS & set(agrees))
        register = read_register(customer.chamber_of_commerce)
        doubts = {
            Sign.OTHER_VAT: bool(self.vat and vat and not same_vat),
            Sign.OTHER_NAME: not {Sign.SAME_NAME, Sign.SIMILAR_NAME} & set(agrees),
            Sign.OTHER_FORM: bool(self.form and form and self.form != form and not same_vat),
            Sign.OTHER_REGISTER: are_other_registers(self.register, register) and not same_vat,
            Sign.OTHER_COUNTRY: bool(self.country and country and _area(self.country) != _area(country)),
            Sign.UNKNOWN_COUNTRY: bool(self.is_from_unknown and country),
            Sign.OTHER_CITY: bool(self.city and city and self.city != city),
            Sign.BLOCKED: customer.blocked,
            Sign.NOT_A_CUSTOMER: customer.status != CUSTOMER_STATUS,
            Sign.ENDED: ended is not None and (self.today is None or ended < self.today),
        }

        return tuple(doubt for doubt, speaks in doubts.items() if speaks)


@lru_cache(maxsize=16384)
def spell_city(city: str | None) -> str:
    """Return a city in a spelling that can be compared."""
    return " ".join(words_of(city or ""))


def _area(country: str) -> str:
    return ONE_AREA.get(country, country)
