"""Which cursor is safe, and when a feed is too old to go on with."""

from datetime import UTC, datetime, timedelta

import pytest

from portal.domain.feeds import KEPT, Progress, is_too_old

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
