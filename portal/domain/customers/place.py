"""Where a customer is for VAT: at home, in the EU with a VAT number or without, or outside."""

from portal.domain.booking.place import Place, Unplaced, Whereabouts
from portal.domain.customers.vat_numbers import VatNumber

MEMBERS = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
UNION = frozenset(MEMBERS.split())
# Article 7 of directive 2006/112/EC takes Monaco for France and the Isle of Man for the United Kingdom.
AREA = {"MC": "FR", "EL": "GR", "UK": "GB", "XI": "GB", "IM": "GB"}
# Article 6 leaves out parts of members. Their companies may have a number of the member.
LEFT_OUT = {
    "IC": "ES",
    "EA": "ES",
    "AX": "FI",
    "GF": "FR",
    "GP": "FR",
    "MQ": "FR",
    "RE": "FR",
    "YT": "FR",
    "MF": "FR",
    "BL": "FR",
    "PM": "FR",
}
# The same parts by how their postcodes begin, for an address often names the member only.
POSTCODES = {
    "ES": {"35": "IC", "38": "IC", "51": "EA", "52": "EA"},
    "FI": {"22": "AX"},
    "FR": {
        "971": "GP",
        "972": "MQ",
        "973": "GF",
        "974": "RE",
        "975": "PM",
        "976": "YT",
        "97133": "BL",
        "97150": "MF",
    },
    "DE": {"27498": "XH", "78266": "XB"},
    "IT": {"23041": "XL", "22061": "XC"},
    "GR": {"63086": "XT"},
}
# Heligoland, Büsingen, Livigno, Campione and Mount Athos have no code of their own.
LEFT_OUT |= {"XH": "DE", "XB": "DE", "XL": "IT", "XC": "IT", "XT": "GR"}


def place_of(country: str | None, vat: VatNumber, division_country: str) -> Whereabouts:
    """Say where a customer is. A country that is not known is a question, never a guess."""
    # Services are meant. Northern Ireland belongs to the EU for goods only, so its XI numbers change nothing.
    home = _area((division_country or "").strip().upper())
    where = _area(country) if country else None
    unplaced = _doubt(where, vat, home)
    place = None if unplaced or where is None else _place(where, vat, home)
    return Whereabouts(
        place,
        unplaced,
        country=country or "",
        number=vat.number or vat.given,
        has_foreign_number=_is_of_union(vat) and vat.country != home,
        is_at_home=where is not None and where == home,
        is_goods_only=vat.number.startswith("XI"),
    )


def territory_of(country: str | None, postcode: str | None) -> str | None:
    """Return the country of an address, or the part of it that is outside the EU for VAT."""
    signs = "".join(sign for sign in (postcode or "").upper() if sign.isalnum())
    digits = signs.removeprefix(country or "")
    begins = POSTCODES.get(country or "", {})
    known = max((begin for begin in begins if digits.startswith(begin)), key=len, default=None)
    is_whole = known is not None and len(digits) == 5 and digits.isdigit()
    return begins[known] if known is not None and is_whole else country


def member_of(country: str | None) -> str | None:
    """Return the country that a part without a code of its own in Exact belongs to."""
    return LEFT_OUT[country] if country in ("IC", "EA") else country


def _area(country: str) -> str:
    return AREA.get(country, country)


def _place(where: str, vat: VatNumber, home: str) -> Place:
    zone = _zone(where, home)
    return Place.EU_VAT if zone is Place.EU and vat else zone


def _doubt(where: str | None, vat: VatNumber, home: str) -> Unplaced | None:
    """Name what makes the place a question."""
    if not home:
        return Unplaced.NO_DIVISION
    if where is None:
        return Unplaced.NO_COUNTRY

    if where in UNION and where != home and (vat.is_several or _is_misread(vat)):
        return Unplaced.UNREADABLE

    return Unplaced.OTHER_COUNTRY if _contradicts(where, vat, home) else None


def _is_misread(vat: VatNumber) -> bool:
    """Say whether something like a number was given that is none."""
    return vat.is_left_out and any(map(str.isdigit, vat.given))


def _contradicts(where: str, vat: VatNumber, home: str) -> bool:
    """Say whether a VAT number speaks of another place than the address."""
    if not vat or vat.country is None:
        return False

    given = _area(vat.country)
    # A company in a part that is left out has a number of the member.
    if given == LEFT_OUT.get(where):
        return False

    return _zone(given, home) != _zone(where, home)


def _zone(country: str, home: str) -> Place:
    if country == home:
        return Place.DOMESTIC
    return Place.EU if country in UNION else Place.OUTSIDE


def _is_of_union(vat: VatNumber) -> bool:
    return bool(vat) and vat.country is not None and _area(vat.country) in UNION
