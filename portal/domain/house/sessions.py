"""How long a sign-in lasts."""

from datetime import datetime, timedelta

# In all. Without a person's doing it ends after the hour of the settings.
LONGEST = timedelta(hours=12)
TOUCHED_EVERY = timedelta(minutes=1)
CONFIRMED_FOR = timedelta(minutes=15)


def is_over(*, began_at: datetime, seen_at: datetime, idle: timedelta, now: datetime) -> bool:
    """Say whether a session has ended by itself."""
    return now >= began_at + LONGEST or now >= seen_at + idle


def wants_touch(*, seen_at: datetime, now: datetime) -> bool:
    """Say whether it is time to write down that the person was here."""
    return now >= seen_at + TOUCHED_EVERY
