"""Runs: many copies that were asked for at once, and what became of each."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

# No person looks at more before it is booked. What is left comes in the next run.
MOST = 1000


class RunState(StrEnum):
    """What is left to be done in a run."""

    RUNNING = "running"
    # Nothing more is begun. What was being sent when somebody said so may still end.
    STOPPED = "stopped"
    DONE = "done"


class ItemState(StrEnum):
    """Where one invoice of a run stands."""

    TO_COME = "to come"
    UNDER_WAY = "under way"
    COPIED = "copied"
    DIFFERENT = "copied with a difference"
    NEEDS_YOU = "needs you"
    STOPPED = "stopped"
    # Somebody else copied it, or it was copied by hand since.
    ALREADY = "already copied"


OPEN = (ItemState.TO_COME, ItemState.UNDER_WAY)
BOOKED = (ItemState.COPIED, ItemState.DIFFERENT)


@dataclass(frozen=True, slots=True)
class Counted:
    """How many invoices are in one state, and their sum per currency in cents."""

    count: int = 0
    amounts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is."""

    states: Mapping[ItemState, Counted]

    def count(self, *states: ItemState) -> int:
        """Count the invoices in some states."""
        return sum(self.states[state].count for state in states if state in self.states)

    def amounts(self, *states: ItemState) -> dict[str, int]:
        """Add up the invoices in some states, per currency."""
        sums: Counter[str] = Counter()
        for state in states:
            for currency, amount in self.states.get(state, Counted()).amounts.items():
                sums[currency] += amount

        return dict(sorted(sums.items()))

    @property
    def total(self) -> int:
        """Count all invoices of the run."""
        return self.count(*ItemState)

    @property
    def ended(self) -> int:
        """Count the invoices that the run has done with."""
        return self.total - self.count(*OPEN)

    @property
    def is_over(self) -> bool:
        """Say whether nothing of the run goes on by itself."""
        return self.count(*OPEN) == 0

    @property
    def booked(self) -> int:
        """Count the entries that the run booked."""
        return self.count(*BOOKED)

    @property
    def needing(self) -> int:
        """Count the invoices that need somebody."""
        return self.count(ItemState.NEEDS_YOU)

    @property
    def stopped(self) -> int:
        """Count the invoices that were not sent because somebody stopped the run."""
        return self.count(ItemState.STOPPED)


@dataclass(frozen=True, slots=True)
class Span:
    """The first and the last of some entry numbers."""

    first: str
    last: str
    count: int


def span_of(numbers: Iterable[str]) -> Span | None:
    """Return the first and the last entry number, by their value, None where there is none."""
    ordered = sorted(numbers, key=_value)
    return Span(ordered[0], ordered[-1], len(ordered)) if ordered else None


def _value(number: str) -> tuple[int, str]:
    """Order numbers by their value, and what is no number after them by its letters."""
    return (int(number), "") if number.isascii() and number.isdigit() else (1 << 62, number)
