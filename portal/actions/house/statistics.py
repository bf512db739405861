"""Keep what the database knows of its tables true enough to find the quick way."""

from sqlalchemy.orm import Session

from portal.store.statistics import renew_statistics


def keep_statistics(session: Session) -> bool:
    """Let SQLite count its tables when they have changed much, and say whether it did."""
    counted = renew_statistics(session)
    session.commit()
    return counted
