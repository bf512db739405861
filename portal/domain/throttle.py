"""How long one must wait after wrong passwords: some are free, then each doubles the wait."""

from datetime import datetime, timedelta
from typing import NamedTuple

FIRST_WAIT = timedelta(minutes=1)
FORGOTTEN_AFTER = timedelta(hours=24)
MOST_DOUBLINGS = 16


class Patience(NamedTuple):
    """How many failures are free, the longest wait after that, and whether others may be counted too."""

    free: int
    longest: timedelta
    shared: bool = False


# The same account from the same address, where nobody has signed in with this browser before.
PAIR = Patience(5, timedelta(hours=1))
# One address, whatever account; an office may share it, so that the wait stays short.
ADDRESS = Patience(10, timedelta(minutes=5), shared=True)
# One account from everywhere. High and short, so that strangers keep nobody out for long.
ACCOUNT = Patience(100, timedelta(minutes=5), shared=True)
# A browser that this person has signed in with before; strangers do not reach it.
DEVICE = Patience(10, timedelta(hours=1))
# Somebody who is signed in and is asked for their password again.
CONFIRM = Patience(5, timedelta(hours=1))


def wait_after(failures: int, patience: Patience) -> timedelta:
    """Return how long nothing is tried after so many failures in a row."""
    over = failures - patience.free
    if over < 0:
        return timedelta(0)
    doublings: int = 2 ** min(over, MOST_DOUBLINGS)
    return min(FIRST_WAIT * doublings, patience.longest)


def is_forgotten(last_at: datetime, now: datetime) -> bool:
    """Say whether failures are so old that they count no more."""
    return now >= last_at + FORGOTTEN_AFTER
