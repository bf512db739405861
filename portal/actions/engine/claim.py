"""Hold a copy while working on it: a short lease, kept by a heartbeat, that a killed worker frees soon."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from portal.actions.engine.desk import Clock
from portal.actions.engine.heartbeat import LEASE, kept_alive
from portal.domain.ids import new_id
from portal.store.copies import INTENDED, LOST, AttemptRow, CopyRow, is_due


class TakenOverError(Exception):
    """Another worker holds the copy now; nothing more may be written for it here."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A copy held by one owner."""

    copy: CopyRow
    owner: str

    def still_ours(self, session: Session) -> None:
        """Raise TakenOverError if another worker took the copy over; commits nothing."""
        held = session.scalar(select(CopyRow.lease_owner).where(CopyRow.id == self.copy.id).with_for_update())
        if held != self.owner:
            raise TakenOverError(self.copy.id)

    def was_interrupted(self, session: Session) -> bool:
        """Say whether an earlier holder died between an intent and its outcome."""
        left = select(AttemptRow.id).where(
            AttemptRow.copy_id == self.copy.id, AttemptRow.state.in_((INTENDED, LOST))
        )
        found = session.scalar(left.limit(1)) is not None
        session.commit()
        return found


@contextmanager
def claim_copy(session: Session, copy_id: str, *, clock: Clock) -> Iterator[Claim | None]:
    """Hold a copy for the block, None when another holds it or there is nothing to do."""
    owner = new_id()
    now = clock()

    if not _take(session, copy_id, owner, now):
        yield None
        return

    copy = session.get_one(CopyRow, copy_id, populate_existing=True)
    session.commit()
    ended: dict[str, ColumnElement[int]] = {}

    try:
        with kept_alive(session, partial(_renew, copy_id, owner), clock=clock, since=now):
            yield Claim(copy, owner)
        ended = {"begun": CopyRow.begun.expression - 1}
    finally:
        session.rollback()
        _free(session, copy_id, owner, **ended)


def _take(session: Session, copy_id: str, owner: str, now: datetime) -> bool:
    taken = session.execute(
        update(CopyRow)
        .where(CopyRow.id == copy_id, is_due(now))
        .values(lease_owner=owner, lease_until=now + LEASE, begun=CopyRow.begun + 1)
        .returning(CopyRow.id)
        .execution_options(synchronize_session=False)
    ).scalar()

    session.commit()
    return taken is not None


def _renew(copy_id: str, owner: str, session: Session, now: datetime) -> bool:
    """Hold a copy for longer if it is still ours. Commits nothing."""
    renewed = session.execute(
        update(CopyRow)
        .where(CopyRow.id == copy_id, CopyRow.lease_owner == owner)
        .values(lease_until=now + LEASE)
        .returning(CopyRow.id)
    )
    return renewed.scalar() is not None


def _free(session: Session, copy_id: str, owner: str, **ended: ColumnElement[int]) -> None:
    session.execute(
        update(CopyRow)
        .where(CopyRow.id == copy_id, CopyRow.lease_owner == owner)
        .values(lease_owner=None, lease_until=None, **ended)
        .execution_options(synchronize_session=False)
    )
    session.commit()
