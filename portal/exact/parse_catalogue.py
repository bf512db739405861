"""From Exact's rows to what a division offers, beside the names to select."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import date
from decimal import Decimal

from portal.domain.booking.catalogue import (
    CostCenter,
    Customer,
    Division,
    ExactUser,
    Journal,
    LedgerAccount,
    PaymentCondition,
    Period,
    VatCode,
    VatPercentage,
)
from portal.exact.odata import Json
from portal.exact.row import Row
from portal.remote.errors import BadAnswerError

USER = "UserID,FullName,Email,CurrentDivision,LanguageCode"
DIVISION = "Code,HID,Description,Country,Currency,VATNumber,Status"
MOVED_DIVISION = (
    "Code,Hid,Description,Country,Currency,VATNumber,Status,DivisionMoveDate,DivisionHRLinkUnlinkDate"
)
JOURNAL = "ID,Code,Description,Type,Currency,AllowVariableCurrency,AllowVariableExchangeRate,IsBlocked"
ACCOUNT = "ID,Code,Description,Type,BalanceType,IsBlocked,UseCostcenter"
VAT_CODE = "ID,Code,Description,Percentage,Type,VATTransactionType,IsBlocked,Charged,EUSalesListing"
VAT_PERCENTAGE = "ID,VATCodeID,Percentage,StartDate,EndDate,Type"
CUSTOMER = (
    "ID,Code,Name,Status,Blocked,EndDate,VATNumber,ChamberOfCommerce,Email,City,Country,PaymentConditionSales"
)
SYNCED_CUSTOMER = f"Timestamp,{CUSTOMER}"
CUSTOMER_REMARKS = f"{CUSTOMER},Remarks"
SYNCED_REMARKS = f"Timestamp,{CUSTOMER_REMARKS}"
PERIOD = "ID,FinYear,FinPeriod,StartDate,EndDate"
CURRENCY = "Code"
PAYMENT_CONDITION = "ID,Code,Description,PaymentDays"
COST_CENTER = "ID,Code,Description,EndDate"

_ARCHIVED = 1
_NORMAL = 0
_SYSTEM_ACTIVE = 1


def parse_user(fields: Json) -> ExactUser:
    """Read who consented."""
    row = Row(fields)
    return ExactUser(
        id=row.guid("UserID"),
        name=row.find_text("FullName") or "",
        email=row.find_text("Email") or "",
        division=row.integer("CurrentDivision"),
        language=row.find_text("LanguageCode") or "",
    )


def parse_division(fields: Json) -> Division:
    """Read a division from hrm/Divisions."""
    row = Row(fields)
    return _division(row, hid=row.find_integer("HID"), archived=row.find_integer("Status") == _ARCHIVED)


def parse_moved_division(fields: Json) -> Division:
    """Read a division from system/Divisions, which also tells since when timestamps are void."""
    row = Row(fields)
    active = row.find_integer("Status") == _SYSTEM_ACTIVE
    return _division(row, hid=row.find_integer("Hid"), archived=not active)


def _division(row: Row, *, hid: int | None, archived: bool) -> Division:
    code = row.integer("Code")
    moves = [row.find_date(name) for name in ("DivisionMoveDate", "DivisionHRLinkUnlinkDate")]
    return Division(
        code=code,
        hid=str(code if hid is None else hid),
        name=row.find_text("Description") or str(code),
        country=(row.find_text("Country") or "").strip(),
        currency=row.text("Currency").strip(),
        vat_number=row.find_text("VATNumber"),
        archived=archived,
        moved_on=max((move for move in moves if move), default=None),
    )


def parse_journal(fields: Json) -> Journal:
    """Read a journal."""
    row = Row(fields)
    return Journal(
        code=row.text("Code"),
        description=row.find_text("Description") or "",
        type=row.integer("Type"),
        currency=row.find_text("Currency"),
        any_currency=row.flag("AllowVariableCurrency"),
        any_rate=row.flag("AllowVariableExchangeRate"),
        blocked=row.flag("IsBlocked"),
    )


def parse_account(fields: Json) -> LedgerAccount:
    """Read a ledger account."""
    row = Row(fields)
    return LedgerAccount(
        id=row.guid("ID"),
        code=row.text("Code"),
        description=row.find_text("Description") or "",
        type=row.integer("Type"),
        balance_type=row.find_text("BalanceType") or "",
        blocked=row.flag("IsBlocked"),
        cost_center=row.find_integer("UseCostcenter") or 0,
    )


def percent(fraction: Decimal) -> Decimal:
    """Turn Exact's 0.21 into 21, without idle zeros."""
    return (fraction * 100).normalize() + 0


def parse_vat_code(fields: Json) -> VatCode:
    """Read a VAT code."""
    row = Row(fields)
    return VatCode(
        code=row.text("Code"),
        description=row.find_text("Description") or "",
        percentage=percent(row.find_decimal("Percentage") or Decimal(0)),
        kind=row.text("Type").strip(),
        used_for=row.text("VATTransactionType").strip(),
        blocked=row.flag("IsBlocked"),
        charged=row.flag("Charged"),
        listing=(row.find_text("EUSalesListing") or "").strip(),
    )


def name_vat_codes(rows: Iterable[Json]) -> dict[str, str]:
    """Return VAT codes by their ids, by which percentages name them."""
    names: dict[str, str] = {}
    for row in map(Row, rows):
        # A code that cannot be read is told where it is listed.
        with suppress(BadAnswerError):
            names[row.guid("ID")] = row.text("Code")
    return names


def parse_vat_percentage(fields: Json, codes: Mapping[str, str]) -> VatPercentage | None:
    """Read a percentage, None for extra duties and for a code that is not known."""
    row = Row(fields)
    code = codes.get(row.guid("VATCodeID"))
    if code is None or (row.find_integer("Type") or _NORMAL) != _NORMAL:
        return None

    return VatPercentage(
        code=code,
        percentage=percent(row.decimal("Percentage")),
        start=row.find_date("StartDate") or date.min,
        end=row.find_date("EndDate"),
    )


def parse_customer(fields: Json) -> Customer:
    """Read an account."""
    row = Row(fields)
    return Customer(
        id=row.guid("ID"),
        code=row.find_text("Code") or "",
        name=row.text("Name"),
        status=(row.find_text("Status") or "").strip(),
        blocked=row.flag("Blocked"),
        ended_on=row.find_date("EndDate"),
        vat_number=row.find_text("VATNumber"),
        chamber_of_commerce=row.find_text("ChamberOfCommerce"),
        email=row.find_text("Email"),
        city=row.find_text("City"),
        country=(row.find_text("Country") or "").strip() or None,
        payment_condition=row.find_text("PaymentConditionSales"),
    )


def parse_remarks(fields: Json) -> str:
    """Read an account's remarks."""
    return Row(fields).find_lines("Remarks") or ""


def parse_period(fields: Json) -> Period:
    """Read a financial period."""
    row = Row(fields)
    return Period(
        row.integer("FinYear"), row.integer("FinPeriod"), row.date("StartDate"), row.date("EndDate")
    )


def parse_currency(fields: Json) -> str:
    """Read a currency's code."""
    return Row(fields).text("Code").strip()


def parse_payment_condition(fields: Json) -> PaymentCondition:
    """Read a payment condition."""
    row = Row(fields)
    return PaymentCondition(
        row.text("Code"), row.find_text("Description") or "", row.find_integer("PaymentDays") or 0
    )


def parse_cost_center(fields: Json) -> CostCenter:
    """Read a cost centre."""
    row = Row(fields)
    return CostCenter(row.text("Code"), row.find_text("Description") or "", row.find_date("EndDate"))
