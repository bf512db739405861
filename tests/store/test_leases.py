"""Lanes and slots: of many one wins, and a lost one is taken over."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session, sessionmaker

from portal.store.lane_rows import LaneRow, add_lane, take_lane
from portal.store.leases import Lease, leave
from portal.store.slots import SlotRow, claim_slot

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def take(sessions: sessionmaker[Session], owner: str, at: datetime = NOW) -> int | None:
    with sessions.begin() as session:
        taken = take_lane(session, "lane", owner=owner, now=at, lasting=MINUTE)
        return taken[1].fence if taken else None


def give_back(sessions: sessionmaker[Session], owner: str, fence: int) -> None:
    with sessions.begin() as session:
        leave(session, Lease(LaneRow, "lane", owner, fence))


def claim(sessions: sessionmaker[Session], at: datetime = NOW) -> bool:
    with sessions.begin() as session:
        return claim_slot(session, "slot", every=MINUTE, now=at)


def test_a_held_lane_is_refused_until_it_is_left(session_factory: sessionmaker[Session]) -> None:
    fence = take(session_factory, "a")
    assert fence == 1
    assert take(session_factory, "b") is None
    give_back(session_factory, "a", fence)
    assert take(session_factory, "b") == 2


def test_a_lapsed_lane_is_taken_over_and_its_holder_fenced_out(
    session_factory: sessionmaker[Session],
) -> None:
    assert take(session_factory, "a") == 1
    assert take(session_factory, "b", NOW + timedelta(seconds=59)) is None
    assert take(session_factory, "b", NOW + timedelta(seconds=60)) == 2
    give_back(session_factory, "a", 1)
    assert take(session_factory, "c", NOW + timedelta(seconds=60)) is None


def test_an_owner_may_take_its_lane_again(session_factory: sessionmaker[Session]) -> None:
    assert take(session_factory, "a") == 1
    assert take(session_factory, "a") == 2


def test_of_many_first_takers_one_gets_the_lane(session_factory: sessionmaker[Session]) -> None:
    start = threading.Barrier(8)

    def go(number: int) -> int | None:
        start.wait(20)
        return take(session_factory, str(number))

    with ThreadPoolExecutor(8) as pool:
        fences = list(pool.map(go, range(8)))
    assert sorted(fence for fence in fences if fence) == [1]


def test_of_many_tickers_one_claims_a_due_slot(session_factory: sessionmaker[Session]) -> None:
    start = threading.Barrier(8)

    def go(at: datetime) -> bool:
        start.wait(20)
        return claim(session_factory, at)

    for at in (NOW, NOW + MINUTE, NOW + 10 * MINUTE):
        with ThreadPoolExecutor(8) as pool:
            assert sorted(pool.map(go, [at] * 8)) == [False] * 7 + [True]


def test_a_slot_is_claimed_when_it_is_due_and_not_before(session_factory: sessionmaker[Session]) -> None:
    assert claim(session_factory)
    assert not claim(session_factory, NOW + timedelta(seconds=59))
    assert claim(session_factory, NOW + MINUTE)
    with session_factory() as session:
        assert session.get_one(SlotRow, "slot").next_run_at == NOW + 2 * MINUTE


def test_a_ticker_that_keeps_its_session_sees_what_others_claimed(
    session_factory: sessionmaker[Session],
) -> None:
    with session_factory() as session:
        assert claim_slot(session, "slot", every=MINUTE, now=NOW)
        session.commit()
        assert claim(session_factory, NOW + MINUTE)
        assert not claim_slot(session, "slot", every=MINUTE, now=NOW + MINUTE)
        session.commit()
        assert claim_slot(session, "slot", every=MINUTE, now=NOW + 2 * MINUTE)
        session.commit()


def test_what_else_the_transaction_did_survives_a_lost_race(session_factory: sessionmaker[Session]) -> None:
    """The lane appears between the look and the insert; the row written before is kept."""
    with session_factory() as session:
        session.add(SlotRow(name="kept", next_run_at=NOW))
        session.flush()
        session.execute(LaneRow.__table__.insert().values(name="lane", fence=0, pace={}))  # type: ignore[attr-defined]
        real_get = session.get
        session.get = lambda *_, **__: None  # type: ignore[method-assign]
        add_lane(session, "lane")
        session.get = real_get  # type: ignore[method-assign]
        session.commit()
    with session_factory() as session:
        assert session.get(SlotRow, "kept") is not None
