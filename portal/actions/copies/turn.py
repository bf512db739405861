"""The work on one copy: whoever has its turn holds the copy meanwhile."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.actions.engine.desk import Desk
from portal.actions.engine.heartbeat import LEASE, held
from portal.actions.engine.ports import Ledger
from portal.actions.engine.turn import Turn, transaction
from portal.domain.copies.states import OPEN
from portal.store.copies import AttemptRow, CopyRow, is_due
from portal.store.leases import take_row


@dataclass
class CopyTurn(Turn[CopyRow]):
    """The work on one copy."""

    @property
    def copy(self) -> CopyRow:
        """The copy that is held."""
        return self.row

    @cached_property
    def ledger(self) -> Ledger:
        """Exact's division, once it is needed."""
        return self.desk.ledger(self.copy.connection_id)

    def was_interrupted(self) -> bool:
        """Say whether an earlier holder died between an intent and its outcome."""
        left = select(AttemptRow.id).where(AttemptRow.copy_id == self.copy.id, AttemptRow.state.in_(OPEN))
        with transaction(self.session):
            return self.session.scalar(left.limit(1)) is not None


@contextmanager
def hold_copy(session: Session, desk: Desk, copy_id: str) -> Iterator[CopyTurn | None]:
    """Hold a copy for the block, if it is due and free."""
    now = desk.clock()
    with transaction(session):
        begun = CopyRow.begun + 1
        taken = take_row(session, CopyRow, copy_id, now=now, lasting=LEASE, only=is_due(now), begun=begun)

    if taken is None:
        yield None
        return

    copy, lease = taken
    with held(session, lease, clock=desk.clock, since=now, at_end={"begun": CopyRow.begun - 1}):
        yield CopyTurn(session, copy, lease, desk)
