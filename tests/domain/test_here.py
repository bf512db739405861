"""The day of the house is the one on its wall, in summer and in winter."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.here import begin_of, day_here

MOMENTS = (
    ("an evening in winter", datetime(2026, 11, 30, 22, 59, tzinfo=UTC), date(2026, 11, 30)),
    ("midnight in winter", datetime(2026, 11, 30, 23, 0, tzinfo=UTC), date(2026, 12, 1)),
    ("the turn of the year", datetime(2026, 12, 31, 23, 30, tzinfo=UTC), date(2027, 1, 1)),
    ("an evening in summer", datetime(2026, 6, 30, 21, 59, tzinfo=UTC), date(2026, 6, 30)),
    ("midnight in summer", datetime(2026, 6, 30, 22, 0, tzinfo=UTC), date(2026, 7, 1)),
    ("noon", datetime(2026, 3, 10, 12, tzinfo=UTC), date(2026, 3, 10)),
    (
        "a moment told in another zone",
        datetime(2026, 11, 30, 19, 30, tzinfo=timezone(timedelta(hours=-4))),
        date(2026, 12, 1),
    ),
)


@pytest.mark.parametrize(("moment", "day"), [kind[1:] for kind in MOMENTS], ids=[kind[0] for kind in MOMENTS])
def test_a_moment_is_on_the_day_of_the_wall_calendar(moment: datetime, day: date) -> None:
    assert day_here(moment) == day


@given(st.dates(date(2000, 1, 1), date(2090, 12, 31)))
def test_a_day_begins_with_itself_and_a_moment_earlier_is_the_day_before(day: date) -> None:
    begins = begin_of(day).astimezone(UTC)
    assert day_here(begins) == day
    assert day_here(begins - timedelta(seconds=1)) == day - timedelta(days=1)
