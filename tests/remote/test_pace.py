"""How fast a remote may be called."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.remote.pace import LONGEST_PAUSE, PAUSE, Pace, Rolling, Told, Window
from tests.furnishing.said import english

NOW = datetime(2026, 1, 31, 12, 0, 30, tzinfo=UTC)
RESET = datetime(2026, 1, 31, 12, 1, tzinfo=UTC)
MINUTE = Window(name="minute", length=60, keep_for_people=2)
ROLLING = Rolling(name="10 seconds", length=10, limit=5)
DAY = Window(name="day", length=86400, keep_for_pulls=300)


def at(pace: Pace, now: datetime = NOW, *, interactive: bool = False, pull: bool = False) -> datetime:
    return pace.opening(now, endpoint="e", interactive=interactive, pull=pull).at


def test_what_is_unknown_holds_nothing_back() -> None:
    pace = Pace((MINUTE, DAY))
    assert at(pace) == NOW
    assert at(pace.spend(NOW)) == NOW
    assert at(Pace()) == NOW


def test_a_window_that_is_used_up_opens_at_its_reset() -> None:
    pace = Pace((MINUTE,)).learn([Told("minute", 60, 0, RESET)], 200, "e", NOW)
    assert at(pace) == RESET
    assert at(pace, RESET) == RESET
    assert "minute" in str(english(pace.opening(NOW, endpoint="e", interactive=True, pull=False).why))


def test_the_last_calls_of_a_minute_are_for_people() -> None:
    pace = Pace((MINUTE,)).learn([Told("minute", 60, 2, RESET)], 200, "e", NOW)
    assert at(pace) == RESET
    assert at(pace, interactive=True) == NOW


@pytest.mark.parametrize("interactive", [True, False])
def test_the_last_calls_of_a_day_are_for_pulls(interactive: bool) -> None:
    tomorrow = NOW + timedelta(days=1)
    pace = Pace((DAY,)).learn([Told("day", 5000, 300, tomorrow)], 200, "e", NOW)
    assert at(pace, interactive=interactive) == tomorrow
    assert at(pace, interactive=interactive, pull=True) == NOW


@pytest.mark.parametrize(
    ("hours_to_come", "left", "batch", "person"),
    [
        (24, 401, True, True),
        (24, 400, False, True),
        (24, 300, False, False),
        (12, 251, True, True),
        (12, 250, False, True),
        (12, 150, False, False),
        (1, 100, False, True),
        (1, 14, False, True),
        (1, 13, False, False),
    ],
)
def test_what_pulls_have_used_already_is_not_kept_for_them_again(
    hours_to_come: int, left: int, batch: bool, person: bool
) -> None:
    day = msgspec.structs.replace(DAY, keep_for_people=100)
    resets_at = NOW + timedelta(hours=hours_to_come)
    pace = Pace((day,)).learn([Told("day", 5000, left, resets_at)], 200, "e", NOW)
    assert (at(pace) == NOW, at(pace, interactive=True) == NOW) == (batch, person)
    assert at(pace, pull=True) == NOW


def test_a_small_limit_is_not_kept_back_whole() -> None:
    pace = Pace((MINUTE, DAY)).learn([Told("minute", 5, 1, RESET), Told("day", 20, 3, RESET)], 200, "e", NOW)
    assert at(pace) == NOW


def test_own_calls_are_counted_between_answers() -> None:
    pace = Pace((MINUTE,)).learn([Told("minute", 60, 1, RESET)], 200, "e", NOW)
    assert at(pace, interactive=True) == NOW
    assert at(pace.spend(NOW), interactive=True) == RESET


def test_a_new_span_begins_full_and_keeps_the_rhythm() -> None:
    window = Window(name="m", length=60, limit=3, remaining=0, resets_at=RESET)
    later = RESET + timedelta(seconds=150)
    spent = window.spend(later)
    assert spent.remaining == 2
    assert spent.resets_at == RESET + timedelta(seconds=180)
    assert window.spend(RESET).resets_at == RESET + timedelta(seconds=60)


def test_a_known_limit_without_headers_is_counted_from_the_first_call() -> None:
    window = Window(name="ten seconds", length=10, limit=2)
    assert window.opens_at(NOW, interactive=True, pull=True) == NOW
    spent = window.spend(NOW).spend(NOW)
    assert spent.opens_at(NOW, interactive=True, pull=True) == NOW + timedelta(seconds=10)


def test_an_answer_without_a_limit_keeps_the_known_one() -> None:
    pace = Pace((MINUTE,)).learn([Told("minute", 60, 5, RESET)], 200, "e", NOW)
    pace = pace.learn([Told("minute", None, 0, RESET)], 429, "e", NOW)
    assert pace.windows[0].limit == 60
    assert pace.windows[0].left(NOW) == 0


def test_five_refusals_within_an_hour_hold_only_their_endpoint() -> None:
    pace = Pace(most_errors=5)
    for minute in range(5):
        pace = pace.learn([], 400, "bad", NOW + timedelta(minutes=minute))
    now = NOW + timedelta(minutes=10)
    held = pace.opening(now, endpoint="bad", interactive=True, pull=True)
    assert held.at == NOW + timedelta(hours=1)
    assert "bad" in str(english(held.why))
    assert pace.opening(now, endpoint="good", interactive=True, pull=True).at == now
    assert pace.opening(held.at, endpoint="bad", interactive=True, pull=True).at == held.at


def test_only_the_refusals_that_exact_counts_are_counted() -> None:
    pace = Pace(most_errors=5)
    for status in (200, 201, 204, 410, 429, 500, 503) * 5:
        pace = pace.learn([], status, "e", NOW)
    assert pace.errors == {}
    for status in (400, 401, 403, 404):
        pace = pace.learn([], status, "e", NOW)
    assert len(pace.errors["e"]) == 4


def test_old_refusals_are_forgotten() -> None:
    pace = Pace(most_errors=5).learn([], 400, "old", NOW).learn([], 400, "new", NOW + timedelta(hours=2))
    assert list(pace.errors) == ["new"]


def test_a_pace_survives_being_stored() -> None:
    pace = Pace((MINUTE, DAY, ROLLING), most_errors=5)
    pace = pace.learn([Told("minute", 60, 5, RESET)], 404, "e", NOW).spend(NOW)
    assert msgspec.json.decode(msgspec.json.encode(pace), type=Pace) == pace


@given(
    limit=st.integers(1, 60),
    gaps=st.lists(st.floats(0, 50, allow_nan=False), min_size=1, max_size=120),
)
def test_no_span_ever_sees_more_calls_than_its_limit(limit: int, gaps: list[float]) -> None:
    window = Window(name="m", length=60, limit=limit)
    now = NOW
    sent = list[datetime]()
    start = NOW
    for gap in gaps:
        now = window.opens_at(now + timedelta(seconds=gap), interactive=True, pull=True)
        window = window.spend(now)
        sent.append(now)
    spans = [int((each - start - timedelta(seconds=gaps[0])).total_seconds() // 60) for each in sent]
    assert max(spans.count(span) for span in spans) <= limit


def test_a_remote_that_blocks_nobody_holds_no_endpoint_back() -> None:
    pace = Pace()
    for _ in range(20):
        pace = pace.learn([], 404, "e", NOW)
    assert (at(pace), pace.circuits(NOW), pace.errors) == (NOW, {}, {})


def test_open_circuits_are_told_with_their_end() -> None:
    pace = Pace(most_errors=2).learn([], 400, "e", NOW).learn([], 400, "e", NOW + timedelta(minutes=1))
    assert pace.circuits(NOW + timedelta(minutes=2)) == {"e": NOW + timedelta(hours=1)}
    assert pace.circuits(NOW + timedelta(hours=1)) == {}


def test_a_rolling_limit_that_asks_to_wait_is_waited_for() -> None:
    soon = NOW + timedelta(seconds=7)
    pace = Pace((ROLLING,)).learn([Told("10 seconds", None, 0, soon)], 429, "e", NOW)
    assert (at(pace), pace.windows[0].left(NOW), pace.windows[0].renews_at(NOW)) == (soon, 0, soon)
    assert at(pace, soon) == soon


def test_a_rolling_limit_keeps_its_reserve() -> None:
    kept = Rolling(name="m", length=10, limit=20, keep_for_people=2)
    for _ in range(18):
        kept = kept.spend(NOW)
    assert kept.opens_at(NOW, interactive=True, pull=True) == NOW
    assert kept.opens_at(NOW, interactive=False, pull=True) == NOW
    assert kept.opens_at(NOW, interactive=False, pull=False) == NOW + timedelta(seconds=11)
    assert Rolling(name="m", length=10).opens_at(NOW, interactive=False, pull=False) == NOW


@given(
    limit=st.integers(1, 30),
    gaps=st.lists(st.floats(0, 5, allow_nan=False), min_size=1, max_size=120),
)
def test_a_rolling_limit_holds_in_any_span_wherever_it_begins(limit: int, gaps: list[float]) -> None:
    window = Rolling(name="m", length=10, limit=limit)
    now = NOW
    sent = list[datetime]()
    for gap in gaps:
        now = window.opens_at(now + timedelta(seconds=gap), interactive=True, pull=True)
        window = window.spend(now)
        sent.append(now)
    span = timedelta(seconds=10)
    assert all(later - earlier >= span for earlier, later in zip(sent, sent[limit:], strict=False))


@given(
    wait=st.timedeltas(timedelta(days=-400), timedelta(days=4000)), status=st.sampled_from([200, 429, 503])
)
def test_no_wait_is_longer_than_the_window_that_it_is_of(wait: timedelta, status: int) -> None:
    for window in (MINUTE, DAY, ROLLING):
        told = [Told(window.name, 60, 0, NOW + wait)]
        opens = at(Pace((window,)).learn(told, status, "e", NOW), interactive=True, pull=True)
        assert NOW <= opens <= NOW + timedelta(seconds=window.length)
    paused = Pace().learn([Told(PAUSE, None, 0, NOW + wait)], 503, "e", NOW)
    assert NOW <= at(paused, interactive=True, pull=True) <= NOW + LONGEST_PAUSE


def test_a_reset_that_was_kept_from_a_wrong_header_closes_nothing() -> None:
    """Such rows were stored before, and our own clock may be put back."""
    far = NOW + timedelta(days=10)
    window = Window(name="minute", length=60, limit=60, remaining=0, resets_at=far)
    assert (at(Pace((window,))), window.left(NOW), window.renews_at(NOW)) == (NOW, 60, None)
    spent = window.spend(NOW)
    assert (spent.remaining, spent.resets_at) == (59, NOW + timedelta(seconds=60))
    rolling = Rolling(name="10 seconds", length=10, limit=5, closed_until=far)
    assert (at(Pace((rolling,))), rolling.left(NOW), rolling.renews_at(NOW)) == (NOW, 5, None)
    assert at(Pace(paused_until=far)) == NOW
    errors: dict[str, tuple[datetime, ...]] = {"e": (far,) * 9}
    assert at(Pace(errors=errors, most_errors=5)) == NOW


def test_what_one_answer_asked_for_ends_with_the_next_good_one() -> None:
    soon = NOW + timedelta(seconds=9)
    told = [Told("10 seconds", None, 0, soon), Told(PAUSE, None, 0, soon)]
    pace = Pace((ROLLING,)).learn(told, 429, "e", NOW)
    assert (at(pace), at(pace.learn([], 500, "e", NOW)), at(pace.learn([], 200, "e", NOW))) == (
        soon,
        soon,
        NOW,
    )


def test_more_calls_than_the_limit_are_never_left() -> None:
    pace = Pace((MINUTE,)).learn([Told("minute", 60, 10**9, RESET)], 200, "e", NOW)
    assert pace.windows[0].left(NOW) == 60
