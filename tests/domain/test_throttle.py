"""How long wrong passwords keep somebody waiting."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.throttle import ACCOUNT, ADDRESS, PAIR, Patience, wait_after

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


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


def test_in_a_day_a_stranger_tries_one_account_from_one_place_a_few_dozen_times() -> None:
    passed, tries = timedelta(0), 0
    while passed < 24 * HOUR:
        tries += 1
        passed += wait_after(tries, PAIR)
    assert tries < 40
