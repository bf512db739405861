"""Jobs on runs."""

from portal.actions.copies.run_wishes import make_wishes as make
from portal.wiring import current


def make_wishes(run_id: str) -> None:
    """Make the wishes of a run, which the workers of its connections then carry out."""
    wiring = current()
    with wiring.sessions() as session:
        make(session, wiring.nudge, run_id, clock=wiring.clock)
