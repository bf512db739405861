"""How long a session lasts."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.house.sessions import LONGEST, is_over, wants_touch

BEGAN = datetime(2026, 11, 23, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
SPANS = st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=2))


@pytest.mark.parametrize(
    ("seen_after", "asked_after", "over"),
    [
        (timedelta(0), HOUR - SECOND, False),
        (timedelta(0), HOUR, True),
        (timedelta(0), timedelta(days=400), True),
        (11 * HOUR + 59 * MINUTE, 12 * HOUR - SECOND, False),
        (11 * HOUR + 59 * MINUTE, 12 * HOUR, True),
        (30 * HOUR, 30 * HOUR, True),
        (5 * HOUR, 5 * HOUR + 59 * MINUTE, False),
        (5 * HOUR, 6 * HOUR, True),
    ],
)
def test_an_hour_idle_or_twelve_in_all_end_it(
    seen_after: timedelta, asked_after: timedelta, over: bool
) -> None:
    now = BEGAN + asked_after
    assert is_over(began_at=BEGAN, seen_at=BEGAN + seen_after, idle=HOUR, now=now) is over


@given(seen=SPANS, asked=SPANS, idle=SPANS)
def test_nothing_that_a_browser_does_makes_it_last_longer_than_twelve_hours(
    seen: timedelta, asked: timedelta, idle: timedelta
) -> None:
    alive = not is_over(began_at=BEGAN, seen_at=BEGAN + seen, idle=idle, now=BEGAN + asked)
    assert not alive or asked < LONGEST
    assert not alive or asked < seen + idle


def test_being_here_is_written_down_once_a_minute() -> None:
    assert not wants_touch(seen_at=BEGAN, now=BEGAN + MINUTE - SECOND)
    assert wants_touch(seen_at=BEGAN, now=BEGAN + MINUTE)
