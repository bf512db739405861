"""Jobs on rules."""

from portal.actions.copies.by_itself import copy_by_itself as apply_rules
from portal.wiring import current


def copy_by_itself() -> None:
    """Copy what is ready and what a rule is for."""
    wiring = current()
    with wiring.sessions() as session:
        apply_rules(session, wiring.nudge, marks=wiring.marks, clock=wiring.clock)
