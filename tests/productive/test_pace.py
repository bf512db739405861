"""The brake: never more calls in a span than Productive allows."""

from datetime import UTC, datetime, timedelta

import pytest

from portal.productive.pace import PACE, SlidingWindow, read_limits
from portal.remote.errors import HeldBackError
from portal.remote.lane import LocalLane

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


class Time:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def a_window(time: Time, *limits: tuple[int, float], patience: float = 30.0) -> SlidingWindow:
    return SlidingWindow(*limits, patience=patience, clock=time.clock, sleep=time.sleep)


def take(window: SlidingWindow, times: int, *, interactive: bool = True) -> None:
    for _ in range(times):
        with window.turn(endpoint="invoices", interactive=interactive):
            pass


def test_as_many_calls_as_allowed_go_at_once_and_the_next_waits() -> None:
    time = Time()
    window = a_window(time)
    take(window, 100)
    assert time.slept == []
    take(window, 1)
    assert time.slept == [10.0]


def test_no_span_of_ten_seconds_ever_holds_more_than_allowed() -> None:
    time, calls = Time(), []
    window = a_window(time, (5, 10))
    for _ in range(40):
        take(window, 1)
        calls.append(time.now)
        time.now += 0.7
    assert all(later - earlier >= 10 for earlier, later in zip(calls, calls[5:], strict=False))


def test_batches_leave_room_for_people_who_wait() -> None:
    time = Time()
    window = a_window(time, (10, 10))
    take(window, 9, interactive=False)
    take(window, 1)
    assert time.slept == []
    take(window, 1, interactive=False)
    assert time.slept == [10.0]


def test_a_wait_beyond_patience_is_an_error_that_says_when() -> None:
    window = a_window(Time(), (2, 1800))
    take(window, 2)
    with pytest.raises(HeldBackError) as caught:
        take(window, 1)
    assert caught.value.retry_at is not None


def test_old_calls_are_forgotten() -> None:
    time = Time()
    window = a_window(time, (2, 1), (3, 5))
    take(window, 2)
    time.now += 1
    take(window, 1)
    take(window, 1)
    assert time.slept == [4.0]


def test_a_429_closes_the_window_for_as_long_as_it_says() -> None:
    time = Time()
    window = a_window(time)
    window.learn({}, 200, "invoices", NOW)
    window.learn({"X-RateLimit-Reset": "7"}, 429, "invoices", NOW)
    take(window, 1)
    assert time.slept == [7.0]


@pytest.mark.parametrize(
    ("status", "reset", "told"),
    [
        (200, "7", []),
        (429, "7", [("10 seconds", 0, NOW + timedelta(seconds=7))]),
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
