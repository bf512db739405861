"""Which ledger account and cost centre a line is booked on, and whether they may be used."""

from collections.abc import Iterator
from datetime import date

from portal.domain.booking.catalogue import Catalogue, CostCenter, LedgerAccount, shown, takes_revenue
from portal.domain.booking.invoice import InvoiceLine
from portal.domain.booking.mapping import Choices, Chosen
from portal.domain.booking.problems import problem
from portal.domain.booking.sales_entry import Problem
from portal.domain.unreadable import Kind

MANDATORY = 1
NOT_USED = 2


def find_account(catalogue: Catalogue, ledger: Chosen | None) -> LedgerAccount | None:
    """Return the chosen ledger account by its id."""
    return next((found for found in catalogue.accounts if ledger and found.id == ledger.code), None)


def needs_cost_center(account: LedgerAccount | None) -> bool:
    """Say whether an account demands a cost centre."""
    return account is not None and account.cost_center == MANDATORY


def find_cost_center(catalogue: Catalogue, code: str) -> CostCenter | None:
    """Return a cost centre, padded or not."""
    return next((found for found in catalogue.cost_centers if shown(found.code) == shown(code)), None)


def choose_cost_center(
    catalogue: Catalogue, choices: Choices, line: InvoiceLine, account: LedgerAccount | None
) -> str | None:
    """Return the cost centre of a line as Exact spells it."""
    # None where the account uses none.
    code = choices.cost_centers.get(line.id)
    if not code or (account is not None and account.cost_center == NOT_USED):
        return None
    found = find_cost_center(catalogue, code)
    return found.code if found else code


def check_ledger(line: InvoiceLine, ledger: Chosen | None, catalogue: Catalogue) -> Iterator[Problem]:
    """Yield what is wrong with the ledger account of a line."""
    field = f"line_ledgers.{line.id}"
    account = find_account(catalogue, ledger)

    if ledger is None:
        yield _unmapped(line, field)
    elif account is None:
        hidden = catalogue.hides(Kind.LEDGER, ledger.code)
        yield problem("ledger_unreadable" if hidden else "ledger_unknown", field, line=line.description)
    elif account.blocked:
        yield problem("ledger_blocked", field, ledger=shown(account.code))
    elif not takes_revenue(account):
        yield problem("ledger_type", field, ledger=shown(account.code))


def _unmapped(line: InvoiceLine, field: str) -> Problem:
    """Name what a person should map: a service type, once, or this line."""
    if line.service_type_id:
        return problem("ledger_unmapped", "ledger", service=line.service_type or line.service_type_id)
    return problem("ledger_unmapped_line", field, line=line.description)


def check_cost_center(
    line: InvoiceLine, account: LedgerAccount | None, code: str | None, catalogue: Catalogue, day: date | None
) -> Iterator[Problem]:
    """Yield what is wrong with the cost centre of a line."""
    field = f"cost_centers.{line.id}"
    if code is None:
        if account is not None and needs_cost_center(account):
            yield problem("cost_center_missing", field, ledger=shown(account.code), line=line.description)
        return

    found = find_cost_center(catalogue, code)
    if found is None:
        hidden = catalogue.hides(Kind.COST_CENTER, code)
        yield problem(
            "cost_center_unreadable" if hidden else "cost_center_unknown",
            field,
            code=shown(code),
            line=line.description,
        )
    elif found.ended_on and day and found.ended_on < day:
        yield problem(
            "cost_center_ended", field, code=shown(code), date=found.ended_on, line=line.description
        )
