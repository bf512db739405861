"""Periods of the books as a URL spells them: a month, a quarter, a year, or everything."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

EVERYTHING = "all"
SPELLED = re.compile(r"(\d{4})(?:-(?:(0[1-9]|1[0-2])|Q([1-4])))?")
FIRST = date(1900, 1, 1)
LAST = date(9999, 12, 31)


@dataclass(frozen=True, slots=True)
class Period:
    """Some whole months. Both days are included."""

    first: date
    last: date
    text: str

    @property
    def months(self) -> tuple[str, str]:
        """The first and the last month, as rows spell them."""
        return month_of(self.first), month_of(self.last)

    @property
    def is_month(self) -> bool:
        """Say whether this is one month."""
        return month_of(self.first) == month_of(self.last)


def read_period(text: str) -> Period | None:
    """Read ``2026-11``, ``2026-Q4``, ``2026`` or ``all``, None for anything else."""
    if text == EVERYTHING:
        return Period(FIRST, LAST, EVERYTHING)

    found = SPELLED.fullmatch(text)
    if found is None or not FIRST.year <= int(found[1]) < LAST.year:
        return None

    year = int(found[1])
    start = 1
    months = 12

    if found[2]:
        start = int(found[2])
        months = 1
    elif found[3]:
        start = 3 * int(found[3]) - 2
        months = 3

    end = start + months - 1
    return Period(date(year, start, 1), date(year, end, monthrange(year, end)[1]), text)


def month_period(day: date) -> Period:
    """Return the month of a day."""
    last = date(day.year, day.month, monthrange(day.year, day.month)[1])
    return Period(day.replace(day=1), last, month_of(day))


def month_of(day: date) -> str:
    """Spell the month of a day."""
    return f"{day.year:04}-{day.month:02}"


def neighbours(period: Period) -> tuple[Period, Period] | None:
    """Return the months before and after, None where the period is no month."""
    if not period.is_month:
        return None
    return month_period(period.first - timedelta(days=1)), month_period(period.last + timedelta(days=1))
