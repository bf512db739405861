"""Jobs on moving over from another link."""

from jobs.waiting import waits_for_sign_in
from portal.actions.copies.move_over import look_moved_up
from portal.actions.engine.jobs import Job
from portal.wiring import current


@waits_for_sign_in
def move_over(connection_id: str) -> None:
    """Look up in Exact what another link exported, and ask to go on where more is left."""
    wiring = current()
    with wiring.sessions() as session:
        ledger = wiring.ledger(int(connection_id))
        more = look_moved_up(session, ledger, int(connection_id), clock=wiring.clock)

    if more:
        wiring.nudge(Job.MOVE_OVER, connection_id)
