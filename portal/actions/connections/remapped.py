"""Look again at held copies after the mappings of their connection changed."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.actions.copies.hold import look_again
from portal.actions.engine.turn import transaction
from portal.store.remapped import claim_remapped, forget_remapped


def look_at_held(session: Session, connection_id: int, *, now: datetime) -> None:
    """Let go what would now be sent otherwise. A second run finds nothing to do."""
    # A change that is made meanwhile leaves a row of its own, and rings again.
    with transaction(session):
        if changes := claim_remapped(session, connection_id):
            look_again(session, connection_id, now)
            forget_remapped(session, changes)
