"""Which cursor is safe, and when a feed is too old to go on with."""

from datetime import UTC, datetime, timedelta

import pytest

from portal.domain.payments.feeds import ENOUGH, KEPT, OVERLAP, Progress, is_too_old, next_start

NOW = datetime(2026, 11, 25, tzinfo=UTC)


@pytest.mark.parametrize(
    ("pages", "kept", "highest"),
    [
        ([([11, 12], 12)], 10, 12),
        ([([11, 12], 12), ([13], 13)], 12, 13),
        ([([11, 12], 12), ([], 15), ([16], 16)], 15, 16),
        ([([12, 11], 12), ([13], 13)], 10, 13),
        ([([13, 14], 14), ([11, 12], 12), ([15], 15)], 10, 15),
    ],
)
def test_a_cursor_is_kept_once_the_next_page_begins_above_it(
    pages: list[tuple[list[int], int]], kept: int, highest: int
) -> None:
    progress = Progress(kept=10, highest=0)
    for timestamps, top in pages:
        progress = progress.after(timestamps, top)
    assert (progress.kept, progress.highest) == (kept, highest)


@pytest.mark.parametrize(
    ("last_read", "too_old"),
    [(None, False), (NOW - KEPT, False), (NOW - KEPT - timedelta(seconds=1), True)],
)
def test_deletions_may_be_forgotten_after_fifty_days(last_read: datetime | None, too_old: bool) -> None:
    assert is_too_old(last_read, NOW) == too_old


NEWEST = datetime.fromisoformat("2026-03-10T12:00:00")
BURST = [NEWEST - timedelta(milliseconds=10 * at) for at in range(10 * ENOUGH)]


@pytest.mark.parametrize(
    ("changes", "since", "before", "expected"),
    [
        ([], NEWEST - OVERLAP, NEWEST, NEWEST - OVERLAP),
        ([NEWEST], NEWEST - 3 * OVERLAP, NEWEST - 2 * OVERLAP, NEWEST - OVERLAP),
        (BURST, NEWEST - OVERLAP, NEWEST, BURST[ENOUGH - 1]),
        (BURST, NEWEST - OVERLAP, NEWEST - timedelta(minutes=9), NEWEST - timedelta(minutes=9)),
        (BURST[:ENOUGH], BURST[ENOUGH - 1], NEWEST, BURST[ENOUGH - 1]),
        (BURST[: ENOUGH - 2], BURST[ENOUGH - 1], NEWEST, BURST[ENOUGH - 1]),
        ([NEWEST] * 2 * ENOUGH, NEWEST - OVERLAP, NEWEST, NEWEST),
    ],
)
def test_changes_are_read_again_for_an_hour_or_till_enough_came_again(
    changes: list[datetime], since: datetime, before: datetime, expected: datetime
) -> None:
    assert next_start(changes, since=since, before=before, newest=NEWEST) == expected
