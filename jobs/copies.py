"""Jobs on copies."""

import uuid
from datetime import timedelta

import structlog
from sqlalchemy.orm import Session

from portal.actions.copies import perform as action
from portal.actions.copies.by_itself import copy_by_itself
from portal.actions.copies.note_fault import note_fault
from portal.actions.copies.ready import keep_ready
from portal.actions.copies.run import run_copies as run
from portal.actions.engine.desk import Desk
from portal.actions.house.sweep import sweep as sweep_rows
from portal.wiring import current

# A look costs half as much as a copy, and one at many invoices no more than one at few.
READY_EVERY = timedelta(seconds=2)
# As often as the timetable asks for it, for a worker in a long run does not hear that.
RULES_EVERY = timedelta(minutes=1)
log = structlog.get_logger("portal.jobs")


def perform_copy(copy_id: str) -> None:
    """Bring one copy as far as it goes now, for a person who waits for it."""
    wiring = current()
    with wiring.sessions() as session:
        perform_or_mark(session, wiring.desk(interactive=True), copy_id)


def run_copies(subject: str) -> None:
    """Work off a connection's copies. The subject is its id and, after a slash, which of several runs."""
    wiring = current()
    bugs: list[Exception] = []
    rules_at = wiring.clock() + RULES_EVERY
    ready_at = wiring.clock()

    def perform(session: Session, desk: Desk, copy_id: str) -> None:
        nonlocal ready_at, rules_at
        try:
            perform_or_mark(session, desk, copy_id)
            # The worker is busy with this, so it looks at what changed by it between two copies.
            if wiring.clock() >= ready_at:
                ready_at = wiring.clock() + READY_EVERY
                keep_ready(session, clock=wiring.clock)
            if wiring.clock() >= rules_at:
                rules_at = wiring.clock() + RULES_EVERY
                copy_by_itself(session, wiring.nudge, marks=wiring.marks, clock=wiring.clock)
        except Exception as bug:  # noqa: BLE001 - raised below, once the others had their turn
            bugs.append(bug)

    with wiring.sessions() as session:
        connection_id = int(subject.partition("/")[0])
        run(session, wiring.desk(), connection_id, others_wait=wiring.others_wait, perform=perform)

    if bugs:
        raise ExceptionGroup(f"{len(bugs)} copies of the run failed", bugs)


def perform_or_mark(session: Session, desk: Desk, copy_id: str) -> None:
    """Perform a copy. A bug is written to its row and to the log, under one reference, and raised."""
    try:
        action.perform_copy(session, desk, copy_id)
    except Exception as bug:
        reference = uuid.uuid4().hex[:8].upper()
        log.error("bug", reference=reference, copy=copy_id, exc_info=bug)
        note_fault(session, copy_id, bug, reference, now=desk.clock())
        raise


def sweep() -> None:
    """Nudge for every copy that the queue forgot."""
    wiring = current()
    with wiring.sessions() as session:
        sweep_rows(session, wiring.nudge, now=wiring.clock(), marks=wiring.marks)
