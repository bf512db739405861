"""Runs: many copies that were asked for at once, and what became of each."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

# More than a person looks at before it is booked; the others come in the next run.
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


# The run has nothing more to do with it by itself.
ENDED = (
    ItemState.COPIED,
    ItemState.DIFFERENT,
    ItemState.NEEDS_YOU,
    ItemState.STOPPED,
    ItemState.ALREADY,
)
BOOKED = (ItemState.COPIED, ItemState.DIFFERENT)


@dataclass(frozen=True, slots=True)
class Tally:
    """How many invoices of a run are in one state, and their sum per currency in cents."""

    count: int = 0
    amounts: Mapping[str, int] | None = None


def count_ended(tallies: Mapping[ItemState, Tally]) -> int:
    """Count the invoices that a run has done with."""
    return sum(tallies[state].count for state in ENDED if state in tallies)
