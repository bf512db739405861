"""Days and moments as short as they can be told: no year of this year, no day of today."""

from datetime import UTC, date, datetime, time

from flask_babel import format_date, format_datetime, get_timezone, to_user_timezone

from portal.web.common.clock import today


def say_day(moment: datetime) -> str:
    """Spell the day of a moment, with its year only where that is another."""
    day: date = to_user_timezone(moment).date()
    return str(format_date(day, "d MMM" if day.year == today().year else "d MMM yyyy"))


def say_moment(moment: datetime | None) -> str:
    """Spell a moment: only the clock where it is of today."""
    if moment is None:
        return ""
    here: datetime = to_user_timezone(moment)
    if here.date() == today():
        return str(format_datetime(moment, "HH:mm"))
    return f"{say_day(moment)}, {format_datetime(moment, 'HH:mm')}"


def beginning_of(day: date) -> datetime:
    """Return the moment at which a day begins where people are."""
    zone = get_timezone()
    here = datetime.combine(day, time())
    localize = getattr(zone, "localize", None)
    begun: datetime = localize(here) if localize else here.replace(tzinfo=zone)
    return begun.astimezone(UTC)
