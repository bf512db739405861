"""Read all customers again, where deletions may have been missed."""

# Those that do not come are asked for by name before they count as gone. So nothing is forgotten
# on an answer that is empty, broken or cut off.

from datetime import datetime

from sqlalchemy.orm import Session

from portal.actions.customers.keep import bury, keep_page
from portal.actions.engine.ports import Ledger
from portal.actions.engine.turn import let_go, transaction
from portal.domain.failed import Failed
from portal.domain.payments.feeds import BEGINNING
from portal.domain.said import said
from portal.domain.unreadable import has_key
from portal.remote.errors import BadAnswerError
from portal.store.catalogue import customers_known
from portal.store.connections import ConnectionRow

# So many are asked for in one call, and so many in all. More mean that the answer was wrong.
ASKED_AT_ONCE = 40
MOST_DOUBTS = 400


def read_whole(session: Session, ledger: Ledger, connection: ConnectionRow, now: datetime) -> None:
    """Read every customer, and bury those that Exact does not know."""
    known = customers_known(session, connection.id)
    let_go(session)
    seen: set[str] = set()
    newest = BEGINNING
    # An answer that was cut off does not end it: it is read on until nothing more comes.
    while reached := _read_on(session, ledger, connection, newest, seen, now):
        newest = reached

    if known and not seen:
        raise BadAnswerError(said(Failed.NO_CUSTOMERS))

    missing = sorted(known - seen)
    if len(missing) > MOST_DOUBTS:
        raise BadAnswerError(said(Failed.MANY_CUSTOMERS_LEFT_OUT, count=len(missing)))

    witness = min(filter(has_key, seen), default="")
    if missing and not witness:
        raise BadAnswerError(said(Failed.CUSTOMER_LEFT_OUT))

    gone = _find_gone(ledger, missing, witness) if missing else []
    with transaction(session):
        bury(session, connection, gone, now)
        connection.customers.cursor = newest


def _read_on(
    session: Session, ledger: Ledger, connection: ConnectionRow, since: int, seen: set[str], now: datetime
) -> int | None:
    """Keep what comes after a timestamp. Return the highest, None when nothing came."""
    reached = None
    for page, highest in ledger.each_customer_page(since):
        with transaction(session):
            keep_page(session, connection.id, page, now)
        seen.update(each.id for each in page)
        if highest > since:
            reached = max(highest, reached or since)

    return reached


def _find_gone(ledger: Ledger, missing: list[str], witness: str) -> list[str]:
    """Ask for customers by name, and return those that Exact does not know."""
    # An answer counts only if it holds one that was shown just now.
    gone: list[str] = []
    for at in range(0, len(missing), ASKED_AT_ONCE - 1):
        asked = missing[at : at + ASKED_AT_ONCE - 1]
        living = ledger.find_living_customers([witness, *asked])
        if witness not in living:
            raise BadAnswerError(said(Failed.CUSTOMER_LEFT_OUT))

        gone += [each for each in asked if each not in living]

    return gone
