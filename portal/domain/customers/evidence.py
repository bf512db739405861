"""What speaks for a customer being an invoice's buyer, and what against."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from enum import StrEnum

from portal.domain.booking.catalogue import Customer
from portal.domain.booking.invoice import BillTo
from portal.domain.countries import iso_country
from portal.domain.customers.name_fit import NameFit, fit_names
from portal.domain.customers.names import legal_form, normalise_name, words_of
from portal.domain.customers.vat_numbers import ReadVat, VatNumber


class Sign(StrEnum):
    """A piece of evidence. People's words for it are made where it is shown."""

    SAME_VAT = "same_vat"
    SAME_DOUBTFUL_VAT = "same_doubtful_vat"
    SAME_REGISTER = "same_register"
    SAME_NAME = "same_name"
    SIMILAR_NAME = "similar_name"
    SAME_EMAIL = "same_email"
    SAME_DOMAIN = "same_domain"
    SAME_CITY = "same_city"
    SAME_COUNTRY = "same_country"

    OTHER_VAT = "other_vat"
    OTHER_NAME = "other_name"
    OTHER_FORM = "other_form"
    OTHER_REGISTER = "other_register"
    OTHER_COUNTRY = "other_country"
    UNKNOWN_COUNTRY = "unknown_country"
    OTHER_CITY = "other_city"
    SHARED_VAT = "shared_vat"
    SHARED_NAME = "shared_name"
    BLOCKED = "blocked"
    NOT_A_CUSTOMER = "not_a_customer"
    ENDED = "ended"


WEIGHT = {
    Sign.SAME_VAT: 100.0,
    Sign.SAME_DOUBTFUL_VAT: 50.0,
    Sign.SAME_REGISTER: 50.0,
    Sign.SAME_NAME: 60.0,
    Sign.SIMILAR_NAME: 45.0,
    Sign.SAME_EMAIL: 20.0,
    Sign.SAME_DOMAIN: 12.0,
    Sign.SAME_CITY: 5.0,
    Sign.SAME_COUNTRY: 1.0,
}
DOUBT = {
    Sign.OTHER_VAT: 30.0,
    Sign.OTHER_NAME: 10.0,
    Sign.OTHER_FORM: 5.0,
    Sign.OTHER_REGISTER: 20.0,
    Sign.OTHER_COUNTRY: 20.0,
    Sign.UNKNOWN_COUNTRY: 5.0,
    Sign.OTHER_CITY: 2.0,
    Sign.BLOCKED: 10.0,
    Sign.NOT_A_CUSTOMER: 8.0,
    Sign.ENDED: 10.0,
}
AGAINST = frozenset((*DOUBT, Sign.SHARED_VAT, Sign.SHARED_NAME))
# What agrees with too many to propose anybody by itself.
ASIDE = frozenset((Sign.SAME_CITY, Sign.SAME_COUNTRY))
UNUSABLE = frozenset((Sign.BLOCKED, Sign.NOT_A_CUSTOMER, Sign.ENDED))
VAT_SIGNS = frozenset((Sign.SAME_VAT, Sign.SAME_DOUBTFUL_VAT))
SIMILAR = 0.8
CUSTOMER_STATUS = "C"
# Countries with one register of VAT numbers are no contradiction to each other.
ONE_AREA = {"MC": "FR", "IM": "GB"}
# Addresses under these tell nothing about a company.
MAIL_FOR_ALL = """
    gmail.com googlemail.com hotmail.com hotmail.nl hotmail.be hotmail.fr outlook.com outlook.be
    live.com live.nl live.be msn.com yahoo.com yahoo.fr yahoo.de icloud.com me.com mac.com aol.com
    gmx.de gmx.net gmx.at gmx.ch web.de t-online.de freenet.de kpnmail.nl ziggo.nl planet.nl
    hetnet.nl home.nl xs4all.nl upcmail.nl telenet.be skynet.be proximus.be scarlet.be orange.fr
    wanadoo.fr free.fr laposte.net bluewin.ch proton.me protonmail.com
"""
EVERYBODYS = frozenset(MAIL_FOR_ALL.split())
# Where the VAT number holds the number of the trade register.
HOLDS_REGISTER = frozenset(("BE", "CH", "NO"))
SIREN = 9

