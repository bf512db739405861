"""Which ledger account fits a service type: what was chosen for its name, then likeness of names."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from portal.domain.booking.catalogue import Catalogue, LedgerAccount, is_revenue, shown, takes_revenue
from portal.domain.booking.suggest import (
    Because,
    Reason,
    Score,
    Suggested,
    Suggestion,
    Tie,
    because,
    choose_best,
)
from portal.domain.booking.trade_words import takes_the_rest, trade_words, trades_of
from portal.domain.words import words_of

ALIKE = 0.86
SAME_ACCOUNT = 0.8
MEANS = 0.75
SHARED_WORD = 0.9


@dataclass(frozen=True, slots=True)
class Precedent:
    """What somebody chose for a service type, here or in another subsidiary."""

    # ``code`` and ``description`` are of the account that was chosen there.

    service: str
    code: str
    description: str
    subsidiary: str
    is_here: bool


def suggest_ledger(
    service: str, catalogue: Catalogue, precedents: Sequence[Precedent], score: Score
) -> Suggestion:
    """Suggest the revenue account of a service type, or ask between several."""
    accounts = [one for one in catalogue.accounts if takes_revenue(one) and is_revenue(one)]
    same = [one for one in precedents if _plain(one.service) == _plain(service)]
    like = [one for one in precedents if one not in same and _are_alike(one.service, service, score)]

    for found, is_same in ((same, True), (like, False)):
        for is_here in (True, False):
            chosen = [one for one in found if one.is_here is is_here]
            if suggestion := _from_precedents(chosen, accounts, score, is_same=is_same):
                return suggestion

    return _from_names(service, accounts, score)


def rank_accounts(
    service: str, catalogue: Catalogue, precedents: Sequence[Precedent], score: Score
) -> list[LedgerAccount]:
    """Return all accounts that a line may be booked on: what fits best, then revenue, then the others."""
    suggestion = suggest_ledger(service, catalogue, precedents, score)
    first: tuple[str, ...] = ()
    if suggestion is not None:
        first = (suggestion.target,) if isinstance(suggestion, Suggested) else suggestion.targets

    offered = [one for one in catalogue.accounts if takes_revenue(one)]
    return sorted(
        offered,
        key=lambda one: (
            one.id not in first,
            not is_revenue(one),
            -_rank(service, one, score) if is_revenue(one) else 0,
            shown(one.code),
        ),
    )


def _from_precedents(
    chosen: Sequence[Precedent], accounts: Sequence[LedgerAccount], score: Score, *, is_same: bool
) -> Suggestion:
    """Suggest what was chosen before, where this division has the same account."""
    found: dict[str, Precedent] = {}
    for one in chosen:
        if account := _same_account(one, accounts, score):
            found.setdefault(account.id, one)

    if not found:
        return None
    if len(found) > 1:
        return Tie(tuple(sorted(found)), because(Reason.CHOSEN_DIFFERENTLY))

    [(target, precedent)] = found.items()
    return Suggested(target, _because_of(precedent, is_same=is_same))


def _because_of(precedent: Precedent, *, is_same: bool) -> Because:
    if precedent.is_here:
        return because(Reason.SAME_HERE if is_same else Reason.LIKE_HERE, service=precedent.service)

    reason = Reason.SAME_ELSEWHERE if is_same else Reason.LIKE_ELSEWHERE
    return because(reason, subsidiary=precedent.subsidiary, service=precedent.service)


def _same_account(
    precedent: Precedent, accounts: Sequence[LedgerAccount], score: Score
) -> LedgerAccount | None:
    """Return the account of this division with the code and about the description of another's."""
    # Another division may use the same number for something else.
    for account in accounts:
        alike = score(_plain(account.description), _plain(precedent.description))
        if shown(account.code) == shown(precedent.code) and (precedent.is_here or alike >= SAME_ACCOUNT):
            return account

    named = [one for one in accounts if _plain(one.description) == _plain(precedent.description)]
    return named[0] if len(named) == 1 else None


def _from_names(service: str, accounts: Iterable[LedgerAccount], score: Score) -> Suggestion:
    """Suggest the account whose name is alike, or means the same in another language."""
    known = {one.id: one for one in accounts if not takes_the_rest(one.description)}
    fits = [(_fit(service, one, score), one.id) for one in known.values()]
    best = choose_best([pair for pair in fits if pair[0] >= MEANS], str)
    if not isinstance(best, str):
        return best

    is_named = _likeness(service, known[best].description, score) >= ALIKE
    return Suggested(best, because(Reason.LEDGER_NAME if is_named else Reason.LEDGER_MEANING))


def _fit(service: str, account: LedgerAccount, score: Score) -> float:
    """Say from 0 to 1 how well an account fits a service type by its name."""
    likeness = _likeness(service, account.description, score)
    ours = trades_of(service)
    theirs = trades_of(account.description)
    # An account for one trade fits better than one for two.
    meaning = MEANS + 0.2 * len(ours & theirs) / len(ours | theirs) if ours & theirs else 0.0
    return max(likeness if likeness >= ALIKE else 0.0, meaning, likeness * MEANS * 0.9)


def _rank(service: str, account: LedgerAccount, score: Score) -> float:
    """Return how well an account fits, 0 where its name says nothing."""
    fit = _fit(service, account, score)
    return fit if fit >= MEANS else 0.0


def _likeness(service: str, description: str, score: Score) -> float:
    """Return how alike two names are, without words that say nothing about the work."""
    ours = trade_words(service)
    theirs = trade_words(description)
    if not ours or not theirs:
        return 0.0
    if set(ours) == set(theirs):
        return 1.0
    if set(ours) <= set(theirs) or set(theirs) <= set(ours):
        return SHARED_WORD

    return score(" ".join(ours), " ".join(theirs))


def _are_alike(one: str, other: str, score: Score) -> bool:
    """Say whether two service types are called about the same."""
    return _likeness(one, other, score) >= ALIKE


def _plain(name: str) -> str:
    return " ".join(words_of(name))
