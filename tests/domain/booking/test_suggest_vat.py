"""Which VAT code is suggested for a tax rate: tables of charts in four languages."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.fuzz import token_sort_ratio

from portal.domain.booking.catalogue import Catalogue, VatCode, VatPercentage, for_sales
from portal.domain.booking.place import Place
from portal.domain.booking.suggest import Reason, Suggested, Suggestion, Tie
from portal.domain.booking.suggest_vat import Rate, rank_vat_codes, suggest_vat
from portal.domain.booking.vat import percentage_on
from portal.domain.booking.vat_senses import Sense, senses_of
from tests.domain.builders import a_vat_code

DAY = date(2026, 11, 30)
HOME = Place.DOMESTIC
EU_VAT = Place.EU_VAT
EU = Place.EU
OUTSIDE = Place.OUTSIDE


def score(one: str, other: str) -> float:
    return token_sort_ratio(one, other) / 100


def offering(*codes: VatCode, percentages: tuple[VatPercentage, ...] = ()) -> Catalogue:
    return Catalogue((), (), codes, percentages, (), (), (), ())


def free(code: str, name: str, **given: object) -> VatCode:
    return a_vat_code(code, 0, description=name, **({"kind": "B", "listing": "N"} | given))


DUTCH = offering(
    free("0", "Geen btw", kind="N", used_for="B"),
    a_vat_code("1", 9, description="Btw laag tarief 9%", used_for="B"),
    a_vat_code("2", 21, description="Btw hoog tarief 21%", used_for="B"),
    free("3", "Btw nultarief"),
    a_vat_code("4", 21, description="Btw 21% inclusief", kind="I", used_for="B"),
    free("5", "Btw verlegd binnenland", charged=True),
    free("6", "Diensten buiten de EU 0%"),
    free("7", "Diensten binnen de EU 0%", charged=True, listing="S"),
    free("8", "Leveringen goederen binnen de EU", charged=True, listing="L"),
    free("9", "ABC-levering", listing="T"),
    free("V", "Vrijgesteld van btw", kind="N"),
    a_vat_code("21", 21, description="Inkoop btw 21%", used_for="P"),
    a_vat_code("OUD", 21, description="Btw hoog (oud)", blocked=True),
)
FRENCH = offering(
    a_vat_code("4", 21, description="TVA 21 %"),
    a_vat_code("2", 12, description="TVA 12 %"),
    a_vat_code("1", 6, description="TVA 6 %"),
    free("0", "Sans TVA", kind="N"),
    free("5", "Cocontractant", charged=True),
    free("7", "Prestations de services intracommunautaires", charged=True, listing="S"),
    free("6", "Exportation hors UE"),
    free("E", "Exonéré art. 44"),
)
GERMAN = offering(
    a_vat_code("1", 19, description="USt 19 %"),
    a_vat_code("2", 7, description="USt 7 % ermäßigt"),
    free("13", "Steuerschuldnerschaft des Leistungsempfängers § 13b", charged=True),
    free("IG", "Innergemeinschaftliche sonstige Leistungen", charged=True, listing="S"),
    free("DL", "Drittland nicht steuerbar"),
    free("SF", "Steuerfrei § 4 Nr. 21"),
)
ENGLISH = offering(
    a_vat_code("H", 21, description="VAT high"),
    free("R", "Domestic reverse charge", charged=True),
    free("S", "EU services", listing="S"),
    free("X", "Services outside the EU"),
    free("Z", "Zero rate"),
    free("E", "Exempt"),
    free("N", "No VAT", kind="N"),
)

# chart, name, percentage, place of the row, where its customers are, what is suggested, and why
SUGGESTED: dict[str, tuple[Catalogue, str, int, Place | None, set[Place], str | None, Reason | None]] = {
    "Dutch high": (DUTCH, "BTW 21%", 21, None, set(), "2", Reason.ONLY_CODE),
    "Dutch low": (DUTCH, "Laag", 9, None, set(), "1", Reason.ONLY_CODE),
    "high at home": (DUTCH, "BTW 21%", 21, HOME, set(), "2", Reason.ONLY_CODE),
    "VAT of home for a consumer in the EU": (DUTCH, "BTW 21%", 21, EU, set(), "2", Reason.ONLY_CODE),
    "no VAT of home across a border": (DUTCH, "BTW 21%", 21, EU_VAT, set(), None, None),
    "no VAT of home outside": (DUTCH, "BTW 21%", 21, OUTSIDE, set(), None, None),
    "a percentage that nobody offers": (DUTCH, "BTW 19%", 19, None, set(), None, None),
    "verlegd at home": (DUTCH, "BTW verlegd", 0, HOME, set(), "5", Reason.CODE_SAYS),
    "verlegd in the EU": (DUTCH, "BTW verlegd", 0, EU_VAT, set(), "7", Reason.CODE_LISTED),
    "verlegd without a number": (DUTCH, "BTW verlegd", 0, EU, set(), None, None),
    "verlegd outside": (DUTCH, "BTW verlegd", 0, OUTSIDE, set(), "6", Reason.CODE_SAYS),
    "verlegd, all in the EU": (DUTCH, "BTW verlegd", 0, None, {EU_VAT}, "7", Reason.CODE_LISTED),
    "verlegd, all at home": (DUTCH, "BTW verlegd", 0, None, {HOME}, "5", Reason.CODE_SAYS),
    "0 % at home": (DUTCH, "BTW 0%", 0, HOME, set(), "3", Reason.ONLY_CODE),
    "0 %, all outside": (DUTCH, "BTW 0%", 0, None, {OUTSIDE}, "6", Reason.CODE_SAYS),
    "0 % for nobody yet": (DUTCH, "BTW 0%", 0, None, set(), None, None),
    "no VAT": (DUTCH, "Geen btw", 0, None, {HOME}, "0", Reason.CODE_SAYS),
    "exempt": (DUTCH, "Vrijgesteld", 0, None, {HOME, EU_VAT}, "V", Reason.CODE_SAYS),
    "exempt in a row of its own": (DUTCH, "Vrijgesteld", 0, EU, set(), "V", Reason.CODE_SAYS),
    "export by name": (DUTCH, "Export", 0, None, set(), "6", Reason.CODE_SAYS),
    "ICP by name": (DUTCH, "ICP diensten", 0, None, set(), "7", Reason.CODE_LISTED),
    "goods by name": (DUTCH, "EU goederen", 0, EU_VAT, set(), "8", Reason.CODE_LISTED),
    "triangulation only by name": (DUTCH, "ABC-levering", 0, EU_VAT, set(), "9", Reason.CODE_LISTED),
    "export is not at home": (DUTCH, "Export buiten EU", 0, HOME, set(), None, None),
    "TVA 21": (FRENCH, "TVA 21%", 21, None, set(), "4", Reason.ONLY_CODE),
    "autoliquidation at home": (FRENCH, "Autoliquidation", 0, HOME, set(), "5", Reason.CODE_SAYS),
    "autoliquidation in the EU": (FRENCH, "Autoliquidation", 0, EU_VAT, set(), "7", Reason.CODE_LISTED),
    "hors UE": (FRENCH, "TVA 0% hors UE", 0, None, set(), "6", Reason.CODE_SAYS),
    "exonéré": (FRENCH, "Exonéré", 0, None, set(), "E", Reason.CODE_SAYS),
    "sans TVA": (FRENCH, "Sans TVA", 0, None, {HOME}, "0", Reason.CODE_SAYS),
    "USt 19": (GERMAN, "19% USt", 19, None, set(), "1", Reason.ONLY_CODE),
    "reverse charge at home": (GERMAN, "Reverse Charge", 0, HOME, set(), "13", Reason.CODE_SAYS),
    "13b in the EU": (GERMAN, "§13b", 0, EU_VAT, set(), "IG", Reason.CODE_LISTED),
    "innergemeinschaftlich": (GERMAN, "Innergemeinschaftlich", 0, None, set(), "IG", Reason.CODE_LISTED),
    "Drittland": (GERMAN, "Drittland", 0, None, set(), "DL", Reason.CODE_SAYS),
    "steuerfrei": (GERMAN, "Steuerfrei", 0, None, set(), "SF", Reason.CODE_SAYS),
    "reverse charge in English": (ENGLISH, "Reverse charge", 0, EU_VAT, set(), "S", Reason.CODE_LISTED),
    "zero rate": (ENGLISH, "Zero-rated", 0, HOME, set(), "Z", Reason.ONLY_CODE),
    "outside the EU": (ENGLISH, "VAT 0% outside EU", 0, OUTSIDE, set(), "X", Reason.CODE_SAYS),
}


def suggest(
    chart: Catalogue, name: str, percentage: int, place: Place | None = None, seen: set[Place] | None = None
) -> Suggestion:
    return suggest_vat(Rate(name, Decimal(percentage), place, frozenset(seen or ())), chart, DAY, score)


@pytest.mark.parametrize("kind", SUGGESTED)
def test_a_code_is_suggested_by_percentage_name_kind_and_place(kind: str) -> None:
    chart, name, percentage, place, seen, code, reason = SUGGESTED[kind]
    found = suggest(chart, name, percentage, place, seen)
    if code is None:
        assert found is None
        return
    assert isinstance(found, Suggested)
    assert (found.target, found.because.reason) == (code, reason)


TWO_HIGH = offering(a_vat_code("2", 21, description="A"), a_vat_code("3", 21, description="B"))
TWICE_EU = offering(free("6", "EU services", listing="S"), free("7", "EU services consultancy", listing="S"))

# chart, name, percentage, place, where its customers are, the codes, why it is a question
ASKED: dict[str, tuple[Catalogue, str, int, Place | None, set[Place], set[str], Reason]] = {
    "two of one percentage": (TWO_HIGH, "VAT", 21, None, set(), {"2", "3"}, Reason.FIT_EQUALLY),
    "two for the list": (TWICE_EU, "0%", 0, EU_VAT, set(), {"6", "7"}, Reason.FIT_EQUALLY),
    "two places": (DUTCH, "BTW 0%", 0, None, {EU_VAT, OUTSIDE}, {"6", "7"}, Reason.SEVERAL_PLACES),
    "at home and abroad": (DUTCH, "BTW verlegd", 0, None, {HOME, EU_VAT}, {"5", "7"}, Reason.SEVERAL_PLACES),
    "its name or its place": (DUTCH, "Geen btw", 0, None, {OUTSIDE}, {"0", "6"}, Reason.NAME_OR_PLACE),
    "no VAT in the EU": (DUTCH, "Geen btw", 0, EU_VAT, set(), {"0", "7"}, Reason.NAME_OR_PLACE),
    "verlegd for nobody yet": (DUTCH, "Verlegd", 0, None, set(), {"5", "7"}, Reason.FIT_EQUALLY),
}


@pytest.mark.parametrize("kind", ASKED)
def test_what_fits_equally_is_a_question(kind: str) -> None:
    chart, name, percentage, place, seen, codes, reason = ASKED[kind]
    found = suggest(chart, name, percentage, place, seen)
    assert isinstance(found, Tie)
    assert (set(found.targets), found.because.reason) == (codes, reason)


def test_the_percentage_is_that_of_the_day() -> None:
    spans = (
        VatPercentage("2", Decimal(19), date(2001, 1, 1), date(2012, 9, 30)),
        VatPercentage("2", Decimal(21), date(2012, 10, 1), None),
    )
    chart = offering(a_vat_code("2", 21), percentages=spans)
    high = Rate("BTW 21%", Decimal(21))
    assert suggest_vat(high, chart, date(2012, 9, 30), score) is None
    assert isinstance(suggest_vat(high, chart, date(2012, 10, 1), score), Suggested)


def test_a_catalogue_from_before_the_list_was_read_goes_by_the_names() -> None:
    chart = offering(*(free(code.code, code.description, listing="") for code in ENGLISH.vat_codes[1:]))
    found = suggest(chart, "Reverse charge", 0, EU_VAT)
    assert isinstance(found, Suggested)
    assert (found.target, found.because.reason) == ("S", Reason.CODE_SAYS)


def test_choices_stand_by_how_well_they_fit() -> None:
    ranked = rank_vat_codes(Rate("BTW verlegd", Decimal(0), EU_VAT), DUTCH, DAY, score)
    assert ranked[0].code == "7"
    assert {code.code for code in ranked} == {code.code for code in DUTCH.vat_codes if for_sales(code)}
    zero = [code.percentage == 0 for code in ranked]
    assert zero == sorted(zero, reverse=True)


SENSES = {
    "BTW verlegd": {Sense.REVERSE},
    "Medecontractant": {Sense.REVERSE},
    "Autoliquidation de la TVA": {Sense.REVERSE},
    "Levering diensten binnen de EU": {Sense.EU},
    "Levering goederen binnen de EU": {Sense.EU, Sense.GOODS},
    "Intra-community services": {Sense.EU},
    "Niet-EU 0%": {Sense.OUTSIDE},
    "Hors de l'UE": {Sense.OUTSIDE},
    "Ausfuhrlieferung": {Sense.OUTSIDE},
    "Vrijgestelde diensten": {Sense.EXEMPT},
    "Kleinunternehmer § 19": {Sense.EXEMPT},
    "Geen btw": {Sense.NONE},
    "nicht steuerbar": {Sense.NONE},
    "BTW 0%": {Sense.ZERO},
    "Btw nultarief": {Sense.ZERO},
    "Btw hoog tarief 21%": set(),
    "Design": set(),
    "Neuilly": set(),
}


@pytest.mark.parametrize("name", SENSES)
def test_a_name_says_what_it_means(name: str) -> None:
    assert senses_of(name) == SENSES[name]


NAMES = st.sampled_from([*SENSES, "", "?", "BTW 21%", "TVA 6 %"])
CODES = st.builds(
    a_vat_code,
    st.sampled_from(["1", "2", "3", "4", "5"]),
    st.sampled_from([0, 6, 9, 21]),
    description=NAMES,
    kind=st.sampled_from(["E", "I", "B", "N"]),
    used_for=st.sampled_from(["S", "B", "P"]),
    blocked=st.booleans(),
    charged=st.booleans(),
    listing=st.sampled_from(["", "N", "S", "L", "T"]),
)


@given(
    st.lists(CODES, max_size=6, unique_by=lambda code: code.code),
    NAMES,
    st.sampled_from([0, 6, 9, 21]),
    st.sampled_from([None, *Place]),
    st.sets(st.sampled_from(list(Place))),
)
def test_only_what_may_be_booked_is_ever_suggested(
    codes: list[VatCode], name: str, percentage: int, place: Place | None, seen: set[Place]
) -> None:
    chart = offering(*codes)
    found = suggest(chart, name, percentage, place, seen)
    if found is None:
        return
    targets = (found.target,) if isinstance(found, Suggested) else found.targets
    assert targets
    assert len(targets) == len(set(targets))
    for code in codes:
        if code.code in targets:
            assert for_sales(code)
            assert percentage_on(code, DAY, chart) == percentage
