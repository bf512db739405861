"""The lane that all processes share."""

import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from sqlalchemy.orm import Session, sessionmaker

from portal.domain.failed import Failed
from portal.remote.deadline import PersonsWait, a_person_waits
from portal.remote.errors import HeldBackError
from portal.remote.pace import Lane, Pace, Told, Window
from portal.store.lane_rows import LaneRow
from portal.store.lanes import OpenLane, StoredLane, read_paces

START = datetime(2026, 11, 23, 10, tzinfo=UTC)
DAY = 86400


class Hands:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = START
        self.slept: list[float] = []

    def clock(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += timedelta(seconds=seconds)


def tell_nothing(_headers: Mapping[str, str], _status: int, _now: datetime) -> Sequence[Told]:
    return []


def tell_two_left(_headers: Mapping[str, str], _status: int, now: datetime) -> Sequence[Told]:
    return [Told("minute", 60, 2, now + timedelta(seconds=7))]


@pytest.fixture
def hands() -> Hands:
    return Hands()


def a_lane(
    sessions: sessionmaker[Session], hands: Hands, *windows: Window, name: str = "lane", **changes: Any
) -> StoredLane:
    usual: dict[str, Any] = {
        "start": Pace(windows, most_errors=5),
        "reader": tell_nothing,
        "clock": hands.clock,
        "sleep": hands.sleep,
        "hold": 30,
    }
    return StoredLane(sessions, name, **(usual | changes))


def use(lane: Lane, times: int = 1, **how: bool) -> None:
    for _ in range(times):
        with lane.turn(endpoint="e", **how):
            pass


def test_turns_of_many_threads_never_overlap(session_factory: sessionmaker[Session]) -> None:
    inside = 0
    most = 0
    turns = 0
    pause = threading.Event()

    def nap(_seconds: float) -> None:
        pause.wait(0.005)

    def go(number: int) -> None:
        nonlocal inside, most, turns
        lane = StoredLane(
            session_factory,
            "lane",
            start=Pace(),
            reader=tell_nothing,
            clock=lambda: datetime.now(UTC),
            hold=60,
            sleep=nap,
        )
        for _ in range(5):
            with lane.turn(endpoint="e", interactive=bool(number % 2)):
                inside += 1
                most = max(most, inside)
                turns = turns + 1
                pause.wait(0.002)
                inside -= 1

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(go, range(8)))
    assert (most, turns) == (1, 40)


def test_lanes_of_other_names_do_not_wait(session_factory: sessionmaker[Session], hands: Hands) -> None:
    first, second = (a_lane(session_factory, hands, name=name) for name in ("one", "two"))
    with first.turn(endpoint="e"), second.turn(endpoint="e"):
        assert hands.slept == []


def test_the_lane_of_a_dead_holder_is_taken_over_after_its_hold(
    session_factory: sessionmaker[Session], hands: Hands
) -> None:
    dead = a_lane(session_factory, hands)
    dead_turn = dead.turn(endpoint="e")
    dead_turn.__enter__()
    with a_lane(session_factory, hands).turn(endpoint="e"):
        assert START + timedelta(seconds=30) <= hands.now < START + timedelta(seconds=31)
        dead_turn.__exit__(None, None, None)
        with session_factory() as session:
            assert session.get_one(LaneRow, "lane").lease_owner is not None


def test_who_was_overtaken_teaches_nothing_old(session_factory: sessionmaker[Session], hands: Hands) -> None:
    minute = Window(name="minute", length=60, limit=60, remaining=1, resets_at=START + timedelta(seconds=60))
    slow = a_lane(session_factory, hands, minute, reader=tell_two_left)
    with slow.turn(endpoint="e"):
        hands.now += timedelta(seconds=31)
        use(a_lane(session_factory, hands))
        slow.learn({}, 400, "e", START)
    with session_factory() as session:
        pace = read_paces(session, ["lane"]).get("lane")
    assert pace is not None
    assert pace.windows[0].left(hands.now) == 59
    assert len(pace.errors["e"]) == 1


def test_a_lane_held_for_too_long_holds_back(session_factory: sessionmaker[Session], hands: Hands) -> None:
    lane = a_lane(session_factory, hands, hold=1000)
    with lane.turn(endpoint="e"):
        with pytest.raises(HeldBackError) as held:
            use(a_lane(session_factory, hands))
        assert held.value.said.code == Failed.OTHERS_FIRST
        assert held.value.retry_at is not None
        assert held.value.retry_at > hands.now
        assert 69 <= sum(hands.slept) <= 71


