"""Look what Exact holds under the numbers of invoices, so that nothing is booked beside it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from portal.actions.engine.desk import Clock
from portal.actions.engine.ports import Ledger
from portal.actions.engine.turn import let_go, transaction
from portal.domain.copies.strangers import HeldEntry, share_out
from portal.store.looks import LookRow, find_look, keep_looks, looks_of, waiting_numbers

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
    numbers = find_unknown(session, connection_id, number, now=now, others=others, anew=anew)
    found = look_at(session, ledger, numbers)
    if found is not None:
        with transaction(session):
            keep_looks(session, connection_id, found, now)


def find_unknown(
    session: Session, connection_id: int, number: str, *, now: datetime, others: bool, anew: bool
) -> Sequence[str]:
    """Return the numbers to ask for, none where what stands under this one is known. As for ``look_up``."""
    look = find_look(session, connection_id, number)
    if look is not None and look.is_fresh(now) and not anew:
        return ()

    ahead = waiting_numbers(session, connection_id, AT_ONCE, now) if others else []
    return list(dict.fromkeys([number.strip(), *ahead]))[:AT_ONCE]


def look_at(session: Session, ledger: Ledger, numbers: Sequence[str]) -> dict[str, list[HeldEntry]] | None:
    """Ask Exact what it holds under some numbers, where there are any. Ends what was read before."""
    if not numbers:
        return None

    let_go(session)
    return share_out(numbers, ledger.find_held(numbers))


def look_up_several(
    session: Session, ledger: Ledger, connection_id: int, numbers: Sequence[str], *, clock: Clock
) -> int:
    """Ask Exact in one go what it holds under the first numbers that are not known. Returns how many."""
    now = clock()
    known = looks_of(session, connection_id, numbers)
    wanted = [number.strip() for number in numbers if number.strip()]
    unknown = [each for each in dict.fromkeys(wanted) if not _is_known(known.get(each), now)]
    asked = unknown[:AT_ONCE]
    let_go(session)
    if asked:
        look_numbers_up(session, ledger, connection_id, asked, now=now)

    return len(asked)


def look_numbers_up(
    session: Session, ledger: Ledger, connection_id: int, numbers: Sequence[str], *, now: datetime
) -> None:
    """Ask Exact what it holds under these numbers, and keep it. No transaction may be open."""
    found = share_out(numbers, ledger.find_held(numbers))
    with transaction(session):
        keep_looks(session, connection_id, found, now)


def _is_known(look: LookRow | None, now: datetime) -> bool:
    return look is not None and look.is_fresh(now)
