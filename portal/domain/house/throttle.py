"""How long one must wait after wrong passwords."""

from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address
from typing import NamedTuple

FIRST_WAIT = timedelta(minutes=1)
FORGOTTEN_AFTER = timedelta(hours=24)
SHARED_FORGETS_ONE_IN = timedelta(minutes=5)
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
    # Some are free, then each doubles the wait.
    over = failures - patience.free
    if over < 0:
        return timedelta(0)
    doublings: int = 2 ** min(over, MOST_DOUBLINGS)
    return min(FIRST_WAIT * doublings, patience.longest)


def what_counts(failures: int, since: datetime, *, now: datetime, patience: Patience) -> tuple[int, datetime]:
    """Return how many failures still count, and from when on the next of them is forgotten."""
    if now >= since + FORGOTTEN_AFTER:
        return 0, now
    if not patience.shared:
        return failures, now

    # What is shared forgets one after another, for in a busy office somebody always errs.
    forgotten = max(0, (now - since) // SHARED_FORGETS_ONE_IN)
    if forgotten >= failures:
        return 0, now

    return failures - forgotten, since + forgotten * SHARED_FORGETS_ONE_IN


def network_of(address: str) -> str:
    """Return what is counted of an address. An IPv6 network of 64 bits is one household."""
    try:
        told = ip_address(address)
    except ValueError:
        return address

    if isinstance(told, IPv6Address):
        return str(told.ipv4_mapped or IPv6Address(int(told) >> 64 << 64))

    return str(told)
