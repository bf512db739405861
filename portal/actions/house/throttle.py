"""Count tries of passwords before they are checked, and refuse them for longer and longer."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from portal.actions.engine.turn import transaction
from portal.domain.house.throttle import Patience
from portal.store.tries import lock_tries

Names = Mapping[str, Patience]
NO_WAIT = timedelta(0)


def claim_try(session: Session, names: Names, *, now: datetime) -> timedelta:
    """Count a try as if it failed. Return how long to wait, nothing where it may be made."""
    # It is counted before the password is looked at, so that many at once do not pass together.
    with transaction(session):
        rows = lock_tries(session, list(names), now=now)
        waits = [row.blocked_until - now for row in rows if row.blocked_until]
        wait = max(waits, default=NO_WAIT)
        if wait > NO_WAIT:
            return wait

        for row in rows:
            row.count(names[row.name], now)

    return NO_WAIT
