"""Jobs on the reconciliation."""

from portal.actions.books.compare import compare_books as compare
from portal.actions.books.read_entries import read_exact as read
from portal.actions.books.request_readings import request_nightly
from portal.wiring import current


def read_exact(connection_id: str = "") -> None:
    """Read one division's sales entries. Without an id ask for the last two months of every one."""
    wiring = current()
    with wiring.sessions() as session:
        if not connection_id:
            request_nightly(session, wiring.nudge, now=wiring.clock())
            return

        ledger = wiring.ledger(int(connection_id), interactive=False)
        read(session, ledger, wiring.nudge, int(connection_id), clock=wiring.clock)


def compare_books() -> None:
    """Compare both books wherever something changed."""
    wiring = current()
    with wiring.sessions() as session:
        compare(session, clock=wiring.clock)
