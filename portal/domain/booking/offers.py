"""What a person may choose from when a copy is booked."""

from collections.abc import Container, Sequence
from dataclasses import dataclass, replace

from portal.domain.booking.catalogue import (
    Catalogue,
    CostCenter,
    Journal,
    LedgerAccount,
    VatCode,
    for_sales,
    is_revenue,
    shown,
    takes_revenue,
    takes_sales,
)
from portal.domain.words import words_of

# A list of up to so many accounts is shown whole, a longer one by its first and by a search.
FEW = 40
MOST = 25


@dataclass(frozen=True, slots=True)
class Offers:
    """The choices that a catalogue offers. ``accounts`` are all of its ledger accounts, by id."""

    journals: tuple[Journal, ...]
    revenue: tuple[LedgerAccount, ...]
    others: tuple[LedgerAccount, ...]
    codes: tuple[VatCode, ...]
    cost_centers: tuple[CostCenter, ...]
    accounts: dict[str, LedgerAccount]

    @property
    def is_long(self) -> bool:
        """Say whether there are more accounts than a list shows at once."""
        return len(self.revenue) + len(self.others) > FEW

    def suggesting(self, ids: Container[str]) -> "Offers":
        """Return the offers with the accounts that are suggested before the others of their kind."""

        def place(account: LedgerAccount) -> bool:
            return account.id not in ids

        revenue = tuple(sorted(self.revenue, key=place))
        return replace(self, revenue=revenue, others=tuple(sorted(self.others, key=place)))

    def narrowed(self, query: str, keep: Container[str | None]) -> "Offers":
        """Return the offers with the accounts that a list shows."""
        shown_ones = {account.id for account in narrow((*self.revenue, *self.others), query, keep)}
        return replace(
            self,
            revenue=tuple(account for account in self.revenue if account.id in shown_ones),
            others=tuple(account for account in self.others if account.id in shown_ones),
        )


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


def narrow(
    accounts: Sequence[LedgerAccount], query: str = "", keep: Container[str | None] = ()
) -> tuple[LedgerAccount, ...]:
    """Return the accounts that a list shows: the first of those that a search finds, and the chosen ones."""
    if len(accounts) <= FEW and not query.strip():
        return tuple(accounts)

    found = {account.id for account in search_accounts(query, accounts)[:MOST]}
    return tuple(account for account in accounts if account.id in found or account.id in keep)


def search_accounts(query: str, accounts: Sequence[LedgerAccount]) -> list[LedgerAccount]:
    """Return the accounts whose code or description has every word of a query, best first."""
    parts = words_of(query)
    ranked = [(rank, account) for account in accounts if (rank := _rank(parts, account)) is not None]
    # Those alike stay in their order.
    ranked.sort(key=lambda pair: pair[0])
    return [account for _rank_of_it, account in ranked]


def _rank(parts: Sequence[str], account: LedgerAccount) -> int | None:
    """Rank a hit, of which a lower one is better. None for no hit."""
    code = shown(account.code).casefold()
    words = words_of(account.description)
    ranks = [_rank_part(part, code, words) for part in parts]
    hits = [rank for rank in ranks if rank is not None]
    return sum(hits) if len(hits) == len(ranks) else None


def _rank_part(part: str, code: str, words: Sequence[str]) -> int | None:
    fits = (
        part == code,
        code.startswith(part),
        any(word.startswith(part) for word in words),
        part in code or part in " ".join(words),
    )
    return next((rank for rank, fit in enumerate(fits) if fit), None)
