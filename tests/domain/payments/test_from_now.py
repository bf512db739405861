"""What was settled before the moment of the wish, by the day and by when the term last changed."""

from datetime import UTC, date, datetime, timedelta, tzinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.payments.from_now import DUTCH, Settlement, judge_settlement

# 10:00 in Exact's own clock, 9:00 in UTC.
WISH = datetime(2026, 11, 2, 9, tzinfo=UTC)
THE_DAY = date(2026, 11, 2)
DAY_BEFORE = date(2026, 11, 1)
DAY_AFTER = date(2026, 11, 3)
BEFORE = Settlement.BEFORE
SINCE = Settlement.SINCE
UNSURE = Settlement.UNSURE


@pytest.mark.parametrize(
    ("on", "changed", "verdict"),
    [
        (DAY_BEFORE, None, BEFORE),
        (THE_DAY, None, UNSURE),
        (DAY_AFTER, None, SINCE),
        (DAY_BEFORE, "2026-11-01T15:00", BEFORE),
        (THE_DAY, "2026-11-02T08:59:59", BEFORE),
        (DAY_AFTER, "2026-11-02T08:59:59", BEFORE),
        (DAY_BEFORE, "2026-11-02T09:30", BEFORE),
        (THE_DAY, "2026-11-02T09:00", UNSURE),
        (THE_DAY, "2026-11-02T09:59:59", UNSURE),
        (DAY_AFTER, "2026-11-02T09:30", SINCE),
        (THE_DAY, "2026-11-02T10:00", SINCE),
        (THE_DAY, "2026-11-02T16:00", SINCE),
        (DAY_AFTER, "2026-11-09T16:00", SINCE),
        (DAY_BEFORE, "2026-11-02T10:00", UNSURE),
        (date(2026, 10, 1), "2026-11-09T16:00", UNSURE),
    ],
)
def test_a_settlement_is_before_the_wish_or_since_or_unsure(
    on: date, changed: str | None, verdict: Settlement
) -> None:
    assert judge_settlement(on, datetime.fromisoformat(changed) if changed else None, WISH) == verdict


@given(
    st.integers(0, 366 * 24 * 3600),
    st.integers(0, 400 * 24 * 3600),
    st.sampled_from((UTC, DUTCH)),
    st.booleans(),
)
def test_money_that_came_after_the_wish_is_never_taken_for_old(
    at: int, later: int, zone: tzinfo, told: bool
) -> None:
    wish = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=at)
    paid = wish + timedelta(seconds=later)
    changed = paid.astimezone(zone).replace(tzinfo=None) if told else None
    verdict = judge_settlement(paid.astimezone(DUTCH).date(), changed, wish)
    # The hour that comes twice when summer time ends cannot be told apart.
    comes_twice = paid.astimezone(DUTCH).fold or wish.astimezone(DUTCH).fold
    assert verdict is not BEFORE or comes_twice
