"""What a person may choose from when a copy is booked."""

from dataclasses import dataclass

from portal.domain.booking.catalogue import (
    Catalogue,
    CostCenter,
    Journal,
    LedgerAccount,
    VatCode,
    for_sales,
    is_revenue,
    takes_revenue,
    takes_sales,
)


@dataclass(frozen=True, slots=True)
class Offers:
    """The choices that a catalogue offers. ``accounts`` are all of its ledger accounts, by id."""

    journals: tuple[Journal, ...]
    revenue: tuple[LedgerAccount, ...]
    others: tuple[LedgerAccount, ...]
    codes: tuple[VatCode, ...]
    cost_centers: tuple[CostCenter, ...]
    accounts: dict[str, LedgerAccount]


def read_offers(catalogue: Catalogue) -> Offers:
    """Return what can be chosen of a catalogue."""
    usable = sorted(filter(takes_revenue, catalogue.accounts), key=_by_code)
    return Offers(
        journals=tuple(sorted(filter(takes_sales, catalogue.journals), key=_by_code)),
        revenue=tuple(account for account in usable if is_revenue(account)),
        others=tuple(account for account in usable if not is_revenue(account)),
        codes=tuple(sorted(filter(for_sales, catalogue.vat_codes), key=_by_code)),
        cost_centers=catalogue.cost_centers,
        accounts={account.id: account for account in catalogue.accounts},
    )


def _by_code(offer: Journal | LedgerAccount | VatCode) -> str:
    """Sort offers by their code, as people know them."""
    return offer.code.strip()
