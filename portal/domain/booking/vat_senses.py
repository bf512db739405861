"""What the name of a tax rate or a VAT code says about VAT, in Dutch, French, German and English."""

import re
from enum import StrEnum

from portal.domain.booking.catalogue import VatCode
from portal.domain.words import words_of


class Sense(StrEnum):
    """Why no VAT is charged, or that some other regime is meant."""

    REVERSE = "reverse charge"
    EU = "in the EU"
    GOODS = "goods"
    TRIANGLE = "triangulation"
    OUTSIDE = "outside the EU"
    EXEMPT = "exempt"
    NONE = "no VAT"
    ZERO = "zero rate"
    OSS = "one stop shop"
    MARGIN = "margin scheme"


# Phrases over the words of a name, without accents, dots and case. A star stands for any ending.
PHRASES: dict[Sense, str] = {
    Sense.OUTSIDE: """
        buiten eu, buiten de eu, buiten eg, buiten de eg, buiten europa, buiten de europese unie, niet eu
        outside eu, outside the eu, outside of the eu, outside europe, outside the european union, non eu
        hors ue, hors de l ue, hors cee, hors europe, pays tiers
        hors union europeenne, hors de l union europeenne
        ausserhalb eu, ausserhalb der eu, nicht eu, drittland*, drittlander*, ausfuhr*
        derde land*, derdeland*, third countr*, rest of world, rest of the world, export*, uitvoer*, wereld
    """,
    Sense.TRIANGLE: "triang*, driehoek*, dreieck*, abc levering, abc transactie, abc geschaft",
    Sense.OSS: "oss, moss, one stop, one stop shop, eenloket*, guichet unique, afstandsverkop*",
    Sense.MARGIN: "marge*, margin*, differenzbesteuer*",
    Sense.EU: """
        eu, eg, ue, ec, ic, icp, icl, icd, intra com*, intracom*, intra eu, intra community
        intra communautaire*
        innergemein*, binnen europ*, europese unie, union europeenne, european union, europaische union
    """,
    Sense.REVERSE: """
        verlegd*, verlegging*, reverse charg*, reversecharg*, autoliquid*, auto liquid*, medecontract*
        cocontract*, co contract*, steuerschuldner*, leistungsempfanger*, 13b, 13 b, report de perception
        report de la perception, domestic charg*, umkehr*
    """,
    Sense.EXEMPT: """
        vrijgesteld*, vrijstelling*, exempt*, exoner*, franchise, steuerfrei*, umsatzsteuerfrei*, befreit*
        steuerbefrei*, umsatzsteuerbefrei*, kor, kleineondernemer*, kleinunternehmer*
    """,
    Sense.NONE: """
        geen btw, geen belasting, zonder btw, buiten btw, niet onderworpen, niet aan btw onderworpen, nvt
        no vat, no tax, without vat, without tax, out of scope, not subject, none
        sans tva, sans taxe, pas de tva, hors champ, hors tva, non soumis*, non assujetti*
        keine ust, keine mwst, keine umsatzsteuer, keine mehrwertsteuer, keine steuer, ohne ust, ohne mwst
        ohne umsatzsteuer, ohne mehrwertsteuer, ohne steuer, nicht steuerbar*, nicht umsatzsteuerbar*
    """,
    Sense.ZERO: "nul tarief, nultarief, nul, zero, zero rate*, taux zero, taux nul, nullsatz, nulltarif, 0",
}
GOODS_PHRASES = "goed, goederen, goods, marchandise*, biens, ware, waren, warenlieferung*, lieferung*, icl"
SERVICE_PHRASES = "dienst*, service*, prestation*, leistung*"


def _compile(phrases: str) -> re.Pattern[str]:
    found = [each.strip() for line in phrases.strip().splitlines() for each in line.split(",")]
    pattern = "|".join(re.escape(each).replace(r"\*", r"\w*") for each in found if each)
    return re.compile(rf"(?<!\w)(?:{pattern})(?!\w)")


COMPILED = {sense: _compile(phrases) for sense, phrases in PHRASES.items()}
GOODS = _compile(GOODS_PHRASES)
SERVICES = _compile(SERVICE_PHRASES)
LISTED = {"L": Sense.GOODS, "S": Sense.EU, "T": Sense.TRIANGLE}


def plain_name(name: str) -> str:
    """Return the words of a name without accents, case and signs."""
    return " ".join(words_of(name.replace("-", " ").replace("'", " ").replace("’", " ")))


def senses_of(name: str) -> frozenset[Sense]:
    """Return what a name says about VAT."""
    plain = plain_name(name)
    found = {sense for sense, pattern in COMPILED.items() if pattern.search(plain)}

    # "Buiten de EU" speaks of the EU only to leave it.
    if Sense.OUTSIDE in found:
        found -= {Sense.EU}
    if Sense.EU in found and GOODS.search(plain) and not SERVICES.search(plain):
        found.add(Sense.GOODS)
    if found - {Sense.ZERO}:
        found -= {Sense.ZERO}

    return frozenset(found)


def senses_of_code(code: VatCode) -> frozenset[Sense]:
    """Return what a VAT code is for, by what Exact says of it before its name."""
    named = senses_of(code.description)
    if listed := LISTED.get(code.listing):
        return frozenset((Sense.EU, listed))

    if code.charged and not named & {Sense.EU, Sense.OUTSIDE, Sense.TRIANGLE}:
        named |= {Sense.REVERSE}
    if code.kind == "N" and not named & {Sense.EXEMPT, Sense.OUTSIDE, Sense.EU, Sense.REVERSE}:
        named |= {Sense.NONE}
    if not named and code.kind == "B":
        named |= {Sense.ZERO}

    return named
