"""What people call a ledger account or a VAT code, and what is wrong with it as a target."""

from collections.abc import Sequence
from decimal import Decimal
from typing import TypedDict

from flask_babel import gettext as _

from portal.domain.booking.catalogue import (
    Catalogue,
    LedgerAccount,
    for_sales,
    is_revenue,
    shown,
    takes_revenue,
)
from portal.domain.booking.offers import FEW, narrow
from portal.domain.unreadable import Kind

Choice = tuple[str, str]


def name_ledger(catalogue: Catalogue, target: str | None) -> tuple[str, str | None]:
    """Return what people call an account, and what is wrong with it."""
    if target is None:
        return "", None

    account = next((one for one in catalogue.accounts if one.id == target), None)
    if account is None:
        if catalogue.hides(Kind.LEDGER, target):
            return _("Unreadable ledger"), _("This ledger cannot be read from Exact. Correct it there.")
        return _("Unknown ledger"), _("This ledger is no longer in Exact. Choose another.")

    name = f"{shown(account.code)} · {account.description}"
    if account.blocked:
        return name, _("This ledger is blocked in Exact. Choose another.")
    if not takes_revenue(account):
        return name, _("Invoices cannot be booked on this ledger. Choose another.")

    return name, None


def name_vat_code(catalogue: Catalogue, target: str | None, percentage: str | None) -> tuple[str, str | None]:
    """Return what people call a VAT code, and what is wrong with it for this percentage."""
    if target is None:
        return "", None

    code = next((one for one in catalogue.vat_codes if one.code == target), None)
    if code is None:
        if catalogue.hides(Kind.VAT_CODE, target):
            return shown(target), _("This VAT code cannot be read from Exact. Correct it there.")
        return shown(target), _("This VAT code is no longer in Exact. Choose another.")

    name = f"{shown(code.code)} · {code.description}"
    if code.blocked:
        return name, _("This VAT code is blocked in Exact. Choose another.")
    if not for_sales(code):
        return name, _("This VAT code is not for sales. Choose another.")

    if percentage is not None and code.percentage != Decimal(percentage):
        return name, _(
            "This VAT code has %(code)s %%, the tax rate %(rate)s %%.",
            code=f"{code.percentage.normalize():f}",
            rate=f"{Decimal(percentage).normalize():f}",
        )

    return name, None


class Accounts(TypedDict):
    """The accounts that a list shows, and whether there are more."""

    revenue: list[Choice]
    other: list[Choice]
    is_long: bool


def account_groups(
    catalogue: Catalogue, order: Sequence[str] = (), *, query: str | None = None, chosen: str | None = None
) -> Accounts:
    """Return the accounts a line may be booked on: revenue first, by fit where that is known."""
    accounts = (one for one in catalogue.accounts if takes_revenue(one))
    ranks = {target: rank for rank, target in enumerate(order)}
    offered = sorted(accounts, key=lambda one: (ranks.get(one.id, len(ranks)), shown(one.code)))
    offered.sort(key=is_revenue, reverse=True)
    # Without a search beside it a list is shown whole.
    few = offered if query is None else narrow(offered, query, {chosen})
    return {
        "revenue": _choices([one for one in few if is_revenue(one)]),
        "other": _choices([one for one in few if not is_revenue(one)]),
        "is_long": len(offered) > FEW,
    }


def _choices(accounts: Sequence[LedgerAccount]) -> list[Choice]:
    return [(one.id, f"{shown(one.code)} · {one.description}") for one in accounts]


def vat_choices(catalogue: Catalogue, order: Sequence[str] = ()) -> list[Choice]:
    """Return the VAT codes a tax rate may be mapped to, by fit where that is known."""
    ranks = {target: rank for rank, target in enumerate(order)}
    offered = sorted(filter(for_sales, catalogue.vat_codes), key=lambda one: ranks.get(one.code, len(ranks)))
    return [
        (one.code, f"{shown(one.code)} · {one.description} ({one.percentage.normalize():f} %)")
        for one in offered
    ]