def test_a_failure_frees_the_lane(session_factory: sessionmaker[Session], hands: Hands) -> None:
    lane = a_lane(session_factory, hands)
    with pytest.raises(RuntimeError), lane.turn(endpoint="e"):
        raise RuntimeError
    use(lane)
    assert hands.slept == []


def test_people_go_before_batches(session_factory: sessionmaker[Session], hands: Hands) -> None:
    """A person finds the lane taken; when it is free again a batch leaves it to the person."""
    order: list[str] = []
    holder = a_lane(session_factory, hands).turn(endpoint="e")
    holder.__enter__()

    def wait_as_person(seconds: float) -> None:
        hands.sleep(seconds)
        holder.__exit__(None, None, None)
        with pytest.raises(HeldBackError):
            use(a_lane(session_factory, hands, sleep=lambda _: None))
        order.append("batch waited")

    with a_lane(session_factory, hands, sleep=wait_as_person).turn(endpoint="e", interactive=True):
        order.append("person")
    use(a_lane(session_factory, hands))
    assert order == ["batch waited", "person"]
    assert hands.now - START < timedelta(seconds=3)


def test_the_budget_of_a_minute_is_never_exceeded(
    session_factory: sessionmaker[Session], hands: Hands
) -> None:
    minute = Window(name="minute", length=60, limit=10)
    lanes = [a_lane(session_factory, hands, minute) for _ in range(3)]
    calls: list[datetime] = []
    for number in range(45):
        with lanes[number % 3].turn(endpoint="e", interactive=number % 2 == 0):
            calls.append(hands.now)
            hands.now += timedelta(seconds=1)
    minutes = [(at - START) // timedelta(minutes=1) for at in calls]
    assert {each: minutes.count(each) for each in set(minutes)} == {0: 10, 1: 10, 2: 10, 3: 10, 4: 5}
    assert all(b - a >= timedelta(minutes=1) for a, b in zip(calls, calls[10:], strict=False))


def test_a_used_up_day_is_not_waited_for(session_factory: sessionmaker[Session], hands: Hands) -> None:
    lane = a_lane(session_factory, hands, Window(name="day", length=DAY, limit=1))
    use(lane)
    with pytest.raises(HeldBackError, match="per day") as held:
        use(lane)
    assert held.value.retry_at == START + timedelta(days=1)
    assert hands.slept == []
    with session_factory() as session:
        assert session.get_one(LaneRow, "lane").lease_owner is None


def test_waiting_for_the_lane_and_for_the_pace_counts_together(
    session_factory: sessionmaker[Session], hands: Hands
) -> None:
    used_up = START + timedelta(seconds=80)
    minute = Window(name="minute", length=60, limit=1, remaining=0, resets_at=used_up)
    dead_turn = a_lane(session_factory, hands, hold=20).turn(endpoint="e")
    dead_turn.__enter__()
    with session_factory.begin() as session:
        session.get_one(LaneRow, "lane").pace = msgspec.to_builtins(Pace((minute,)))
    with pytest.raises(HeldBackError, match="per minute") as held:
        use(a_lane(session_factory, hands))
    assert held.value.retry_at == used_up
    dead_turn.__exit__(None, None, None)


def test_a_reserve_is_kept_for_people_and_for_pulls(
    session_factory: sessionmaker[Session], hands: Hands
) -> None:
    day = Window(name="day", length=DAY, limit=20, keep_for_people=1, keep_for_pulls=1)
    lane = a_lane(session_factory, hands, day)
    use(lane, 18)
    with pytest.raises(HeldBackError):
        use(lane)
    use(lane, pull=True)
    with pytest.raises(HeldBackError):
        use(lane, interactive=True)
    use(lane, interactive=True, pull=True)


def test_what_an_answer_tells_is_known_to_all(session_factory: sessionmaker[Session], hands: Hands) -> None:
    minute = Window(name="minute", length=60)
    lane = a_lane(session_factory, hands, minute, reader=tell_two_left)
    with lane.turn(endpoint="e"):
        lane.learn({}, 200, "e", hands.now)
    use(a_lane(session_factory, hands, minute), 2)
    assert hands.slept == []
    use(a_lane(session_factory, hands, minute))
    assert hands.slept == [7]


def test_an_endpoint_that_refuses_is_held_until_it_is_safe(
    session_factory: sessionmaker[Session], hands: Hands
) -> None:
    lane = a_lane(session_factory, hands)
    for _ in range(5):
        with lane.turn(endpoint="e"):
            lane.learn({}, 400, "e", hands.now)
    with pytest.raises(HeldBackError, match="within an hour") as held:
        use(a_lane(session_factory, hands))
    assert held.value.retry_at == START + timedelta(hours=1)
    hands.now += timedelta(hours=1)
    use(lane)


def test_a_person_waits_for_the_call_under_way_and_no_longer(
    session_factory: sessionmaker[Session], hands: Hands
) -> None:
    lane = a_lane(session_factory, hands)
    with (
        a_lane(session_factory, hands).turn(endpoint="e"),
        a_person_waits(PersonsWait(60)),
        pytest.raises(HeldBackError) as busy,
    ):
        use(lane, interactive=True)
    assert (busy.value.said.code, busy.value.may_have_happened) == (Failed.OTHERS_FIRST, False)
    assert sum(hands.slept) <= 0.5
    assert busy.value.retry_at is not None
    assert busy.value.retry_at - hands.now <= timedelta(seconds=2)


def test_no_person_queues_behind_another(session_factory: sessionmaker[Session], hands: Hands) -> None:
    seen: list[list[float]] = []

    def second_person(seconds: float) -> None:
        with a_person_waits(PersonsWait(60)), pytest.raises(HeldBackError):
            use(a_lane(session_factory, other), interactive=True)
        seen.append(list(other.slept))
        hands.sleep(seconds)

    other = Hands()
    with (
        a_lane(session_factory, hands).turn(endpoint="e"),
        a_person_waits(PersonsWait(60)),
        pytest.raises(HeldBackError),
    ):
        use(a_lane(session_factory, hands, sleep=second_person), interactive=True)
    assert seen
    assert not any(seen)


def test_a_person_is_told_at_once_when_the_limit_is_used_up(
    session_factory: sessionmaker[Session], hands: Hands
) -> None:
    window = Window(name="minute", length=60, limit=60, remaining=0, resets_at=START + timedelta(seconds=3))
    with a_person_waits(PersonsWait(60)), pytest.raises(HeldBackError) as used_up:
        use(a_lane(session_factory, hands, window), interactive=True)
    assert used_up.value.retry_at == START + timedelta(seconds=3)
    assert hands.slept == []
    use(a_lane(session_factory, hands, window), interactive=True)
    assert sum(hands.slept) == 3


def test_the_lane_of_a_process_that_died_in_a_persons_call_is_soon_free(
    session_factory: sessionmaker[Session], hands: Hands
) -> None:
    dead = a_lane(session_factory, hands, hold=150).turn(endpoint="e")
    with a_person_waits(PersonsWait(60)):
        dead.__enter__()
    use(a_lane(session_factory, hands))
    assert 25 <= sum(hands.slept) <= 31


def test_what_follows_a_consent_is_held_back_by_nothing(
    session_factory: sessionmaker[Session], hands: Hands
) -> None:
    lane = a_lane(session_factory, hands)
    use(OpenLane(lane))
    for _ in range(6):
        lane.learn({}, 401, "e", hands.now)
    with a_lane(session_factory, hands).turn(endpoint="other"), a_person_waits(PersonsWait(60)):
        use(OpenLane(a_lane(session_factory, hands)), interactive=True)
    assert hands.slept == []
    with a_person_waits(PersonsWait(60)), pytest.raises(HeldBackError):
        use(lane, interactive=True)


def test_what_follows_a_consent_counts_all_the_same(
    session_factory: sessionmaker[Session], hands: Hands
) -> None:
    window = Window(name="minute", length=60, limit=60, remaining=1, resets_at=START + timedelta(seconds=50))
    use(OpenLane(a_lane(session_factory, hands, window)), times=3)
    assert hands.slept == []
    with session_factory() as session:
        pace = read_paces(session, ["lane"]).get("lane")
    assert pace is not None
    assert pace.windows[0].left(hands.now) == -2
