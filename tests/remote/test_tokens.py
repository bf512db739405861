"""Token pairs and the rules of their age."""

from datetime import UTC, datetime

import pytest

from portal.remote.errors import BadAnswerError
from portal.remote.tokens import TokenPair, may_renew, read_pair

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize(("age", "may"), [(0, False), (570, False), (571.9, False), (572, True), (700, True)])
def test_a_token_may_not_be_renewed_too_early(age: float, may: bool) -> None:
    assert may_renew(age) is may


def test_the_life_of_a_token_may_be_text_or_number() -> None:
    for seconds in ("600", 600):
        answer = {"access_token": "a", "refresh_token": "r", "expires_in": seconds}
        pair = read_pair(answer, NOW)
        assert pair == TokenPair("a", "r", NOW, 600)


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
