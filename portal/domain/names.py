"""Names and VAT numbers in a spelling that can be compared."""

import re
import unicodedata

EU_PREFIXES = {"GR": "EL"}
FORMS = {
    form: group
    for group, forms in enumerate(
        (
            "bv bvba sprl srl ebvba",
            "nv sa",
            "gmbh ggmbh",
            "ag",
            "kg gmbhcokg",
            "ug",
            "vof",
            "cv",
            "ltd limited",
            "plc",
            "llc",
            "inc incorporated",
            "corp corporation",
            "sarl",
            "sas sasu",
            "spa",
            "se",
            "stichting",
            "vzw asbl",
            "ev",
            "eg",
            "ohg",
            "gbr",
            "ab",
            "as",
            "aps",
            "oy",
        )
    )
    for form in forms.split()
}
JOINERS = frozenset(("en", "und", "and", "et"))
CONNECTING = frozenset(("+", "co"))
SPELLINGS = str.maketrans({"ß": "ss", "ø": "o", "ł": "l", "æ": "ae", "œ": "oe", "&": " + ", ".": ""})


def normalise_vat(text: str | None) -> str:
    """Return a VAT number in capitals without dots, spaces and hyphens; empty for none."""
    return "".join(sign for sign in (text or "").upper() if sign.isalnum())


def full_vat(text: str | None, country: str | None) -> str:
    """Return a VAT number with its country in front, as far as ``country`` (ISO-2) tells it."""
    number = normalise_vat(text)
    if number and country and not number[:2].isalpha():
        number = EU_PREFIXES.get(country, country) + number
    return re.sub(r"^BE(\d{9})$", r"BE0\1", number)


def words_of(text: str) -> list[str]:
    """Return the words of a text without case, accents and dots."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(SPELLINGS))
    bare = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return re.findall(r"[^\W_]+|\+", bare.replace("'", "").replace("’", ""))
