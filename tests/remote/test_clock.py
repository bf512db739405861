"""The remote's clock."""

from datetime import UTC, datetime, timedelta

from portal.remote.clock import RemoteClock, read_header, read_remote_time, utc_now

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
AHEAD = {"date": "Sat, 31 Jan 2026 12:05:00 GMT"}


def test_headers_are_found_whatever_their_case() -> None:
    assert read_header({"x-RateLimit-Reset": "1"}, "X-Ratelimit-Reset") == "1"
    assert read_header({}, "Date") is None


def test_a_clock_without_answers_is_ours() -> None:
    assert RemoteClock(lambda: NOW).now() == NOW
    assert abs(RemoteClock().now() - utc_now()) < timedelta(seconds=5)


def test_a_clock_follows_the_date_header() -> None:
    clock = RemoteClock(lambda: NOW)
    clock.learn(AHEAD)
    assert clock.now() == NOW + timedelta(minutes=5)
    assert clock.to_local(clock.now()) == NOW


def test_a_clock_goes_by_what_others_learned_until_it_hears_itself() -> None:
    clock = RemoteClock(lambda: NOW)
    clock.suppose(timedelta(minutes=1))
    assert clock.now() == NOW + timedelta(minutes=1)
    clock.learn(AHEAD)
    clock.suppose(timedelta(minutes=1))
    assert clock.now() == NOW + timedelta(minutes=5)


def test_a_date_that_cannot_be_read_changes_nothing() -> None:
    clock = RemoteClock(lambda: NOW)
    clock.learn({"Date": "yesterday"})
    clock.learn({})
    assert clock.now() == NOW
    assert read_remote_time({"Date": "yesterday"}) is None


def test_of_two_dates_the_last_counts() -> None:
    joined = "Sat, 31 Jan 2026 11:00:00 GMT, Sat, 31 Jan 2026 12:05:00 GMT"
    assert read_remote_time({"Date": joined}) == NOW + timedelta(minutes=5)


def test_what_one_answer_taught_ends_with_the_next_good_one() -> None:
    clock = RemoteClock(lambda: NOW)
    clock.learn(AHEAD)
    clock.learn({}, is_good=False)
    assert clock.now() == NOW + timedelta(minutes=5)
    clock.learn({})
    assert clock.now() == NOW
    clock.suppose(timedelta(minutes=1))
    assert clock.now() == NOW + timedelta(minutes=1)


def test_a_clock_of_another_age_tells_no_time() -> None:
    clock = RemoteClock(lambda: NOW)
    for date in (
        "Fri, 31 Dec 9999 23:59:59 -1200",
        "Mon, 01 Jan 0001 00:00:00 +1200",
        "Sat, 31 Jan 2099 13:00:00 GMT",
    ):
        clock.learn({"Date": date}, is_good=False)
        assert clock.now() == NOW