Score = Callable[[str, str], float]
"""How alike two normalised names are, from 0 to 1."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A customer that may be the buyer: what agrees and what contradicts."""

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
        self.vat_digits = _digits(self.vat.number)[-5:]
        self.register = _register_of(self.vat, bill_to.vat)
        self.country = iso_country(bill_to.country) or self.vat.country
        self.is_from_unknown = not self.country and any(map(str.isalpha, bill_to.country or ""))
        self.emails = _emails(bill_to.email)
        self.domains = _domains(self.emails)
        self.city = " ".join(words_of(bill_to.city or ""))
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

        if self.register and self.register == _register(customer.chamber_of_commerce):
            agrees[Sign.SAME_REGISTER] = WEIGHT[Sign.SAME_REGISTER]

        agrees |= self._name_agrees(customer, bool(VAT_SIGNS & set(agrees)))
        emails = _emails(customer.email) if self.emails else set()

        if self.emails & emails:
            agrees[Sign.SAME_EMAIL] = WEIGHT[Sign.SAME_EMAIL]
        elif self.domains & _domains(emails):
            agrees[Sign.SAME_DOMAIN] = WEIGHT[Sign.SAME_DOMAIN]

        if self.city and self.city == " ".join(words_of(customer.city or "")):
            agrees[Sign.SAME_CITY] = WEIGHT[Sign.SAME_CITY]

        return agrees

    def _name_agrees(self, customer: Customer, same_vat: bool) -> dict[Sign, float]:
        """Say whether the names agree. Where the VAT number does, likeness alone is not enough."""
        name = normalise_name(customer.name)
        if self.name and self.name == name:
            return {Sign.SAME_NAME: WEIGHT[Sign.SAME_NAME]}

        if same_vat:
            is_close = fit_names(self.given_name, customer.name) is NameFit.CLOSE
            return {Sign.SIMILAR_NAME: WEIGHT[Sign.SIMILAR_NAME]} if is_close else {}

        likeness = self._likeness(name)
        return {Sign.SIMILAR_NAME: WEIGHT[Sign.SIMILAR_NAME] * likeness} if likeness >= SIMILAR else {}

    def _has_vat_of(self, customer: Customer) -> bool:
        """Say whether the VAT numbers agree. Their last digits are compared first, for that is quick."""
        if not self.vat or self.vat_digits not in _digits(customer.vat_number or ""):
            return False
        return self._vat_of(customer).key == self.vat.key

    def _vat_of(self, customer: Customer) -> VatNumber:
        return self.read_vat(customer.vat_number, iso_country(customer.country))

    def _likeness(self, name: str) -> float:
        """Return how alike the names are; one whose words all stand in the other is similar."""
        words = set(name.split())
        shorter = min(self.words, words, key=len)
        if len("".join(shorter)) > 2 and (self.words <= words or words <= self.words):
            return max(SIMILAR, self.score(self.name, name))
        return self.score(self.name, name) if self.name and name else 0.0

    def _contradictions(
        self, customer: Customer, vat: VatNumber, country: str | None, agrees: dict[Sign, float]
    ) -> tuple[Sign, ...]:
        form = legal_form(customer.name)
        city = " ".join(words_of(customer.city or ""))
        ended = customer.ended_on
        same_vat = bool(VAT_SIGNS & set(agrees))
        register = _register(customer.chamber_of_commerce)
        doubts = {
            Sign.OTHER_VAT: bool(self.vat and vat and not same_vat),
            Sign.OTHER_NAME: not {Sign.SAME_NAME, Sign.SIMILAR_NAME} & set(agrees),
            Sign.OTHER_FORM: bool(self.form and form and self.form != form and not same_vat),
            Sign.OTHER_REGISTER: _are_other_registers(self.register, register) and not same_vat,
            Sign.OTHER_COUNTRY: bool(self.country and country and _area(self.country) != _area(country)),
            Sign.UNKNOWN_COUNTRY: bool(self.is_from_unknown and country),
            Sign.OTHER_CITY: bool(self.city and city and self.city != city),
            Sign.BLOCKED: customer.blocked,
            Sign.NOT_A_CUSTOMER: customer.status != CUSTOMER_STATUS,
            Sign.ENDED: ended is not None and (self.today is None or ended < self.today),
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


def _area(country: str) -> str:
    return ONE_AREA.get(country, country)


def _digits(text: str) -> str:
    return "".join(sign for sign in text if sign.isdigit())


def _register(text: str | None) -> str:
    """Return the digits of a number of the trade register without idle zeros. Empty for none."""
    digits = _digits(text or "").lstrip("0")
    return digits if len(digits) >= 6 and len(set(digits)) > 1 else ""


def _are_other_registers(one: str, other: str) -> bool:
    """Say whether two numbers are of one register and differ. Those of different lengths are of two."""
    return len(one) == len(other) and one != other


def _register_of(vat: VatNumber, given: str | None) -> str:
    """Return the number of the trade register that a VAT number holds, or that stands in its place."""
    if not vat:
        return _register(given) if not vat.is_several else ""
    if vat.country in HOLDS_REGISTER:
        return _register(vat.number)
    return _register(vat.number[-SIREN:]) if vat.country == "FR" else ""


def _domains(emails: set[str]) -> set[str]:
    return {email.rsplit("@", 1)[1] for email in emails} - EVERYBODYS


def _emails(text: str | None) -> set[str]:
    """Return the addresses in a field that may hold several."""
    return {
        part for part in (text or "").casefold().replace(",", " ").replace(";", " ").split() if "@" in part
    }
