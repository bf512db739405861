"""How long wrong passwords keep somebody waiting."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.house.throttle import ACCOUNT, ADDRESS, PAIR, Patience, wait_after, what_counts

START = datetime(2026, 11, 23, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("failures", "patience", "minutes"),
    [
        (0, PAIR, 0),
        (4, PAIR, 0),
        (5, PAIR, 1),
        (6, PAIR, 2),
        (7, PAIR, 4),
        (10, PAIR, 32),
        (11, PAIR, 60),
        (10**9, PAIR, 60),
        (9, ADDRESS, 0),
        (10, ADDRESS, 1),
        (99, ACCOUNT, 0),
        (100, ACCOUNT, 1),
        (200, ACCOUNT, 5),
        (200, ADDRESS, 5),
    ],
)
def test_the_wait_doubles_up_to_its_longest(failures: int, patience: Patience, minutes: int) -> None:
    assert wait_after(failures, patience) == minutes * MINUTE


@given(st.integers(0, 10**6), st.builds(Patience, st.integers(1, 1000), st.just(HOUR)))
def test_the_wait_never_shrinks_while_it_fails(failures: int, patience: Patience) -> None:
    assert wait_after(failures, patience) <= wait_after(failures + 1, patience) <= HOUR


def failing(patience: Patience, every: timedelta, tries: int) -> list[timedelta]:
    """Fail again and again, each time after a pause, and return the waits."""
    waits = []
    failures = 0
    since = START
    now = START
    for _ in range(tries):
        failures, since = what_counts(failures, since, now=now, patience=patience)
        failures += 1
        waits.append(wait_after(failures, patience))
        now += max(every, waits[-1])
    return waits


def test_an_office_in_which_somebody_always_errs_never_waits() -> None:
    assert set(failing(ADDRESS, 6 * MINUTE, 500)) == {timedelta(0)}
    assert set(failing(ADDRESS, 5 * MINUTE, 500)) == {timedelta(0)}


def test_a_place_that_only_guesses_gets_a_dozen_tries_an_hour() -> None:
    waits = failing(ADDRESS, timedelta(0), 300)
    assert waits[-1] == 5 * MINUTE
    assert sum(waits, timedelta(0)) > 23 * HOUR


def test_what_is_ones_own_is_forgotten_after_a_day_alone() -> None:
    assert what_counts(7, START, now=START + 23 * HOUR, patience=PAIR)[0] == 7
    assert what_counts(7, START, now=START + 24 * HOUR, patience=PAIR)[0] == 0


@given(st.integers(0, 200), st.timedeltas(timedelta(0), timedelta(days=2)))
def test_time_never_adds_a_failure(failures: int, passed: timedelta) -> None:
    for patience in (PAIR, ADDRESS, ACCOUNT):
        left, since = what_counts(failures, START, now=START + passed, patience=patience)
        assert 0 <= left <= failures
        assert START <= since <= START + passed


def test_in_a_day_a_stranger_tries_one_account_from_one_place_a_few_dozen_times() -> None:
    passed = timedelta(0)
    tries = 0
    while passed < 24 * HOUR:
        tries += 1
        passed += wait_after(tries, PAIR)
    assert tries < 40
