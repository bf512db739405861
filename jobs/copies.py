"""Jobs on copies."""

from portal.actions import perform_copy as action
from portal.actions.run_copies import run_copies as run
from portal.actions.sweep import sweep as sweep_rows
from portal.wiring import current


def perform_copy(copy_id: str) -> None:
    """Bring one copy as far as it goes now, for a person who waits for it."""
    wiring = current()
    with wiring.sessions() as session:
        action.perform_copy(session, wiring.desk(interactive=True), copy_id)


def run_copies(subject: str) -> None:
    """Work off a connection's copies; the subject is its id and, after a slash, which of several runs."""
    wiring = current()
    with wiring.sessions() as session:
        run(session, wiring.desk(), int(subject.partition("/")[0]), others_wait=wiring.others_wait)


def sweep() -> None:
    """Nudge for every copy that the queue forgot."""
    wiring = current()
    with wiring.sessions() as session:
        sweep_rows(session, wiring.nudge, now=wiring.clock())
