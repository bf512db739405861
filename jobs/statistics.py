"""Jobs on the database itself."""

from portal.actions.house import statistics as action
from portal.wiring import current


def keep_statistics() -> None:
    """Let SQLite count its tables when they have changed much."""
    with current().sessions() as session:
        action.keep_statistics(session)
