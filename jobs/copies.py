"""Jobs on copies."""

from portal.actions import perform_copy as action
from portal.actions.sweep import sweep as sweep_rows
from portal.wiring import current


def perform_copy(copy_id: str) -> None:
    """Bring one copy as far as it goes now."""
    wiring = current()
    with wiring.sessions() as session:
        action.perform_copy(session, wiring.desk(), copy_id)


def sweep() -> None:
    """Nudge for every copy that the queue forgot."""
    wiring = current()
    with wiring.sessions() as session:
        sweep_rows(session, wiring.nudge, now=wiring.clock())
