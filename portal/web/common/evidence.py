"""The words for evidence about a customer, and for how a link was decided."""

from collections.abc import Iterable

from flask_babel import lazy_gettext as _l

from portal.domain.customers.signs import AGAINST, Sign
from portal.domain.customers.states import LinkOrigin

SIGNS = {
    Sign.SAME_VAT: _l("same VAT number"),
    Sign.SAME_DOUBTFUL_VAT: _l("same VAT number, but its check digit is wrong"),
    Sign.SAME_REGISTER: _l("same chamber of commerce number"),
    Sign.SAME_NAME: _l("same name"),
    Sign.SIMILAR_NAME: _l("similar name"),
    Sign.SAME_EMAIL: _l("same e-mail"),
    Sign.SAME_DOMAIN: _l("same e-mail domain"),
    Sign.SAME_CITY: _l("same city"),
    Sign.SAME_COUNTRY: _l("same country"),
    Sign.OTHER_VAT: _l("another VAT number"),
    Sign.OTHER_NAME: _l("another name"),
    Sign.OTHER_FORM: _l("another legal form"),
    Sign.OTHER_REGISTER: _l("another chamber of commerce number"),
    Sign.OTHER_COUNTRY: _l("another country"),
    Sign.UNKNOWN_COUNTRY: _l("the country on the invoice is not known"),
    Sign.OTHER_CITY: _l("another city"),
    Sign.SHARED_VAT: _l("several customers have this VAT number"),
    Sign.SHARED_NAME: _l("several customers have this name"),
    Sign.BLOCKED: _l("blocked in Exact"),
    Sign.NOT_A_CUSTOMER: _l("not a customer in Exact"),
    Sign.ENDED: _l("ended in Exact"),
}
ORIGINS = {
    LinkOrigin.CERTAIN: _l("By the portal"),
    LinkOrigin.CHOSEN: _l("Chosen"),
    LinkOrigin.CREATED: _l("Created for it"),
    LinkOrigin.ENTRY: _l("From an entry in Exact"),
    LinkOrigin.UNKNOWN: _l("Not recorded"),
}


def sign_words(signs: Iterable[Sign]) -> str:
    """Name signs of evidence, with commas between."""
    return ", ".join(str(SIGNS[sign]) for sign in signs)


def for_signs(signs: Iterable[Sign]) -> list[Sign]:
    """Return what speaks for a customer."""
    return [sign for sign in signs if sign not in AGAINST]


def against_signs(signs: Iterable[Sign]) -> list[Sign]:
    """Return what speaks against a customer."""
    return [sign for sign in signs if sign in AGAINST]


def origin_words(how: str) -> str:
    """Say in words how a link was decided."""
    return str(ORIGINS[LinkOrigin(how)])
