"""Exact's limit headers."""

from datetime import UTC, datetime, timedelta

from portal.exact.limits import PACE, read_limits, read_retry_at
from portal.remote.pace import Told

NOW = datetime(2026, 1, 31, 12, 0, 30, tzinfo=UTC)
MINUTE_RESET, MIDNIGHT = NOW + timedelta(seconds=30), datetime(2026, 2, 1, tzinfo=UTC)


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
