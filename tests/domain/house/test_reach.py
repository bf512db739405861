"""Who may give what."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.house.reach import Reach, covers

REACHES = st.none() | st.lists(st.sampled_from("1234"), unique=True)


@pytest.mark.parametrize(
    ("own", "other", "held"),
    [
        (None, None, True),
        (None, ["1"], True),
        (["1"], None, False),
        (["1"], ["1"], True),
        (["1", "2"], ["2"], True),
        (["1"], ["1", "2"], False),
        (["1"], [], True),
        ([], ["1"], False),
        ([], None, False),
        (("1",), ["1"], True),
    ],
)
def test_a_reach_holds_what_is_within_it(own: Reach, other: Reach, held: bool) -> None:
    assert covers(own, other) is held


@given(one=REACHES, two=REACHES, three=REACHES)
def test_what_is_given_on_never_grows(one: Reach, two: Reach, three: Reach) -> None:
    assert covers(one, one)
    assert not (covers(one, two) and covers(two, three)) or covers(one, three)
