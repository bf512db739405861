"""When a run will be done."""

from datetime import UTC, datetime, timedelta

import pytest

from portal.domain.copies.forecast import Allowance, forecast

NOW = datetime(2026, 3, 10, 20, tzinfo=UTC)
MIDNIGHT = datetime(2026, 3, 11, tzinfo=UTC)
LATER = NOW + timedelta(minutes=45)


def some(left: int | None = 4600, opens_at: datetime | None = None) -> Allowance:
    return Allowance(58, left, 4600, MIDNIGHT, opens_at)


@pytest.mark.parametrize(
    ("waiting", "allowance", "measured", "done"),
    [
        (0, some(), None, None),
        (58, some(), None, NOW + timedelta(minutes=1)),
        (580, some(), 200.0, NOW + timedelta(minutes=10)),
        (580, some(), 29.0, NOW + timedelta(minutes=20)),
        (58, some(opens_at=LATER), None, LATER + timedelta(minutes=1)),
        (58, some(opens_at=NOW - timedelta(minutes=1)), None, NOW + timedelta(minutes=1)),
        (158, some(left=100), None, MIDNIGHT + timedelta(minutes=1)),
        (4700, some(left=100), None, MIDNIGHT + timedelta(minutes=4600 / 58)),
        (4758, some(left=100), None, MIDNIGHT + timedelta(days=1, minutes=1)),
        (58, some(left=None), None, NOW + timedelta(minutes=1)),
        (58, Allowance(None, None, None, None), None, None),
        (58, Allowance(None, None, None, None), 29.0, NOW + timedelta(minutes=2)),
        (158, Allowance(58, 100, 4600, None), None, None),
    ],
)
def test_a_run_is_done_when_its_calls_fit(
    waiting: int, allowance: Allowance, measured: float | None, done: datetime | None
) -> None:
    assert forecast(waiting, allowance, measured, NOW) == done
