"""VAT by where the customer is: which rule leads to a code, and what is asked where code and place differ."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from portal.domain.booking.invoice import BillTo
from portal.domain.booking.mapping import (
    Choices,
    MappingKey,
    MappingKind,
    MappingRules,
    Rule,
    Setting,
    choose_ledger,
    choose_vat,
)
from portal.domain.booking.place import Place, Unplaced, Whereabouts
from portal.domain.booking.vat_fit import question_fit
from portal.domain.customers.whereabouts import find_whereabouts
from portal.vat_numbers import read_vat
from tests.domain.builders import CATALOGUE, RULES, a_customer, a_draft, a_vat_code, an_invoice

WHO = Setting("Ilse", datetime(2026, 10, 3, tzinfo=UTC))
ANYWHERE = MappingRules(vat_codes={"high": "2"}, settings={MappingKey(MappingKind.TAX, "high"): WHO})
SPLIT = MappingRules(
    vat_codes={"free": "0"},
    split={"free": {Place.DOMESTIC: "6", Place.EU_VAT: "7"}},
    settings={MappingKey(MappingKind.TAX, "free", Place.EU_VAT): WHO},
    own={("c1", "free"): "9"},
    own_settings={("c1", "free"): WHO},
)

# rules, choices, rate, company, place, code, rule
CHOSEN: dict[str, tuple[MappingRules, Choices, str, str, Place | None, str | None, Rule | None]] = {
    "anywhere": (ANYWHERE, Choices(), "high", "c2", Place.EU, "2", Rule.ANYWHERE),
    "anywhere, even where the place is not known": (
        ANYWHERE,
        Choices(),
        "high",
        "c2",
        None,
        "2",
        Rule.ANYWHERE,
    ),
    "nothing is mapped": (ANYWHERE, Choices(), "low", "c2", Place.EU, None, None),
    "at home": (SPLIT, Choices(), "free", "c2", Place.DOMESTIC, "6", Rule.PLACE),
    "in the EU with a number": (SPLIT, Choices(), "free", "c2", Place.EU_VAT, "7", Rule.PLACE),
    "a place without a code never falls back": (SPLIT, Choices(), "free", "c2", Place.EU, None, None),
    "a place that nobody knows is no guess": (SPLIT, Choices(), "free", "c2", None, None, None),
    "the customer's own": (SPLIT, Choices(), "free", "c1", Place.EU_VAT, "9", Rule.CUSTOMER),
    "the customer's own without a place": (SPLIT, Choices(), "free", "c1", None, "9", Rule.CUSTOMER),
    "the dialog": (SPLIT, Choices(vat_codes={"free": "5"}), "free", "c2", Place.EU, "5", Rule.CHOSEN),
    "the dialog as mapped": (
        SPLIT,
        Choices(vat_codes={"free": "7"}),
        "free",
        "c2",
        Place.EU_VAT,
        "7",
        Rule.PLACE,
    ),
    "cleared in the dialog": (SPLIT, Choices(vat_codes={"free": ""}), "free", "c2", Place.EU_VAT, None, None),
}


@pytest.mark.parametrize("kind", CHOSEN)
def test_a_code_says_which_rule_led_to_it(kind: str) -> None:
    rules, choices, rate, company, place, code, rule = CHOSEN[kind]
    found = choose_vat(rules, choices, rate, company, place)
    assert (found.code if found else None, found.rule if found else None) == (code, rule)


def test_a_rule_says_who_set_it_and_for_which_place() -> None:
    found = choose_vat(SPLIT, Choices(), "free", "c2", Place.EU_VAT)
    assert found is not None
    assert found.why is not None
    assert (found.why.place, found.why.setting) == (Place.EU_VAT, WHO)


def test_a_ledger_says_its_rule_too() -> None:
    rules = MappingRules(ledgers={"design": "gl-8000"}, default_ledger="gl-8900")
    rule_of = [
        choose_ledger(rules, Choices(), "1", "design"),
        choose_ledger(rules, Choices(), "1", "other"),
        choose_ledger(rules, Choices(line_ledgers={"1": "gl-1"}), "1", "design"),
    ]
    assert [one.rule for one in rule_of if one] == [Rule.SERVICE, Rule.DEFAULT, Rule.CHOSEN]


LISTED = a_vat_code("7", 0, kind="B", listing="S", charged=True, description="EU services")
GOODS = a_vat_code("8", 0, kind="B", listing="L", description="EU goods")
REVERSED = a_vat_code("5", 0, kind="B", listing="N", charged=True, description="Btw verlegd")
EXPORT = a_vat_code("6", 0, kind="B", listing="N", description="Export buiten de EU")
HIGH = a_vat_code("2", 21, listing="N")
OLD = a_vat_code("9", 0, kind="B")
AT_HOME = Whereabouts(Place.DOMESTIC, is_at_home=True)
EU_VAT = Whereabouts(Place.EU_VAT, has_foreign_number=True)
EU = Whereabouts(Place.EU)
OUTSIDE = Whereabouts(Place.OUTSIDE)
NORTHERN = Whereabouts(Place.OUTSIDE, is_goods_only=True)
NOWHERE = Whereabouts(None, Unplaced.NO_COUNTRY)
NO_HOME = Whereabouts(None, Unplaced.NO_DIVISION)
ODD_HOME = Whereabouts(None, Unplaced.OTHER_COUNTRY, has_foreign_number=True, is_at_home=True)

FITS = {
    "listed, with a number": (LISTED, EU_VAT, None),
    "listed, without a number": (LISTED, EU, "vat_listed_without_number"),
    "listed, outside the EU": (LISTED, OUTSIDE, "vat_listed_without_number"),
    "listed, nobody knows where": (LISTED, NOWHERE, "vat_listed_without_number"),
    "listed, at home": (LISTED, AT_HOME, "vat_listed_at_home"),
    "listed, at home with a foreign number": (LISTED, ODD_HOME, "vat_listed_at_home"),
    "services in Northern Ireland": (LISTED, NORTHERN, "vat_listed_without_number"),
    "goods in Northern Ireland": (GOODS, NORTHERN, None),
    "the division's country is not known": (LISTED, NO_HOME, None),
    "reverse charge at home": (REVERSED, AT_HOME, None),
    "reverse charge abroad": (REVERSED, EU_VAT, "vat_reversed_abroad"),
    "reverse charge outside": (REVERSED, OUTSIDE, "vat_reversed_abroad"),
    "reverse charge, nobody knows where": (REVERSED, NOWHERE, None),
    "not listed in the EU": (EXPORT, EU_VAT, "vat_not_listed"),
    "not listed outside": (EXPORT, OUTSIDE, None),
    "not listed to a consumer": (EXPORT, EU, None),
    "with VAT in the EU": (HIGH, EU_VAT, None),
    "with VAT outside": (HIGH, OUTSIDE, None),
    "Exact was not asked for the list yet": (OLD, EU_VAT, None),
}


@pytest.mark.parametrize("kind", FITS)
def test_a_code_that_does_not_fit_the_place_is_asked_about(kind: str) -> None:
    code, where, question = FITS[kind]
    assert question_fit(code, where) == question


def drafted(bill_to: BillTo | None, rules: MappingRules, **given: object) -> tuple[list[str], object]:
    listed = replace(LISTED, code="7  ")
    catalogue = replace(CATALOGUE, vat_codes=(*CATALOGUE.vat_codes[:3], listed))
    invoice = replace(an_invoice(), bill_to=bill_to)
    rates = {line.tax_rate_id for line in invoice.lines}
    assert rates == {"high"}
    where = find_whereabouts(None, bill_to, "NL", read_vat)
    draft = a_draft(invoice, rules=rules, catalogue=catalogue, where=where, **given)
    return [problem.code for problem in draft.problems], draft


GERMAN = BillTo("Acme GmbH", vat="DE136695976", country="Germany")
BY_PLACE = replace(RULES, split={"high": {Place.DOMESTIC: "2"}})

DRAFTED = {
    "a place with a code": (replace(GERMAN, vat=None, country="Netherlands"), []),
    "a place without a code": (GERMAN, ["vat_unmapped_place"]),
    "no country": (replace(GERMAN, vat=None, country=None), ["vat_place_no_country"]),
    "no buyer": (None, ["vat_place_no_country"]),
    "another country": (replace(GERMAN, country="Switzerland"), ["vat_place_other_country"]),
    "a number that cannot be read": (replace(GERMAN, vat="DE 12"), ["vat_place_unreadable"]),
}


@pytest.mark.parametrize("kind", DRAFTED)
def test_a_draft_asks_for_what_the_place_does_not_tell(kind: str) -> None:
    bill_to, codes = DRAFTED[kind]
    assert drafted(bill_to, BY_PLACE)[0] == codes


def test_the_division_without_a_country_is_a_question_too() -> None:
    where = find_whereabouts(None, GERMAN, "", read_vat)
    draft = a_draft(rules=BY_PLACE, where=where)
    assert [problem.code for problem in draft.problems] == ["vat_place_no_division"]


def test_what_is_asked_about_the_place_can_be_confirmed() -> None:
    free = replace(an_invoice(), bill_to=a_buyer())
    lines = tuple(replace(line, amount_tax=0, tax_percentage=None) for line in free.lines)
    free = replace(free, lines=lines, amount_tax=0, amount_with_tax=free.amount)
    catalogue = replace(CATALOGUE, vat_codes=(replace(LISTED, code="7  "),))
    rules = replace(RULES, vat_codes={"high": "7"})
    where = find_whereabouts(a_customer(country="DE"), None, "NL", read_vat)
    given = {"rules": rules, "catalogue": catalogue, "where": where}

    [asked] = a_draft(free, **given).problems
    assert (asked.code, asked.fix) == ("vat_listed_without_number", "confirm")
    confirmed = a_draft(free, choices=Choices(confirmed=(asked.code,)), **given)
    assert confirmed.entry is not None
    [line, *_] = confirmed.entry.lines
    assert line.vat_why is not None
    assert line.vat_why.rule is Rule.ANYWHERE


def a_buyer() -> BillTo:
    return BillTo("Acme", country="Germany")
