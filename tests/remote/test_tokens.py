"""Token pairs and the rules of their age."""

from datetime import UTC, datetime, timedelta

import pytest

from portal.remote.errors import BadAnswerError
from portal.remote.tokens import TokenPair, may_renew, must_renew, read_pair

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("age", "may", "must"),
    [(0, False, False), (569.9, False, False), (570, True, False), (589, True, False), (590, True, True)],
)
def test_a_token_may_be_renewed_late_and_must_be_in_time(age: float, may: bool, must: bool) -> None:
    assert may_renew(age) is may
    assert must_renew(age) is must


def test_a_short_lived_token_is_not_renewed_too_early() -> None:
    assert not must_renew(400, expires_in=300)


def test_the_life_of_a_token_may_be_text_or_number() -> None:
    for seconds in ("600", 600):
        answer = {"access_token": "a", "refresh_token": "r", "expires_in": seconds}
        pair = read_pair(answer, NOW)
        assert pair == TokenPair("a", "r", NOW, 600)
        assert pair.age(NOW + timedelta(seconds=5)) == 5


def test_a_pair_shows_no_token() -> None:
    shown = repr(TokenPair("secret-a", "secret-r", NOW, 600))
    assert "secret" not in shown


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"access_token": "a", "expires_in": "600"},
        {"access_token": "", "refresh_token": "r", "expires_in": "600"},
        {"access_token": "a", "refresh_token": "r"},
        {"access_token": "a", "refresh_token": "r", "expires_in": "soon"},
    ],
)
def test_half_a_token_answer_is_a_bad_answer(answer: dict[str, object]) -> None:
    with pytest.raises(BadAnswerError):
        read_pair(answer, NOW)
