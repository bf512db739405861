"""Reads what people write as a VAT number, by the national rules that python-stdnum knows.

It stands outside the domain, which uses the standard library only and gets ``read_vat`` passed in.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from stdnum.exceptions import InvalidChecksum, ValidationError
from stdnum.util import get_cc_module

from portal.domain.customers.vat_numbers import VatNumber

if TYPE_CHECKING:
    from stdnum.util import NumberValidationModule

MOST_SIGNS = 200
MOST_TOKENS = 32
MOST_PIECES = 16
# Rules that fill up with zeros take two digits that are missing, and no more.
MOST_FILLED = 2

# What stands before a number, and the country whose rules it follows.
UNION = "AT BE BG CY CZ DE DK EE ES FI FR GB HR HU IE IT LT LU LV MT NL NO PL PT RO SE SI SK XI"
PREFIXES = {code: code for code in UNION.split()}
PREFIXES |= {"EL": "GR", "GR": "GR", "UK": "GB", "CHE": "CH", "CH": "CH"}
SPELLED = {"GR": "EL", "CH": "CHE"}
RULES = {"XI": ("gb", "vat"), "CH": ("ch", "uid"), "NO": ("no", "orgnr")}
ISO = {"XI": "GB"}
# Monaco and the Isle of Man have numbers of their neighbour, Liechtenstein has Swiss ones.
NEIGHBOURS = {"IM": "GB", "MC": "FR", "LI": "CH", "EL": "GR", "UK": "GB", "IC": "ES", "EA": "ES"}

# Words for "VAT", "number" and the like, which are no part of a number.
LABEL_WORDS = """
    VAT BTW TVA MWST UST USTID USTIDNR USTNR UMSATZSTEUER IVA MVA NIF NIPC CIF PIVA PARTITA MOMS ALV
    DPH DDV PVM PVN KM AFM UID UIDNR TPV TAX SALES REG REGISTRATION REGISTRATIE IDENTIFICATIENUMMER
    IDENTIFICATION IDENTIFIKATIONSNUMMER UMSATZSTEUERIDENTIFIKATIONSNUMMER IDNR ID NR NO NUM NUMBER
    NUMMER NUMERO INTRA INTRACOM INTRACOMMUNAUTAIRE COMMUNAUTAIRE ONDERNEMINGSNUMMER ONDERNEMINGSNR
    ENTREPRISE KBO BCE RPR RPM NIP CVR CVRNR OIB CUI EU UE
    ORG ORGNR ORGANISASJONSNUMMER ORGANISATIONSNUMMER BTWNR BTWNUMMER BTWID
    DENTREPRISE DIDENTIFICATION COD FISC CODICE FISCALE CONTRIBUINTE ADOSZAM
    VATNR VATNO VATID VATNUMBER TVANR MWSTNR DE D OF THE N P
"""
LABELS = frozenset(LABEL_WORDS.split())
# The same words where they are written together with the number.
GLUED = re.compile(
    r"^(?:BTWIDENTIFICATIENUMMER|BTWNUMMER|BTWNR|BTWID|BTW|VATREGNO|VATNUMBER|VATNR|VATNO|VATID|VAT|TVANR|TVA"
    r"|USTIDNR|USTID|UST|MWSTNR|MWST|UIDNR|UID|IVA|NR)+(?=[A-Z]{0,3}U?\d)"
)
SUFFIX = re.compile(r"(?<=\d)(?:MWST|TVA|IVA|TPV|MVA)+$")
PARTS = re.compile(r"[,;|\n\r\t]+|\s[/-]\s|\b(?:AND|EN|UND|ET|OR|OU|ODER)\b")
TOKENS = re.compile(r"[A-Z0-9]+")
# At home a Hungarian number has two groups more: the kind of taxation and the county.
HUNGARIAN = re.compile(r"\d{8}[1-5]\d{2}")
# Seven equal digits with a wrong check digit stand for "I do not know".
IDLE = re.compile(r"(\d)\1{6,}")


@lru_cache(maxsize=65536)
def read_vat(text: str | None, country: str | None = None) -> VatNumber:
    """Read the one VAT number in a text. Without a prefix it is of ``country``, an ISO code.

    Two different numbers in one field are none, for nobody knows which is meant.
    """
    given = (text or "").strip()
    if not given or len(given) > MOST_SIGNS or not any(sign.isdigit() for sign in given):
        return VatNumber(given)

    parts = [_tokens(part) for part in PARTS.split(_plain(given))]
    home = _home(country)

    right = _find_prefixed(parts, home, is_checked=True)
    wrong = _find_prefixed(parts, home, is_checked=False)
    if right or wrong:
        return _only(given, right, wrong)

    for is_checked in (True, False):
        if found := _find_bare(parts, home, is_checked):
            return _only(given, found, {}) if is_checked else _only(given, {}, found)

    return VatNumber(given)


def _only(given: str, right: dict[str, str], wrong: dict[str, str]) -> VatNumber:
    """Return the one number that was found. Northern Ireland's two spellings are one."""
    numbers = [
        VatNumber(given, number, ISO.get(country, country), is_checked)
        for is_checked, found in ((True, right), (False, wrong))
        for number, country in found.items()
    ]
    if len({number.key for number in numbers}) > 1:
        return VatNumber(given, is_several=True)

    return numbers[0]


