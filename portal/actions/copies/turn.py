"""The work on one copy: whoever has its turn holds the copy meanwhile."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.actions.engine.desk import Desk
from portal.actions.engine.heartbeat import LEASE, held
from portal.actions.engine.ports import Ledger
from portal.actions.engine.turn import Turn, transaction
from portal.domain.copies.states import OPEN
from portal.store.connections import ConnectionRow
from portal.store.copies import AttemptRow, CopyRow, is_due
from portal.store.invoices import InvoiceRow
from portal.store.leases import take_row
from portal.store.pulse import note_written


@dataclass
class CopyTurn(Turn[CopyRow]):
    """The work on one copy.

    ``was_interrupted`` says that an earlier holder died between an intent and its outcome. ``connection`` is
    as it was when the turn began, and kept so that it is read once. ``last`` is done as the copy is given
    back.
    """

    was_interrupted: bool
    connection: ConnectionRow
    last: Callable[[], None] | None = field(default=None, init=False)

    @property
    def copy(self) -> CopyRow:
        """The copy that is held."""
        return self.row

    @cached_property
    def invoice_row(self) -> InvoiceRow:
        """The row of its invoice, read once."""
        return self.session.get_one(InvoiceRow, self.copy.invoice_id)

    @cached_property
    def ledger(self) -> Ledger:
        """Exact's division, once it is needed."""
        return self.desk.ledger(self.copy.connection_id)


@contextmanager
def hold_copy(session: Session, desk: Desk, copy_id: str) -> Iterator[CopyTurn | None]:
    """Hold a copy for the block, if it is due and free."""
    now = desk.clock()
    with transaction(session):
        begun = CopyRow.begun + 1
        taken = take_row(
            session, CopyRow, copy_id, now=now, lasting=LEASE, only=is_due(now), quiet=True, begun=begun
        )
        if taken is not None:
            copy, lease = taken
            connection = session.get_one(ConnectionRow, copy.connection_id, populate_existing=True)
            was_interrupted = _has_open_attempts(session, copy_id)

    if taken is None:
        yield None
        return

    turn = CopyTurn(session, copy, lease, desk, was_interrupted, connection)
    at_end = {"begun": CopyRow.begun - 1}
    with held(
        session, lease, clock=desk.clock, since=now, at_end=at_end, last=lambda: _conclude(turn), quiet=True
    ):
        yield turn


def _conclude(turn: CopyTurn) -> None:
    """Do what is left as the copy is given back."""
    if turn.last is not None:
        turn.last()

    # The page of a run shows whether somebody works on what is under way.
    if turn.copy.in_flight is not None:
        note_written(turn.session)


def _has_open_attempts(session: Session, copy_id: str) -> bool:
    left = select(AttemptRow.id).where(AttemptRow.copy_id == copy_id, AttemptRow.state.in_(OPEN))
    return session.scalar(left.limit(1)) is not None
