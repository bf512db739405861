"""Find the work that the queue forgot."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.actions.copies.run_settle import settle_runs
from portal.actions.copies.run_wishes import SIDE_BY_SIDE, find_unmade
from portal.actions.engine.gate import may_write
from portal.actions.engine.jobs import Job
from portal.actions.engine.ports import NO_MARKS, Marks, Nudge
from portal.actions.engine.turn import let_go
from portal.actions.payments.due import due_connections
from portal.store.copies import CopyRow, due_copies, is_due, is_watched
from portal.store.moving import connections_to_look_up
from portal.store.remapped import remapped_connections


def sweep(session: Session, nudge: Nudge, *, now: datetime, marks: Marks = NO_MARKS) -> int:
    """Nudge the worker for all that is due. Returns how often."""
    if not may_write(session, marks, now=now):
        return 0

    settle_runs(session, now=now)
    unmade = find_unmade(session)
    watched = due_copies(session, now, watched=True)
    running = _due_runs(session, now)
    paying = due_connections(session, now)
    remapped = remapped_connections(session)
    moving = connections_to_look_up(session)
    let_go(session)

    nudges = [(Job.COPY, copy_id) for copy_id in watched]
    nudges += [(Job.MAKE_WISHES, run_id) for run_id in unmade]
    nudges += [(Job.RUN_COPIES, subject) for subject in running]
    nudges += [(Job.PAY, str(connection_id)) for connection_id in paying]
    nudges += [(Job.LOOK_AT_HELD, str(connection_id)) for connection_id in remapped]
    nudges += [(Job.MOVE_OVER, str(connection_id)) for connection_id in moving]
    for job, subject in nudges:
        nudge(job, subject)

    return len(nudges)


def _due_runs(session: Session, now: datetime) -> list[str]:
    """Return the runs to be nudged, as connections with a number."""
    query = (
        select(CopyRow.connection_id, func.count())
        .where(is_due(now), ~is_watched(now))
        .group_by(CopyRow.connection_id)
    )

    return [
        f"{connection_id}/{number}"
        for connection_id, count in session.execute(query)
        for number in range(1, min(count, SIDE_BY_SIDE) + 1)
    ]
