"""A lane within one process."""

import threading
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from portal.remote.errors import HeldBackError
from portal.remote.lane import LocalLane
from portal.remote.pace import Lane, Pace, Told, Window


class Hands:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 31, 12, 0, 30, tzinfo=UTC)
        self.slept: list[float] = []

    def clock(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += timedelta(seconds=seconds)


def tell_nothing(headers: Mapping[str, str], status: int, now: datetime) -> Sequence[Told]:
    return []


def a_lane(hands: Hands, *windows: Window) -> LocalLane:
    return LocalLane(Pace(windows), tell_nothing, clock=hands.clock, sleep=hands.sleep)


def test_a_used_up_minute_is_waited_for() -> None:
    hands = Hands()
    lane: Lane = a_lane(hands, Window(name="minute", length=60, limit=2))
    for _ in range(3):
        with lane.turn(endpoint="e"):
            pass
    assert hands.slept == [60]


def test_a_used_up_day_is_not_waited_for() -> None:
    hands = Hands()
    lane = a_lane(hands, Window(name="day", length=86400, limit=1))
    with lane.turn(endpoint="e"):
        pass
    with pytest.raises(HeldBackError) as held, lane.turn(endpoint="e"):
        pass
    assert held.value.retry_at == hands.now + timedelta(days=1)
    assert hands.slept == []


def test_an_endpoint_that_refuses_is_held_until_it_is_safe() -> None:
    hands = Hands()
    lane = a_lane(hands)
    for _ in range(5):
        with lane.turn(endpoint="e"):
            lane.learn({}, 400, "e", hands.now)
    with pytest.raises(HeldBackError) as held, lane.turn(endpoint="e"):
        pass
    assert held.value.helps_to_retry
    hands.now += timedelta(hours=1)
    with lane.turn(endpoint="e"):
        pass


def test_what_a_reader_tells_is_learned() -> None:
    hands = Hands()

    def tell(headers: Mapping[str, str], status: int, now: datetime) -> Sequence[Told]:
        return [Told("minute", 60, 0, now + timedelta(seconds=7))]

    lane = LocalLane(Pace((Window(name="minute", length=60),)), tell, clock=hands.clock, sleep=hands.sleep)
    lane.learn({}, 200, "e", hands.now)
    with lane.turn(endpoint="e", interactive=True):
        pass
    assert hands.slept == [7]


def test_a_failure_frees_the_lane() -> None:
    lane = a_lane(Hands())
    with pytest.raises(RuntimeError), lane.turn(endpoint="e"):
        raise RuntimeError
    with lane.turn(endpoint="e"):
        pass


def test_one_request_at_a_time_and_people_first() -> None:
    lane, order, entered = a_lane(Hands()), list[str](), threading.Event()
    release = threading.Event()

    def go(name: str, interactive: bool, *, hold: bool = False) -> None:
        with lane.turn(endpoint="e", interactive=interactive):
            order.append(name)
            if hold:
                entered.set()
                release.wait(5)

    threads = [threading.Thread(target=go, args=("first", False), kwargs={"hold": True})]
    threads[0].start()
    assert entered.wait(5)
    threads += [threading.Thread(target=go, args=("batch", False)) for _ in range(2)]
    threads.append(threading.Thread(target=go, args=("person", True)))
    for thread in threads[1:]:
        thread.start()
    while lane._people_waiting == 0:
        pass
    assert order == ["first"]
    release.set()
    for thread in threads:
        thread.join(5)
    assert order == ["first", "person", "batch", "batch"]
