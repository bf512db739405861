"""Open amounts by age, and how many days lie between due and paid: the classes of the two charts."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Span:
    """A class of days after the due date, both ends included."""

    # None is without end.

    code: str
    first: int | None
    last: int | None

    def holds(self, days: int) -> bool:
        """Say whether so many days after the due date belong here."""
        return (self.first is None or days >= self.first) and (self.last is None or days <= self.last)


AGES = (
    Span("not due", None, 0),
    Span("1-30", 1, 30),
    Span("31-60", 31, 60),
    Span("61-90", 61, 90),
    Span("over 90", 91, None),
)
DELAYS = (
    Span("over 14 early", None, -15),
    Span("1-14 early", -14, -1),
    Span("on the day", 0, 0),
    Span("1-7 late", 1, 7),
    Span("8-14 late", 8, 14),
    Span("15-30 late", 15, 30),
    Span("31-60 late", 31, 60),
    Span("over 60 late", 61, None),
)


def age_of(due: date, today: date) -> str:
    """Return the class of age of something that is due on a day."""
    days = (today - due).days
    return next(span.code for span in AGES if span.holds(days))


def days_late(due: date | None, paid: date | None) -> int | None:
    """Return how many days after the due date something was paid, negative for before."""
    return None if due is None or paid is None else (paid - due).days
