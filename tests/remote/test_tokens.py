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
        {"access_token": "a\nb", "refresh_token": "r", "expires_in": "600"},
        {"access_token": "a\x00b", "refresh_token": "r", "expires_in": "600"},
        {"access_token": "€", "refresh_token": "r", "expires_in": "600"},
        {"access_token": 5, "refresh_token": "r", "expires_in": "600"},
        {"access_token": "a", "refresh_token": ["r"], "expires_in": "600"},
    ],
)
def test_half_a_token_answer_is_a_bad_answer(answer: dict[str, object]) -> None:
    with pytest.raises(BadAnswerError):
        read_pair(answer, NOW)


ODD_LIVES: list[tuple[object, int]] = [
    (600, 600),
    ("600", 600),
    (" 599 ", 599),
    (599.9, 599),
    ("599.9", 599),
    (None, 600),
    ("", 600),
    ("soon", 600),
    (0, 600),
    (-5, 600),
    ("-600", 600),
    (10**9, 600),
    ("9" * 5000, 600),
    ("NaN", 600),
    ("Infinity", 600),
    (float("nan"), 600),
    (True, 600),
    ([600], 600),
    ({"seconds": 600}, 600),
]


@pytest.mark.parametrize(("told", "seconds"), ODD_LIVES)
def test_an_odd_life_of_a_token_loses_no_pair(told: object, seconds: int) -> None:
    pair = read_pair({"access_token": "a", "refresh_token": "r", "expires_in": told}, NOW)
    assert pair == TokenPair("a", "r", NOW, seconds)


def test_a_pair_without_a_life_is_kept() -> None:
    assert read_pair({"access_token": "a", "refresh_token": "r"}, NOW).expires_in == 600


def test_a_renewal_without_a_refresh_token_keeps_the_former_one() -> None:
    assert read_pair({"access_token": "a"}, NOW, former_refresh="r0").refresh == "r0"
    assert read_pair({"access_token": "a", "refresh_token": "r1"}, NOW, former_refresh="r0").refresh == "r1"
