"""Long lists of ledger accounts are shown by their first ones and by a search."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.booking.catalogue import REVENUE_ACCOUNT, LedgerAccount
from portal.domain.booking.offers import FEW, MOST, Offers, narrow, search_accounts


def an_account(code: str, description: str = "Turnover") -> LedgerAccount:
    return LedgerAccount(f"id-{code}", code.rjust(9), description, REVENUE_ACCOUNT, "W", False, 0)


NAMED = (
    an_account("8000", "Omzet hoog"),
    an_account("8001", "Omzet laag"),
    an_account("80", "Diverse opbrengsten"),
    an_account("8100", "Development & Design"),
    an_account("8200", "Beratungserlöse"),
    an_account("700000", "Ventes Café"),
)
# what a person types, the codes that are found, best first
SEARCHES = {
    "80": ["80", "8000", "8001"],
    "8000": ["8000"],
    " 8000 ": ["8000"],
    "omzet": ["8000", "8001"],
    "OMZET LAAG": ["8001"],
    "laag omzet": ["8001"],
    "design": ["8100"],
    "beratungserlose": ["8200"],
    "cafe": ["700000"],
    "zet": ["8000", "8001"],
    "000": ["8000", "700000"],
    "nothing like it": [],
}


@pytest.mark.parametrize("query", SEARCHES)
def test_accounts_are_found_by_code_and_by_words(query: str) -> None:
    assert [account.code.strip() for account in search_accounts(query, NAMED)] == SEARCHES[query]


@given(st.integers(0, 200), st.sets(st.integers(0, 199), max_size=5), st.sampled_from(["", "8", "99", "x"]))
def test_what_is_chosen_stays_in_the_list_and_the_list_stays_short(
    count: int, chosen: set[int], query: str
) -> None:
    accounts = [an_account(str(8000 + at)) for at in range(count)]
    keep = {f"id-{8000 + at}" for at in chosen}
    few = narrow(accounts, query, keep)

    assert len(few) <= max(FEW, MOST + len(keep))
    assert {account.id for account in accounts if account.id in keep} <= {account.id for account in few}
    assert list(few) == [account for account in accounts if account in few]
    if count <= FEW and not query:
        assert list(few) == accounts


@given(st.permutations(range(12)), st.sets(st.integers(0, 11)))
def test_suggested_accounts_come_first_among_their_kind_and_nothing_is_lost(
    order: list[int], suggested: set[int]
) -> None:
    accounts = tuple(an_account(str(8000 + at)) for at in order)
    before = Offers((), accounts[:6], accounts[6:], (), (), {})
    ids = {f"id-{8000 + at}" for at in suggested}
    after = before.suggesting(ids)

    for mine, others in ((after.revenue, before.revenue), (after.others, before.others)):
        first = [account for account in others if account.id in ids]
        assert list(mine) == [*first, *(account for account in others if account.id not in ids)]
