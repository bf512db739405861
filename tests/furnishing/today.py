"""Which day it is now, for tests: the day of the house, as for the portal, and never that of UTC."""

from datetime import UTC, date, datetime

from portal.domain.here import day_here


def today() -> date:
    """Return the day where the books are kept."""
    return day_here(datetime.now(UTC))