def _home(country: str | None) -> str | None:
    code = (country or "").strip().upper()
    return NEIGHBOURS.get(code, code) or None


def _plain(text: str) -> str:
    """Return a text in plain capitals, abbreviations like *V.A.T.* as one word."""
    plain = unicodedata.normalize("NFKD", text)
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign) and sign not in "\u00ad'’")
    return re.sub(r"\b([A-Z])\.(?=[A-Z]\b)", r"\1", plain.upper())


def _tokens(part: str) -> list[str]:
    """Return the runs of letters and digits, whatever stands between them."""
    return [_without_label(token) for token in TOKENS.findall(part)][:MOST_TOKENS]


def _without_label(token: str) -> str:
    return SUFFIX.sub("", GLUED.sub("", token)) if any(sign.isdigit() for sign in token) else token


def _find_prefixed(parts: list[list[str]], home: str | None, is_checked: bool) -> dict[str, str]:
    """Return the numbers that carry their country's prefix, with that country."""
    found: dict[str, str] = {}
    for tokens in parts:
        at = 0
        while at < len(tokens):
            hit = None if _says_number(tokens, at, home) else _longest(tokens, at, is_checked)
            if hit is None:
                at += 1
                continue

            number, country, at = hit
            found[number] = country

    return found


def _says_number(tokens: list[str], at: int, home: str | None) -> bool:
    """Say whether *NO* stands for "number": after another label, where the company is not Norwegian."""
    return tokens[at] == "NO" and at > 0 and tokens[at - 1] in LABELS and home != "NO"


def _longest(tokens: list[str], at: int, is_checked: bool) -> tuple[str, str, int] | None:
    """Return the longest number that begins at a token, its country, and where it ends."""
    for end in range(min(len(tokens), at + MOST_PIECES), at, -1):
        # Digits that follow belong to it: a part of a wrong number may by chance be a right one.
        if end < len(tokens) and tokens[end].isdigit():
            continue
        if hit := _read_prefixed("".join(tokens[at:end]), is_checked):
            return (*hit, end)

    return None


def _read_prefixed(text: str, is_checked: bool) -> tuple[str, str] | None:
    for prefix in (text[:3], text[:2]):
        country = PREFIXES.get(prefix)
        if country is None:
            continue

        for body in _bodies(text[len(prefix) :], country):
            if number := _check(body, country, is_checked):
                return number, country

    return None


def _bodies(body: str, country: str) -> Iterator[str]:
    """Yield what follows a prefix as it is, then without a prefix that was written twice."""
    yield body
    for prefix, owner in PREFIXES.items():
        if owner == country and body.startswith(prefix):
            yield body[len(prefix) :]


def _find_bare(parts: list[list[str]], home: str | None, is_checked: bool) -> dict[str, str]:
    """Return the numbers without a prefix, by the rules of the company's country."""
    if home is None:
        return {}

    whole = [token for tokens in parts for token in tokens]
    for tokens in (whole, _without_labels(whole)):
        if number := _check("".join(tokens), home, is_checked):
            return {number: home}

    bare = (_check("".join(_without_labels(tokens)), home, is_checked) for tokens in parts)
    return {number: home for number in bare if number}


def _without_labels(tokens: list[str]) -> list[str]:
    return [token for token in tokens if token not in LABELS]


def _check(body: str, country: str, is_checked: bool) -> str | None:
    """Return the one spelling of a number whose shape is right and whose check digits are as asked."""
    if country == "HU" and HUNGARIAN.fullmatch(body):
        body = body[:8]

    rules = _rules(country)
    if rules is None or not any(sign.isdigit() for sign in body):
        return None

    try:
        number = rules.validate(body)
        is_right = True
    except InvalidChecksum:
        number = rules.compact(body)
        is_right = False
    except (ValidationError, ValueError, IndexError):
        return None

    if is_right != is_checked or (not is_right and IDLE.search(body)):
        return None

    number = number.removeprefix(SPELLED.get(country, country))
    if len(body) < len(number) - MOST_FILLED:
        return None

    prefix = SPELLED.get(country, country)
    return prefix + number if prefix in PREFIXES else number


@lru_cache(maxsize=256)
def _rules(country: str) -> "NumberValidationModule | None":
    """Return a country's rules, None where no shape is known."""
    module, name = RULES.get(country, (country.lower(), "vat"))
    return get_cc_module(module, name) if module.isascii() and module.isalpha() else None
