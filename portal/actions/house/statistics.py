"""Keep the database quick: what it knows of its tables, and no more beats than pages ask for."""

from sqlalchemy.orm import Session

from portal.actions.engine.turn import transaction
from portal.store.pulse import forget_beats
from portal.store.statistics import renew_statistics


def keep_statistics(session: Session) -> bool:
    """Let SQLite count its tables when they have changed much, and say whether it did."""
    with transaction(session):
        forget_beats(session)
        return renew_statistics(session)
