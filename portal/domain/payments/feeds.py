"""Where a feed of changes stands: which cursor is safe to keep, and when it must begin anew."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

BEGINNING = 1
# Exact keeps its log of deletions for two months.
KEPT = timedelta(days=50)
# Exact's clock is local: when summer time ends, an hour comes twice.
OVERLAP = timedelta(minutes=65)
# What five calls bring.
ENOUGH = 300


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one reading came: ``kept`` may be stored now, ``highest`` once the feed has ended.

    A page's mark is kept only when the next page begins above it: a feed out of order that breaks off would
    otherwise lose what comes late.
    """

    kept: int
    highest: int
    in_order: bool = True

    def after(self, timestamps: Sequence[int], highest: int) -> "Progress":
        """Come to the end of a page with these timestamps."""
        rising = list(timestamps) == sorted(timestamps)
        in_order = self.in_order and rising and (not timestamps or timestamps[0] > self.highest)
        kept = self.highest if in_order and self.highest > BEGINNING else self.kept
        return Progress(max(kept, self.kept), max(self.highest, highest), in_order)


def is_too_old(last_read: datetime | None, now: datetime) -> bool:
    """Say whether deletions since the last whole read may be forgotten. Both moments by Exact's clock."""
    return last_read is not None and now - last_read > KEPT


def next_start(
    changes: Sequence[datetime], *, since: datetime, before: datetime, newest: datetime
) -> datetime:
    """Return from where on changes are read next, by Exact's clock: an overlap before the newest one.

    ``changes`` came since ``since``. After many, the next overlap is no more than enough of them, but reaches
    back to ``before``, the newest known when the reading began: what changed while it went on is not older.
    """
    enough = min(sorted(changes)[-ENOUGH], before) if len(changes) >= ENOUGH else since
    return max(newest - OVERLAP, enough, since)
