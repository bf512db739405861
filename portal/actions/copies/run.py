"""Work off a connection's copies that nobody waits for in front of a screen, one after another, in order."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.actions.copies.finish import SIGN_IN_RETRY
from portal.actions.copies.perform import perform_copy
from portal.actions.engine.desk import Desk
from portal.actions.engine.turn import let_go, transaction
from portal.domain.booking.invoice import Invoice
from portal.domain.copies.failures import Cause
from portal.domain.copies.states import CopyState
from portal.domain.unreadable import Unreadable
from portal.remote.errors import SIGNED_OUT
from portal.store.copies import CopyRow, due_copies, is_due

Perform = Callable[[Session, Desk, str], None]
AT_ONCE = 50
# With the ten seconds that a call may wait for the lane, an invoice is less than a minute old when booked.
FRESH = timedelta(seconds=45)
LONGEST = timedelta(minutes=5)
SLICE = 1.0


@dataclass
class ReadAhead:
    """Invoices read from Productive up to 50 at a time, in the order in which they will be needed."""

    desk: Desk
    invoice_ids: list[str]
    _found: dict[str, Invoice | Unreadable] = field(default_factory=dict)
    _asked: frozenset[str] = frozenset()
    _read_at: datetime | None = None

    def read(self, invoice_id: str) -> list[Invoice | Unreadable]:
        """Return the invoice, or nothing if it is gone."""
        # What is not fresh is read again with what follows.
        now = self.desk.clock()
        if invoice_id not in self._asked or self._read_at is None or now - self._read_at > FRESH:
            wanted = self._following(invoice_id)
            found = self.desk.billing().read_invoices(wanted)
            self._found = {each.id: each for each in found}
            self._asked = frozenset(wanted)
            self._read_at = now

        return [self._found[invoice_id]] if invoice_id in self._found else []

    def _following(self, invoice_id: str) -> list[str]:
        at = self.invoice_ids.index(invoice_id) if invoice_id in self.invoice_ids else 0
        rest = [each for each in self.invoice_ids[at:] if each != invoice_id]
        return [invoice_id, *rest[: AT_ONCE - 1]]


def run_copies(
    session: Session,
    desk: Desk,
    connection_id: int,
    *,
    others_wait: Callable[[], bool],
    perform: Perform = perform_copy,
) -> None:
    """Perform what is due until nothing is, or others need the worker more."""
    until = desk.clock() + LONGEST

    def is_over() -> bool:
        return others_wait() or desk.clock() >= until

    waits = True
    for copy_id, ahead in _each_due(session, desk, connection_id):
        if waits:
            waits = _wait_for_exact(session, desk, connection_id, is_over)
        if is_over():
            return

        perform(session, replace(desk, ahead=ahead.read), copy_id)


def _each_due(session: Session, desk: Desk, connection_id: int) -> Iterator[tuple[str, ReadAhead]]:
    """Yield what is due, each once, with the means to read it together with what follows."""
    seen: set[str] = set()
    while due := [each for each in _due(session, desk, connection_id) if each not in seen]:
        seen.update(due)
        invoice_of = select(CopyRow.invoice_id).where(CopyRow.id.in_(due))
        ahead = ReadAhead(desk, list(session.scalars(invoice_of.order_by(CopyRow.requested_at, CopyRow.id))))
        let_go(session)
        yield from ((each, ahead) for each in due)


def _due(session: Session, desk: Desk, connection_id: int) -> list[str]:
    found = due_copies(session, desk.clock(), connection_id=connection_id)
    let_go(session)
    return found


def _wait_for_exact(session: Session, desk: Desk, connection_id: int, is_over: Callable[[], bool]) -> bool:
    """Wait until an entry may be booked. False says that this takes long and all are put off."""
    try:
        ledger = desk.ledger(connection_id)
    except SIGNED_OUT as error:
        at = error.retry_at or desk.clock() + timedelta(seconds=SIGN_IN_RETRY)
        _put_off(session, desk, connection_id, at=at, cause=Cause.SIGN_IN_LOST, trouble=error.said)
        return False

    while (seconds := ((opening := ledger.booking_opens()).at - desk.clock()).total_seconds()) > 0:
        if seconds > LONGEST.total_seconds():
            _put_off(session, desk, connection_id, at=opening.at, trouble=opening.why)
            return False

        if is_over():
            return True

        desk.sleep(min(seconds, SLICE))

    return True


def _put_off(session: Session, desk: Desk, connection_id: int, *, at: datetime, **why: object) -> None:
    """Let every copy that is due and has sent nothing wait, with the reason, all at once."""
    with transaction(session):
        session.execute(
            update(CopyRow)
            .where(
                CopyRow.connection_id == connection_id,
                CopyRow.state == CopyState.WAITING,
                is_due(desk.clock()),
            )
            .values(next_try_at=at, **why)
            .execution_options(synchronize_session=False)
        )
