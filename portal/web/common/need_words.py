"""What an invoice needs, in a word or two, as a row says it: "Needs you: VAT code"."""

from flask_babel import gettext as _

from portal.domain.copies.need_words import word_of


def short_word(code: str) -> str:
    """Say in a word or two and in the person's language what an invoice needs."""
    return str(_(word_of(code)))
