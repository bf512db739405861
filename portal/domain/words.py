"""The words of a text in a spelling that can be compared."""

import re
import unicodedata

SPELLINGS = str.maketrans(
    {"ß": "ss", "ø": "o", "ł": "l", "æ": "ae", "œ": "oe", "&": " + ", "+": " + ", ".": ""}
)


def words_of(text: str) -> list[str]:
    """Return the words of a text without case, accents, apostrophes and dots."""
    # The sign ``&`` is a word of its own.
    plain = unicodedata.normalize("NFKD", text.casefold().translate(SPELLINGS))
    return re.findall(r"[^\W_]+|\+", re.sub(r"[\u0300-\u036f'’]", "", plain))
