"""Retry everything that failed for one cause, in one action: one is tried first, the others follow it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from portal.actions.copies.hold import find_hold, try_one
from portal.actions.copies.retry import retry_copy
from portal.actions.engine.jobs import Job
from portal.actions.engine.ports import Nudge
from portal.actions.engine.turn import let_go, transaction
from portal.domain.copies.states import CopyState
from portal.domain.copies.troubles import Trouble
from portal.domain.said import Said, said
from portal.store.copies import CopyRow
from portal.store.holds import HoldRow

FEW = 3


@dataclass(frozen=True, slots=True)
class Retried:
    """What a retry began: copies that are tried now, copies that follow, and why others are not."""

    tried: int
    following: int
    problems: tuple[Said, ...]


def retry_cause(
    session: Session, nudge: Nudge, copy_ids: Sequence[str], *, requested_by: str, now: datetime
) -> Retried:
    """Ask again for every refused copy of a cause."""
    # Where copies are held for it, one tries for all.
    copies = [session.get_one(CopyRow, copy_id) for copy_id in copy_ids]
    holds = {hold.id: hold for copy in copies if (hold := find_hold(session, copy))}
    refused = [copy for copy in copies if copy.hold_id is None]
    let_go(session)
    wishes: list[CopyRow] = []
    problems: dict[Said, None] = {}

    for copy in refused:
        made = retry_copy(
            session, _silent, copy.id, requested_by=requested_by, now=now, batch=len(copies) > 1
        )
        if isinstance(made, tuple):
            problems |= dict.fromkeys(problem.said for problem in made)
        else:
            _follow(session, made, find_hold(session, copy))
            wishes.append(made)

    with transaction(session):
        session.flush()
        probes = [probe for hold in holds.values() if (probe := try_one(session, hold, now))]

    tried = [*probes, *(wish for wish in wishes if wish.hold_id is None and wish not in probes)]
    _wake(nudge, tried)
    waiting = {copy.id for copy in (*copies, *wishes) if copy.hold_id is not None}

    return Retried(len(tried), len(waiting), tuple(problems))


def _follow(session: Session, copy: CopyRow, hold: HoldRow | None) -> None:
    """Let a new wish wait for the one that tries, unless a worker was quicker."""
    session.refresh(copy, with_for_update=True)
    if hold is not None and copy.state == CopyState.WAITING and copy.lease_owner is None:
        copy.put_on_hold(hold, said(Trouble.FAILED_ALIKE))


def _wake(nudge: Nudge, tried: Sequence[CopyRow]) -> None:
    """Wake the worker: for a few by themselves, for many by a run of their connection."""
    if len(tried) <= FEW:
        for copy in tried:
            nudge(Job.COPY, copy.id)
    else:
        for connection_id in sorted({copy.connection_id for copy in tried}):
            nudge(Job.RUN_COPIES, f"{connection_id}/1")


def _silent(job: str, subject: str) -> None:
    """Wake nobody yet."""
