"""The time zone of the house: which day it is where the books are kept."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

# Belgium, the Netherlands and Germany keep one time.
HERE = ZoneInfo("Europe/Brussels")


def day_here(moment: datetime) -> date:
    """Return the day of a moment by the calendar on the wall."""
    return moment.astimezone(HERE).date()


def begin_of(day: date) -> datetime:
    """Return the moment at which a day begins here."""
    return datetime.combine(day, time(), HERE)
