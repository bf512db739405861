"""Count tries of passwords before they are checked, and refuse them for longer and longer."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address

from sqlalchemy.orm import Session

from portal.domain.house.throttle import Patience, wait_after, what_counts
from portal.store.tries import TryRow, lock_tries

Names = Mapping[str, Patience]


def claim_try(session: Session, names: Names, *, now: datetime) -> timedelta:
    """Count a try as if it failed, and commit; return how long to wait, nothing where it may be made.

    It is counted before the password is looked at, so that many at once do not pass together.
    """
    rows = lock_tries(session, list(names), now=now)
    wait = max((row.blocked_until - now for row in rows if row.blocked_until), default=timedelta(0))

    if wait <= timedelta(0):
        for row in rows:
            count(row, names[row.name], now)

    session.commit()
    return max(wait, timedelta(0))


def count(row: TryRow, patience: Patience, now: datetime) -> None:
    """Count one failure, and set the wait that it brings."""
    before, row.last_at = what_counts(row.failures, row.last_at, now=now, patience=patience)
    row.failures = before + 1
    wait = wait_after(row.failures, patience)
    row.blocked_until = now + wait if wait else None


def network_of(address: str) -> str:
    """Return what is counted of an address. An IPv6 network of 64 bits is one household."""
    try:
        told = ip_address(address)
    except ValueError:
        return address

    if isinstance(told, IPv6Address):
        return str(told.ipv4_mapped or IPv6Address(int(told) >> 64 << 64))

    return str(told)
