"""Look what Exact holds under the numbers of invoices, so that nothing is booked beside it."""

from sqlalchemy.orm import Session

from portal.actions.engine.desk import Clock
from portal.actions.engine.ports import Ledger
from portal.domain.copies.strangers import share_out
from portal.store.looks import find_look, keep_looks, waiting_numbers

# With the one that is asked for; an address takes at least twenty of the longest numbers.
AT_ONCE = 40


def look_up(
    session: Session,
    ledger: Ledger,
    connection_id: int,
    number: str,
    *,
    clock: Clock,
    others: bool = False,
    anew: bool = False,
) -> None:
    """Ask Exact what it holds under a number, unless that is known and at most ten minutes old.

    ``others`` says that the numbers of the copies which wait are asked for along with it, ``anew`` that
    something speaks against what is known.
    """
    now = clock()
    look = find_look(session, connection_id, number)
    known = look is not None and look.is_fresh(now) and not anew
    ahead = waiting_numbers(session, connection_id, AT_ONCE, now) if others and not known else []
    session.commit()
    if known:
        return

    numbers = list(dict.fromkeys([number.strip(), *ahead]))[:AT_ONCE]
    found = ledger.find_held(numbers)

    keep_looks(session, connection_id, share_out(numbers, found), now)
    session.commit()
