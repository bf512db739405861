"""Whether two names may be those of one company; a careful rule for where a VAT number agrees.

Companies of one group often share a VAT number, and a word more or less is how they are told apart. So only a
word that says what kind of company it is may be left out, as *Brouwerij* before a name.
"""

from enum import StrEnum

from portal.domain.customers.names import normalise_name

# Words that tell companies of one group apart.
APART = """
    holding holdings beheer groep group gruppe groupe management vastgoed immo immobilien immobilier
    real estate properties participaties beteiligungs beteiligung investments investment invest
    finance financial services service diensten personeel payroll logistics logistiek logistik
    transport catering events event horeca exploitatie verhuur lease leasing retail wholesale
    trading handel vertrieb export import verwaltung verwaltungs besitz international internationaal
    europe europa nederland netherlands belgie belgium belgique deutschland germany duitsland france
    frankrijk luxemburg luxembourg uk usa vlaanderen wallonie noord zuid oost west north south east
    stichting vereniging verein foundation fonds pensioenfonds vrienden
"""
# Words before a name that say what kind of company it is, and not which.
KINDS = """
    hotel restaurant cafe bar bistro bakkerij boulangerie backerei baeckerei brouwerij brasserie
    brauerei slagerij boucherie metzgerei winkel boetiek boutique studio atelier bureau kantoor kanzlei
    praktijk praxis gemeente stad ville school schule ecole universiteit universite universitat museum
    musee theater theatre bedrijf firma fa maatschap garage autohaus apotheek apotheke pharmacie
    architectenbureau advocatenkantoor notariskantoor accountantskantoor reclamebureau ingenieursbureau
    boekhoudkantoor familie
"""
# Words that say nothing wherever they stand.
IDLE = "company bedrijf firma + co"
LITTLE = "de het een the a der die das den des le la les l du von van of"
UNIT_WORDS = frozenset(APART.split())
KIND_WORDS = frozenset(KINDS.split())
IDLE_WORDS = frozenset(IDLE.split())
FILLERS = frozenset(LITTLE.split())
# As the last word these number a company, as in *Acme A*.
ENUMERATORS = frozenset(("a", "l", "een"))
SHORT_FORMS = {
    "gebr": "gebroeders",
    "stg": "stichting",
    "ver": "vereniging",
    "intl": "international",
    "int": "international",
    "mij": "maatschappij",
    "bros": "brothers",
    "zn": "zonen",
    "gem": "gemeente",
    "univ": "universiteit",
}
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
        twin = next((each for each in left if _is_typo(word, each)), None)
        if twin is not None:
            only_first.remove(word)
            left.remove(twin)
            common.append(word)

    return common, only_first, left


def _is_typo(word: str, other: str) -> bool:
    """Say whether two words differ by no more than a slip of the finger. Digits never do."""
    if any(sign.isdigit() for sign in word + other):
        return False
    shorter = min(len(word), len(other))
    allowed = 0 if shorter < 5 else 1 if shorter < 8 else 2
    return abs(len(word) - len(other)) <= allowed and _distance(word, other) <= allowed


def _distance(word: str, other: str) -> int:
    """Count the letters to add, drop, replace or swap with their neighbour."""
    before: list[int] = []
    row = list(range(len(other) + 1))

    for i, letter in enumerate(word, 1):
        longer_ago = before
        before = row
        row = [i]

        for j, wanted in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and word[i - 2] == wanted:
                cost = min(cost, longer_ago[j - 2] + 1)
            row.append(cost)

    return row[-1]
