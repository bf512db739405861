"""Who signed in, which divisions there are, and what a division offers."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import responses

from portal.domain.booking.catalogue import (
    CostCenter,
    Division,
    ExactUser,
    ExchangeRate,
    PaymentCondition,
    Period,
    VatPercentage,
    shown,
    takes_sales,
)
from portal.exact.parse_catalogue import percent
from portal.remote.errors import BadAnswerError, TemporaryError
from tests.exact.wire import BASE, LEDGER_ID, LINE_ID, a_client, a_list, answer, calls, query

pytestmark = pytest.mark.usefixtures("wire")
ME = {
    "UserID": LEDGER_ID,
    "FullName": "Ann de Vries",
    "Email": "ann@example.com",
    "CurrentDivision": 99,
    "LanguageCode": "nl-NL",
}
HR_ROW = {
    "Code": 123456,
    "HID": "7",
    "Description": "Studio BV",
    "Country": "NL ",
    "Currency": "EUR",
    "VATNumber": None,
    "Status": 0,
}
SYSTEM_ROW = {
    **HR_ROW,
    "Hid": "7",
    "Status": 1,
    "DivisionMoveDate": "/Date(1735689600000)/",
    "DivisionHRLinkUnlinkDate": None,
}


def at_division(path: str, code: int = 99) -> str:
    return f"{BASE}/api/v1/{code}/{path}"


def some_user(**fields: Any) -> None:
    answer("GET", f"{BASE}/api/v1/current/Me", a_list({**ME, **fields}))


def test_the_user_is_read_without_a_division() -> None:
    some_user(Email=None)
    user = a_client(division=None).read_user()
    assert user == ExactUser(LEDGER_ID, "Ann de Vries", "", 99, "nl-NL")
    assert query()["$select"].startswith("UserID,")


def test_an_answer_without_a_user_is_a_bad_one() -> None:
    answer("GET", f"{BASE}/api/v1/current/Me", a_list())
    with pytest.raises(BadAnswerError):
        a_client(division=None).read_user()


def test_divisions_are_found_through_the_users_present_one() -> None:
    some_user()
    answer(
        "GET", at_division("hrm/Divisions"), a_list(HR_ROW, {**HR_ROW, "Code": 5, "HID": None, "Status": 1})
    )
    answer("GET", at_division("system/Divisions"), a_list(SYSTEM_ROW))
    first, second = a_client(division=None).find_divisions()
    assert first == Division(123456, "7", "Studio BV", "NL", "EUR", None, False, date(2025, 1, 1))
    assert (second.hid, second.archived, second.moved_on) == ("5", True, None)


def test_a_division_that_left_its_hr_link_has_moved_too() -> None:
    later = {**SYSTEM_ROW, "DivisionHRLinkUnlinkDate": "/Date(1738368000000)/"}
    answer("GET", "hrm/Divisions", a_list(HR_ROW))
    answer("GET", "system/Divisions", a_list(later))
    (found,) = a_client().find_divisions()
    assert found.moved_on == date(2025, 2, 1)


def test_divisions_are_found_without_the_right_to_their_moves() -> None:
    answer("GET", "hrm/Divisions", a_list(HR_ROW))
    answer("GET", "system/Divisions", "Forbidden", status=403)
    (found,) = a_client().find_divisions()
    assert found.moved_on is None
    assert len(calls()) == 2


def test_divisions_are_found_where_the_first_list_is_missing() -> None:
    answer("GET", "hrm/Divisions", status=404)
    answer("GET", "system/Divisions", a_list(SYSTEM_ROW, {**SYSTEM_ROW, "Code": 6, "Status": 2}))
    assert [each.archived for each in a_client().find_divisions()] == [False, True]


JOURNAL = {
    "ID": LEDGER_ID,
    "Code": " 70",
    "Description": "Verkoop",
    "Type": 20,
    "Currency": "EUR",
    "AllowVariableCurrency": True,
    "AllowVariableExchangeRate": False,
    "IsBlocked": False,
}
ACCOUNT = {
    "ID": LEDGER_ID,
    "Code": "8000",
    "Description": "Omzet",
    "Type": 110,
    "BalanceType": "W",
    "IsBlocked": False,
    "UseCostcenter": 1,
}
VAT_CODE = {
    "ID": LINE_ID,
    "Code": "2  ",
    "Description": "BTW hoog",
    "Percentage": 0.21,
    "Type": "E",
    "VATTransactionType": "B",
    "IsBlocked": False,
    "Charged": False,
}
PERCENTAGE = {
    "ID": LEDGER_ID,
    "VATCodeID": LINE_ID,
    "Percentage": 0.19,
    "Type": 0,
    "EndDate": "/Date(1349049600000)/",
}

# As Exact keeps it: one euro is so many dollars.
RATE = {
    "SourceCurrency": "USD ",
    "TargetCurrency": "EUR",
    "Rate": 1.25,
    "StartDate": "/Date(1767225600000)/",
}


def some_offer() -> None:
    day = "/Date(1767225600000)/"
    answer("GET", "financial/Journals", a_list(JOURNAL))
    answer("GET", "financial/GLAccounts", a_list(ACCOUNT, link="../financial/GLAccounts?$skiptoken=1"))
    answer("GET", "financial/GLAccounts", a_list(ACCOUNT, {**ACCOUNT, "ID": LINE_ID, "UseCostcenter": None}))
    answer(
        "GET", "vat/VATCodes", a_list(VAT_CODE, {**VAT_CODE, "ID": LEDGER_ID, "Code": "0  ", "Percentage": 0})
    )
    answer(
        "GET",
        "vat/VatPercentages",
        a_list(PERCENTAGE, {**PERCENTAGE, "Type": 1}, {**PERCENTAGE, "VATCodeID": "9" * 8 + LEDGER_ID[8:]}),
    )
    period = {"ID": LINE_ID, "FinYear": 2026, "FinPeriod": 1, "StartDate": day, "EndDate": day}
    answer("GET", "financial/FinancialPeriods", a_list(period))
    answer("GET", "general/Currencies", a_list({"Code": "EUR"}, {"Code": "USD"}))
    answer(
        "GET",
        "cashflow/PaymentConditions",
        a_list({"Code": "14", "Description": "14 dagen", "PaymentDays": 14}),
    )


def some_rates() -> None:
    answer("GET", "financial/ExchangeRates", a_list(RATE))


def test_everything_a_division_offers_is_read() -> None:
    some_offer()
    center = {"ID": LINE_ID, "Code": "ADM", "Description": "Administratie", "EndDate": None}
    answer("GET", "hrm/Costcenters", a_list(center))
    some_rates()
    offer = a_client().read_catalogue()
    assert takes_sales(offer.journals[0])
    assert shown(offer.journals[0].code) == "70"
    assert [(each.id, each.cost_center) for each in offer.accounts] == [(LEDGER_ID, 1), (LINE_ID, 0)]
    assert [(each.code, each.percentage) for each in offer.vat_codes] == [
        ("2  ", Decimal(21)),
        ("0  ", Decimal(0)),
    ]
    assert offer.vat_percentages == (VatPercentage("2  ", Decimal(19), date.min, date(2012, 10, 1)),)
    assert offer.periods == (Period(2026, 1, date(2026, 1, 1), date(2026, 1, 1)),)
    assert offer.currencies == ("EUR", "USD")
    assert offer.payment_conditions == (PaymentCondition("14", "14 dagen", 14),)
    assert offer.cost_centers == (CostCenter("ADM", "Administratie", None),)
    assert offer.rates == (ExchangeRate("USD", "EUR", Decimal("0.8"), date(2026, 1, 1)),)
    assert len(responses.calls) == 10
    assert all("$select" in query(at) for at in range(3))


@pytest.mark.parametrize("status", [403, 404])
def test_a_licence_without_cost_centres_has_none(status: int) -> None:
    some_offer()
    answer("GET", "hrm/Costcenters", status=status)
    some_rates()
    assert a_client().read_catalogue().cost_centers == ()


@pytest.mark.parametrize("status", [403, 404])
def test_a_user_without_the_right_to_rates_knows_none(status: int) -> None:
    some_offer()
    answer("GET", "hrm/Costcenters", status=404)
    answer("GET", "financial/ExchangeRates", status=status)
    assert a_client().read_catalogue().rates == ()


@pytest.mark.parametrize(
    "odd",
    [
        {"Rate": 0},
        {"Rate": -1},
        {"Rate": None},
        {"Rate": "much"},
        {"StartDate": None},
        {"SourceCurrency": ""},
    ],
)
def test_a_rate_that_is_none_is_left_out(odd: dict[str, Any]) -> None:
    some_offer()
    answer("GET", "hrm/Costcenters", status=404)
    answer("GET", "financial/ExchangeRates", a_list({**RATE, **odd}, RATE))
    assert len(a_client().read_catalogue().rates) == 1


def test_of_many_rates_the_newest_pages_are_read() -> None:
    some_offer()
    answer("GET", "hrm/Costcenters", status=404)
    for at in range(9):
        answer(
            "GET", "financial/ExchangeRates", a_list(RATE, link=f"../financial/ExchangeRates?$skiptoken={at}")
        )
    assert len(a_client().read_catalogue().rates) == 5
    assert query(9)["$orderby"] == "StartDate desc"


def test_a_failure_is_not_taken_for_an_empty_offer() -> None:
    some_offer()
    answer("GET", "hrm/Costcenters", status=500)
    with pytest.raises(TemporaryError):
        a_client().read_catalogue()


@pytest.mark.parametrize("fraction", ["0", "0.06", "0.055", "0.2100", "1"])
def test_a_fraction_becomes_a_plain_percentage(fraction: str) -> None:
    shown_percent = {"0": "0", "0.06": "6", "0.055": "5.5", "0.2100": "21", "1": "100"}
    assert str(percent(Decimal(fraction))) == shown_percent[fraction]
