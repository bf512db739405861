"""Reads who signed in, which divisions there are, and what a division offers."""

from collections.abc import Sequence
from dataclasses import replace

from portal.domain.booking.catalogue import Catalogue, Division, ExactUser, VatCode, VatPercentage
from portal.domain.unreadable import Kind, Unreadable, readable, unreadable
from portal.exact import parse_catalogue as parse
from portal.exact import reading
from portal.exact.odata import Json
from portal.exact.rates import read_rates
from portal.exact.reading import Listed
from portal.exact.session import ExactSession
from portal.remote.errors import BadAnswerError, MissingRightError, NotFoundError
from portal.remote.odd import all_read


def read_user(session: ExactSession) -> ExactUser:
    """Return who consented. This address alone needs no division."""
    rows = session.read_all("Me", {"select": parse.USER}, division="current")
    if len(rows) != 1:
        raise BadAnswerError("Exact does not say who signed in.")
    return parse.parse_user(rows[0])


def find_divisions(session: ExactSession) -> list[Division]:
    """Return the divisions the user may use, with the day their timestamps became void where that is told."""
    where = session.division or read_user(session).division
    moved = _find_moved(session, where)

    try:
        rows = session.read_all("hrm/Divisions", {"select": parse.DIVISION}, division=where)
    except NotFoundError:
        return list(moved.values())

    found = _some(reading.DIVISIONS.read(rows))
    return [
        replace(each, moved_on=moved[each.code].moved_on) if each.code in moved else each for each in found
    ]


def _find_moved(session: ExactSession, where: int) -> dict[int, Division]:
    """Return what system/Divisions tells, nothing where the app has no right to it."""
    try:
        rows = session.read_all("system/Divisions", {"select": parse.MOVED_DIVISION}, division=where)
    except (NotFoundError, MissingRightError):
        return {}
    return {each.code: each for each in _some(reading.MOVED_DIVISIONS.read(rows))}


def _some(divisions: Sequence[Division | Unreadable]) -> list[Division]:
    """Leave out divisions that cannot be read, unless nothing else is there."""
    return readable(divisions) or all_read(divisions)


def read_catalogue(session: ExactSession) -> Catalogue:
    """Return everything the division offers, list after list, with what of it cannot be read."""
    code_rows = _rows(session, "vat/VATCodes", parse.VAT_CODE)
    percentages = _read_percentages(session, code_rows)
    vat_codes = _without_doubtful(reading.VAT_CODES.read(code_rows), code_rows, unreadable(percentages))
    journals = reading.JOURNALS.read(_rows(session, "financial/Journals", parse.JOURNAL))
    accounts = reading.ACCOUNTS.read(_rows(session, "financial/GLAccounts", parse.ACCOUNT))
    periods = reading.PERIODS.read(_rows(session, "financial/FinancialPeriods", parse.PERIOD))
    currencies = reading.CURRENCIES.read(_rows(session, "general/Currencies", parse.CURRENCY))
    conditions = reading.PAYMENT_CONDITIONS.read(
        _rows(session, "cashflow/PaymentConditions", parse.PAYMENT_CONDITION)
    )
    cost_centers = reading.COST_CENTERS.read(_cost_center_rows(session))
    lists: tuple[Sequence[object], ...] = (
        *(journals, accounts, vat_codes, percentages, periods, currencies, conditions, cost_centers),
    )

    return Catalogue(
        journals=tuple(readable(journals)),
        accounts=tuple(readable(accounts)),
        vat_codes=tuple(readable(vat_codes)),
        vat_percentages=tuple(one for one in readable(percentages) if one),
        periods=tuple(readable(periods)),
        currencies=tuple(readable(currencies)),
        payment_conditions=tuple(readable(conditions)),
        cost_centers=tuple(readable(cost_centers)),
        unreadable=tuple(one for rows in lists for one in unreadable(rows)),
        rates=read_rates(session),
    )


def _rows(session: ExactSession, path: str, select: str) -> list[Json]:
    return session.read_all(path, {"select": select})


def _cost_center_rows(session: ExactSession) -> list[Json]:
    """Return the cost centres, none where the licence has no such module."""
    try:
        return _rows(session, "hrm/Costcenters", parse.COST_CENTER)
    except (NotFoundError, MissingRightError):
        return []


def _read_percentages(
    session: ExactSession, code_rows: Sequence[Json]
) -> list[VatPercentage | Unreadable | None]:
    names = parse.name_vat_codes(code_rows)
    listed = Listed[VatPercentage | None](
        kind=Kind.VAT_PERCENTAGE,
        parse=lambda row: parse.parse_vat_percentage(row, names),
        key=lambda one: one,
        names=(),
        parent_field="VATCodeID",
    )

    return listed.read(_rows(session, "vat/VatPercentages", parse.VAT_PERCENTAGE))


def _without_doubtful(
    codes: Sequence[VatCode | Unreadable], rows: Sequence[Json], percentages: Sequence[Unreadable]
) -> list[VatCode | Unreadable]:
    """Take out the codes of which a percentage cannot be read, for another one would be taken for it."""
    names = parse.name_vat_codes(rows)
    doubtful = {names[one.parent]: one for one in percentages if one.parent in names}
    return [
        _doubted(code, doubtful[code.code]) if isinstance(code, VatCode) and code.code in doubtful else code
        for code in codes
    ]


def _doubted(code: VatCode, percentage: Unreadable) -> Unreadable:
    fault = replace(percentage.fault, part=Kind.VAT_PERCENTAGE)
    return Unreadable(Kind.VAT_CODE, code.code, f"{code.code.strip()} {code.description}".strip(), fault)
