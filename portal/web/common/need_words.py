"""What an invoice needs, in a word or two, as a row says it: "Needs you: VAT code"."""

from flask_babel import gettext as _

from portal.domain.copies.need_words import WORDS, word_of

# The codes that have a word.
SHORT_WORDS = frozenset(WORDS)


def short_word(code: str) -> str:
    """Say in a word or two and in the person's language what an invoice needs."""
    return str(_(word_of(code)))
