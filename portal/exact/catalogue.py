"""Reads who signed in, which divisions there are, and what a division offers."""

from dataclasses import replace

from portal.domain.catalogue import Catalogue, CostCenter, Division, ExactUser
from portal.exact import parse_catalogue as parse
from portal.exact.odata import Json
from portal.exact.session import ExactSession
from portal.remote.errors import BadAnswerError, MissingRightError, NotFoundError


def read_user(session: ExactSession) -> ExactUser:
    """Return who consented; this address alone needs no division."""
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
    found = [parse.parse_division(row) for row in rows]
    return [
        replace(each, moved_on=moved[each.code].moved_on) if each.code in moved else each for each in found
    ]


def _find_moved(session: ExactSession, where: int) -> dict[int, Division]:
    """Return what system/Divisions tells, nothing where the app has no right to it."""
    try:
        rows = session.read_all("system/Divisions", {"select": parse.MOVED_DIVISION}, division=where)
    except (NotFoundError, MissingRightError):
        return {}
    return {each.code: each for each in (parse.parse_moved_division(row) for row in rows)}


def read_catalogue(session: ExactSession) -> Catalogue:
    """Return everything the division offers, list after list."""
    vat_codes = _read(session, "vat/VATCodes", parse.VAT_CODE)
    percentages = _read(session, "vat/VatPercentages", parse.VAT_PERCENTAGE)
    return Catalogue(
        journals=tuple(map(parse.parse_journal, _read(session, "financial/Journals", parse.JOURNAL))),
        accounts=tuple(map(parse.parse_account, _read(session, "financial/GLAccounts", parse.ACCOUNT))),
        vat_codes=tuple(map(parse.parse_vat_code, vat_codes)),
        vat_percentages=parse.parse_vat_percentages(vat_codes, percentages),
        periods=tuple(map(parse.parse_period, _read(session, "financial/FinancialPeriods", parse.PERIOD))),
        currencies=tuple(map(parse.parse_currency, _read(session, "general/Currencies", parse.CURRENCY))),
        payment_conditions=tuple(
            map(
                parse.parse_payment_condition,
                _read(session, "cashflow/PaymentConditions", parse.PAYMENT_CONDITION),
            )
        ),
        cost_centers=_read_cost_centers(session),
    )


def _read(session: ExactSession, path: str, select: str) -> list[Json]:
    return session.read_all(path, {"select": select})


def _read_cost_centers(session: ExactSession) -> tuple[CostCenter, ...]:
    """Return the cost centres, none where the licence has no such module."""
    try:
        return tuple(map(parse.parse_cost_center, _read(session, "hrm/Costcenters", parse.COST_CENTER)))
    except (NotFoundError, MissingRightError):
        return ()
