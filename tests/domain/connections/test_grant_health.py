"""How a sign-in is doing."""

from datetime import UTC, datetime, timedelta

import pytest

from portal.domain.connections.grant_health import cause_of_end, health_of
from portal.domain.connections.states import SignInCause

NOW = datetime(2026, 11, 25, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("words", "cause"),
    [
        ("unauthorized_client: Old refresh token used.", SignInCause.RENEWAL_LOST),
        (
            "invalid_request: The refresh token expired at 12/25/2026 and it is now 1/1/2027",
            SignInCause.EXPIRED,
        ),
        ("invalid_grant: empty chainId", SignInCause.ENDED),
        ("", SignInCause.ENDED),
    ],
)
def test_why_a_sign_in_ended_is_told_by_its_words(words: str, cause: str) -> None:
    assert cause_of_end(words) == cause


@pytest.mark.parametrize(
    ("cause", "age", "failing", "expected", "warns"),
    [
        (None, 10 * HOUR, None, None, False),
        (None, 19 * DAY, None, None, False),
        (None, 20 * DAY, None, SignInCause.LAPSES, True),
        (SignInCause.NO_ANSWER, HOUR, HOUR / 2, SignInCause.NO_ANSWER, False),
        (SignInCause.NO_ANSWER, HOUR, HOUR, SignInCause.NO_ANSWER, True),
        (SignInCause.NO_ANSWER, 21 * DAY, 14 * DAY, SignInCause.LAPSES, True),
        (SignInCause.APP_REFUSED, HOUR, timedelta(), SignInCause.APP_REFUSED, True),
        (SignInCause.RENEWAL_REFUSED, 25 * DAY, 5 * DAY, SignInCause.RENEWAL_REFUSED, True),
    ],
)
def test_what_a_person_can_mend_is_said_at_once_and_silence_after_an_hour(
    cause: SignInCause | None,
    age: timedelta,
    failing: timedelta | None,
    expected: SignInCause | None,
    warns: bool,
) -> None:
    since = None if failing is None else NOW - failing
    health = health_of(lost=False, cause=cause, obtained_at=NOW - age, failing_since=since, now=NOW)
    assert (health.cause, health.warns, health.lost) == (expected, warns, False)
    assert health.lapses_at == NOW - age + timedelta(days=30)


def test_a_lost_sign_in_is_always_said() -> None:
    health = health_of(lost=True, cause=None, obtained_at=NOW, failing_since=None, now=NOW)
    assert (health.cause, health.warns, health.lost) == (SignInCause.ENDED, True, True)
