"""Whether two names may be those of one company, where a VAT number agrees."""

# Companies of one group often share a VAT number, and a word more or less tells them apart.
# So only a word that says what kind of company it is may be left out, as *Brouwerij* before a name.

from enum import StrEnum

from portal.domain.customers.company_words import (
    ENUMERATORS,
    FILLERS,
    IDLE_WORDS,
    KIND_WORDS,
    SHORT_FORMS,
    UNIT_WORDS,
)
from portal.domain.customers.names import normalise_name
from portal.domain.customers.typos import is_typo

FEWEST_INITIALS = 3


class NameFit(StrEnum):
    """How two names fit: the same, close enough, one with a word more, or of another company."""

    SAME = "same"
    CLOSE = "close"
    WIDER = "wider"
    OTHER = "other"


def fit_names(one: str, other: str) -> NameFit:
    """Say how two names as written fit each other."""
    first = normalise_name(one)
    second = normalise_name(other)
    if not first or not second:
        return NameFit.OTHER
    if first == second:
        return NameFit.SAME

    return _fit_words(_words(first), _words(second))


def _words(name: str) -> list[str]:
    """Return the words that tell, short forms written out."""
    words = [SHORT_FORMS.get(word, word) for word in name.split()]
    told = [word for word in words if word not in FILLERS]
    return [*told, words[-1]] if words[-1] in ENUMERATORS else told or words


def _fit_words(first: list[str], second: list[str]) -> NameFit:
    if "".join(first) == "".join(second) or _is_initials(first, second) or _is_initials(second, first):
        return NameFit.CLOSE

    common, only_first, only_second = _pair(first, second)
    if only_first and only_second:
        return NameFit.OTHER

    extra = [*only_first, *only_second]
    if not extra:
        return NameFit.CLOSE

    if not any(len(word) > 2 and word not in KIND_WORDS for word in common):
        return NameFit.OTHER

    longer = first if only_first else second
    if all(word in IDLE_WORDS or (word in KIND_WORDS and word == longer[0]) for word in extra):
        return NameFit.CLOSE

    is_unit = len(extra) > len(common) + 1 or any(_tells_apart(word) for word in extra)
    return NameFit.OTHER if is_unit else NameFit.WIDER


def _tells_apart(word: str) -> bool:
    return word in UNIT_WORDS or any(sign.isdigit() for sign in word)


def _is_initials(short: list[str], long: list[str]) -> bool:
    """Say whether a name is made of the first letters of another one."""
    initials = "".join(word[0] for word in long)
    return len(long) >= FEWEST_INITIALS and "".join(short) == initials


def _pair(first: list[str], second: list[str]) -> tuple[list[str], list[str], list[str]]:
    """Return the words that both names have, whatever their order, and those that only one has."""
    common: list[str] = []
    left = list(second)
    only_first: list[str] = []

    for word in first:
        if word in left:
            left.remove(word)
            common.append(word)
        else:
            only_first.append(word)

    for word in list(only_first):
        twin = next((each for each in left if is_typo(word, each)), None)
        if twin is not None:
            only_first.remove(word)
            left.remove(twin)
            common.append(word)

    return common, only_first, left
