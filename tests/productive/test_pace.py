"""What Productive says of its limits, and the pace that keeps them."""

from datetime import UTC, datetime, timedelta

import pytest

from portal.productive.pace import PACE, read_limits
from portal.remote.errors import HeldBackError
from tests.lane import LocalLane

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "reset", "told"),
    [
        (200, "7", []),
        (429, "7", [("10 seconds", 0, NOW + timedelta(seconds=7))]),
        (429, "1.5", [("10 seconds", 0, NOW + timedelta(seconds=2))]),
        (429, "1796040010", [("30 minutes", 0, NOW + timedelta(minutes=30))]),
        (429, "900", [("30 minutes", 0, NOW + timedelta(seconds=900))]),
    ],
)
def test_a_shared_lane_learns_from_a_429(
    status: int, reset: str, told: list[tuple[str, int, datetime]]
) -> None:
    found = read_limits({"X-RateLimit-Reset": reset}, status, NOW)
    assert [(each.name, each.remaining, each.resets_at) for each in found] == told


def test_the_pace_fits_the_lane_that_both_remotes_share() -> None:
    lane = LocalLane(PACE, read_limits, clock=lambda: NOW, patience=0)
    lane.learn({"X-RateLimit-Reset": "5"}, 429, "invoices", NOW)
    with pytest.raises(HeldBackError), lane.turn(endpoint="invoices"):
        pass
