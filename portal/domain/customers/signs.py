"""The signs by which a customer is known, and how much each weighs."""

from enum import StrEnum


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
