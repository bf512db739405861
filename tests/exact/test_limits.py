"""Exact's limit headers."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from portal.exact.limits import PACE, read_limits, read_retry_at
from portal.remote.pace import PAUSE, Told

NOW = datetime(2026, 1, 31, 12, 0, 30, tzinfo=UTC)
MINUTE_RESET = NOW + timedelta(seconds=30)
MIDNIGHT = datetime(2026, 2, 1, tzinfo=UTC)


def millis(moment: datetime) -> str:
    return str(int(moment.timestamp() * 1000))


MINUTELY = {
    "X-RateLimit-Minutely-Limit": "60",
    "X-RateLimit-Minutely-Remaining": "0",
    "X-RateLimit-Minutely-Reset": millis(MINUTE_RESET),
}
DAILY = {
    "X-RateLimit-Limit": "5000",
    "X-RateLimit-Remaining": "4000",
    "X-RateLimit-Reset": millis(MIDNIGHT),
}
SECOND = timedelta(seconds=1)


def test_both_windows_are_read() -> None:
    assert read_limits(MINUTELY | DAILY, 200, NOW) == [
        Told("minute", 60, 0, MINUTE_RESET + SECOND),
        Told("day", 5000, 4000, MIDNIGHT + SECOND),
    ]


def test_absent_headers_are_unknown() -> None:
    assert read_limits({}, 200, NOW) == []
    assert read_limits({"X-RateLimit-Minutely-Remaining": "soon"}, 200, NOW) == []
    assert read_limits({"X-RateLimit-Remaining": "3"}, 200, NOW) == []


def test_a_minute_refusal_says_nothing_about_the_day() -> None:
    told = read_limits(MINUTELY, 429, NOW)
    assert [each.name for each in told] == ["minute"]
    assert read_retry_at(MINUTELY, NOW) == MINUTE_RESET + SECOND


def test_a_daily_refusal_waits_for_midnight() -> None:
    headers = DAILY | {"X-RateLimit-Remaining": "0"}
    assert [each.name for each in read_limits(headers, 429, NOW)] == ["day"]
    assert read_retry_at(headers, NOW) == MIDNIGHT + SECOND


def test_a_refusal_with_a_reset_alone_means_none_are_left() -> None:
    headers = {"X-RateLimit-Minutely-Reset": millis(MINUTE_RESET)}
    assert read_limits(headers, 429, NOW) == [Told("minute", None, 0, MINUTE_RESET + SECOND)]


def test_a_refusal_without_headers_waits_61_seconds() -> None:
    assert read_retry_at({}, NOW) == NOW + timedelta(seconds=61)


def test_a_refusal_that_leaves_calls_over_still_waits() -> None:
    assert read_retry_at(DAILY, NOW) == NOW + timedelta(seconds=61)


def test_resets_are_measured_on_the_remotes_clock() -> None:
    date = {"Date": (NOW + timedelta(seconds=20)).strftime("%a, %d %b %Y %H:%M:%S GMT")}
    assert read_retry_at(MINUTELY | date, NOW) == NOW + timedelta(seconds=11)


def test_a_lane_begins_without_knowing_the_limits() -> None:
    assert [window.left(NOW) for window in PACE.windows] == [None, None]


# How long a minute's window is closed by (reset, Date) in seconds from now; None: it is not closed.
ODD_RESETS: list[tuple[object, timedelta | None, float | None]] = [
    (millis(MINUTE_RESET), None, 31),
    (millis(MINUTE_RESET), timedelta(days=70), 31),
    (millis(MINUTE_RESET), timedelta(days=-70), 31),
    (millis(MINUTE_RESET), timedelta(seconds=20), 11),
    (int(MINUTE_RESET.timestamp()), None, 31),
    (millis(NOW + timedelta(days=10)), None, 60),
    (millis(NOW + timedelta(days=10)), timedelta(days=-1), 60),
    (millis(NOW + timedelta(seconds=61)), None, 60),
    (millis(NOW), None, 1),
    (millis(NOW - timedelta(hours=1)), None, None),
    ("0", None, None),
    ("-1", None, None),
    ("NaN", None, None),
    ("", None, None),
    ("1e13", None, None),
    ("9" * 13, None, 60),
    ("9" * 400, None, None),
]


@pytest.mark.parametrize(("reset", "date", "closed"), ODD_RESETS)
def test_no_reset_closes_a_minute_for_longer(
    reset: object, date: timedelta | None, closed: float | None
) -> None:
    headers = MINUTELY | {"X-RateLimit-Minutely-Reset": str(reset)}
    if date is not None:
        headers["Date"] = format_datetime(NOW + date, usegmt=True)
    told = [each for each in read_limits(headers, 200, NOW) if each.remaining == 0]
    assert [(each.resets_at - NOW).total_seconds() for each in told] == ([] if closed is None else [closed])
    refused = read_retry_at(headers, NOW) - NOW
    assert refused.total_seconds() == (61 if closed is None else closed)


@pytest.mark.parametrize("left", ["-5", "0", "60", "999999"])
def test_what_is_left_is_never_less_than_none(left: str) -> None:
    (told,) = read_limits(MINUTELY | {"X-RateLimit-Minutely-Remaining": left}, 200, NOW)
    assert told.remaining == max(int(left), 0)


IN_TWO_MINUTES = format_datetime(NOW + timedelta(minutes=2), usegmt=True)
ODD_WAITS: list[tuple[str, float | None]] = [
    ("120", 120),
    (" 120 ", 120),
    (IN_TWO_MINUTES, 120),
    ("864000", 3600),
    ("9" * 500, 3600),
    ("Sat, 31 Jan 2099 13:00:00 GMT", 3600),
    ("Thu, 01 Jan 1970 00:00:00 GMT", None),
    ("0", None),
    ("-5", None),
    ("1.5", 2),
    ("soon", None),
    ("", None),
    ("٣", None),
]


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(("asked", "seconds"), ODD_WAITS)
def test_retry_after_is_heeded_within_an_hour(status: int, asked: str, seconds: float | None) -> None:
    headers = {"Retry-After": asked, "Date": format_datetime(NOW, usegmt=True)}
    told = [each for each in read_limits(headers, status, NOW) if each.name == PAUSE]
    assert [(each.resets_at - NOW).total_seconds() for each in told] == ([] if seconds is None else [seconds])
    assert not [each for each in read_limits(headers, 200, NOW) if each.name == PAUSE]


@pytest.mark.parametrize(
    "reset", ["-1", "-99999999999", "-9999999999999", "0", "9999999999999", "99999999999"]
)
@pytest.mark.parametrize("status", [200, 429])
def test_no_reset_of_any_size_breaks_a_call_or_outlasts_its_window(reset: str, status: int) -> None:
    headers = MINUTELY | DAILY | {"X-RateLimit-Minutely-Reset": reset, "X-RateLimit-Reset": reset}
    learned = PACE.learn(read_limits(headers, status, NOW), status, "x", NOW)
    for window in learned.windows:
        assert window.opens_at(NOW, interactive=False, pull=False) <= NOW + timedelta(seconds=window.length)


@pytest.mark.parametrize("limit", ["-1", "0", "-5000", "none"])
def test_a_limit_that_is_none_closes_nothing(limit: str) -> None:
    learned = PACE.learn(read_limits(DAILY | {"X-RateLimit-Limit": limit}, 200, NOW), 200, "x", NOW)
    assert learned.opening(NOW, endpoint="x", interactive=False, pull=False).at == NOW
