"""What "from now" leaves out: what was settled before the wish, as far as Exact tells.

Exact gives a settlement its day, and each term the moment at which it last changed.
"""

from datetime import UTC, date, datetime
from enum import Enum
from zoneinfo import ZoneInfo

DUTCH = ZoneInfo("Europe/Amsterdam")


class Settlement(Enum):
    """How a settled part stands to the moment of the wish."""

    BEFORE = "before"
    SINCE = "since"
    UNSURE = "unsure"


def judge_settlement(on: date, changed: datetime | None, wish: datetime) -> Settlement:
    """Say whether a part was settled before the wish.

    ``changed`` is when its term last changed, by Exact's own clock: Dutch time without a zone, though it is
    not written anywhere. So a moment counts as before the wish, or as since it, only if it is so in UTC too.
    """
    day = wish.astimezone(DUTCH).date()
    if changed is None:
        return _by_day(on, day)

    if changed < wish.astimezone(UTC).replace(tzinfo=None):
        return Settlement.BEFORE

    if changed < wish.astimezone(DUTCH).replace(tzinfo=None):
        return _by_day(on, day)

    # It changed since, perhaps because somebody booked a receipt of an earlier day just then.
    return Settlement.SINCE if on >= day else Settlement.UNSURE


def _by_day(on: date, day: date) -> Settlement:
    """Judge by the day alone. On the day of the wish both is possible."""
    if on == day:
        return Settlement.UNSURE
    return Settlement.SINCE if on > day else Settlement.BEFORE
