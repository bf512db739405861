"""Names in a spelling that can be compared."""

import re
from functools import lru_cache

from portal.domain.words import words_of

SAME_FORMS = (
    "bv bvba ebvba sprl srl",
    "nv sa",
    "gmbh ggmbh",
    "gmbhcokg",
    "ltd limited",
    "inc incorporated",
    "corp corporation",
    "sas sasu",
    "vzw asbl",
    "sarl",
)
OTHER_FORMS = "ag kg ug vof cv plc llc spa se ev eg ohg gbr ab as aps oy"
FORMS = {form: forms.split()[0] for forms in SAME_FORMS for form in forms.split()}
FORMS |= {form: form for form in OTHER_FORMS.split()}
LEADING = frozenset(("bv", "nv", "sa", "sprl", "bvba", "srl", "sarl", "vof", "vzw", "asbl"))
JOINERS = frozenset(("en", "und", "and", "et"))


def normalise_name(name: str) -> str:
    """Return a name without accents, case and legal form."""
    return _split(name)[0]


def legal_form(name: str) -> frozenset[str]:
    """Return the legal forms in a name, where translations of one form are one."""
    return _split(name)[1]


@lru_cache(maxsize=65536)
def _split(name: str) -> tuple[str, frozenset[str]]:
    """Return what is left of a name without its legal forms, and those."""
    words = _one_form(["+" if word in JOINERS else word for word in words_of(name)])
    forms = set()
    while len(words) > 1 and words[-1] in FORMS:
        forms.add(FORMS[words.pop()])

    while len(words) > 1 and words[0] in LEADING:
        forms.add(FORMS[words.pop(0)])

    return " ".join(words), frozenset(forms)


def _one_form(words: list[str]) -> list[str]:
    """Join single letters, so that ``B V`` is ``bv``, and the words of *GmbH & Co. KG*."""
    text = re.sub(r"(?<=\b[a-z]) (?=[a-z]\b)", "", " ".join(words))
    return re.sub(r"\bgmbh (\+ )?co kg\b", "gmbhcokg", text).split()
