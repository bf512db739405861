"""Which copies need somebody, as Activity reads it."""

from sqlalchemy.orm import Session

from portal.store.concerns import Concern, Reason, list_concerned


def concerned(session: Session, concern: Concern) -> list[str]:
    """Return the copies of a concern, the newest first."""
    return [each.id for each in list_concerned(session, None, Reason(concern)).rows]
