"""Suggestions: what a mapping may lead to, with the reason. Nobody uses one before a person accepted it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

Score = Callable[[str, str], float]
"""How alike two names are, from 0 to 1."""

# How much better the best name must be than the next.
MARGIN = 0.05
MOST_TIED = 4
Candidate = TypeVar("Candidate")


class Reason(StrEnum):
    """Why something is suggested, or why it is a question. People's words are made where it is shown."""

    # VAT codes
    ONLY_CODE = "only code"
    CODE_NAME = "code name"
    CODE_LISTED = "code listed"
    CODE_SAYS = "code says"
    # ledger accounts
    SAME_HERE = "same here"
    SAME_ELSEWHERE = "same elsewhere"
    LIKE_HERE = "like here"
    LIKE_ELSEWHERE = "like elsewhere"
    LEDGER_NAME = "ledger name"
    LEDGER_MEANING = "ledger meaning"
    # customers
    EVIDENCE = "evidence"
    # questions
    FIT_EQUALLY = "fit equally"
    SEVERAL_PLACES = "several places"
    NAME_OR_PLACE = "name or place"
    CHOSEN_DIFFERENTLY = "chosen differently"


@dataclass(frozen=True, slots=True)
class Because:
    """A reason with its values, which are codes or names."""

    reason: Reason
    values: tuple[tuple[str, str], ...] = ()

    def value(self, name: str) -> str:
        """Return one of its values, empty where it has none of this name."""
        return dict(self.values).get(name, "")


@dataclass(frozen=True, slots=True)
class Suggested:
    """One target that fits better than all others."""

    target: str
    because: Because


@dataclass(frozen=True, slots=True)
class Tie:
    """Targets between which only a person can choose."""

    targets: tuple[str, ...]
    because: Because = Because(Reason.FIT_EQUALLY)


Suggestion = Suggested | Tie | None


def because(reason: Reason, **values: str) -> Because:
    """Make a reason from its code and its values."""
    return Because(reason, tuple(values.items()))


def choose_best(
    ranked: Iterable[tuple[float, Candidate]], name_of: Callable[[Candidate], str], margin: float = MARGIN
) -> Candidate | Tie | None:
    """Return the candidate with the best score, or all that are about as good."""
    found = sorted(ranked, key=lambda pair: (-pair[0], name_of(pair[1])))
    if not found:
        return None

    best = found[0][0]
    close = [one for score, one in found if best - score < margin or best == score]
    if len(close) == 1:
        return close[0]

    return Tie(tuple(name_of(one) for one in close[:MOST_TIED]))


def order_by_fit(
    targets: Sequence[Candidate], suggestion: Suggestion, name_of: Callable[[Candidate], str]
) -> list[Candidate]:
    """Put what is suggested first, and leave the others as they are."""
    if suggestion is None:
        return list(targets)

    first = (suggestion.target,) if isinstance(suggestion, Suggested) else suggestion.targets
    return sorted(targets, key=lambda one: name_of(one) not in first)
