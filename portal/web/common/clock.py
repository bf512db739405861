"""The moment of a request, and the day it is where people are."""

from datetime import UTC, date, datetime

from flask_babel import to_user_timezone


def now() -> datetime:
    """Return the moment of this request."""
    return datetime.now(UTC)


def today() -> date:
    """Return the day by the calendar in which moments are shown."""
    here: datetime = to_user_timezone(now())
    return here.date()
