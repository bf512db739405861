"""What the transport makes of every way in which a service can answer wrongly."""

import threading
import time
import tracemalloc

import pytest

from portal.remote.clock import RemoteClock
from portal.remote.deadline import PersonsWait, Places, a_person_waits
from portal.remote.errors import BadAnswerError, HeldBackError, LostReplyError, RemoteError, UnreachableError
from portal.remote.transport import Answer, Transport
from portal.sandbox.broken import KINDS, start_broken

# One try may take so long here, and all of them twice that.
SECONDS = 0.5
# A person's request may take so long; the rest is what a busy machine may add.
PERSON = 0.4
# A busy machine takes its time; what is not bounded takes twenty seconds, or never ends.
SLACK = 10.0

# What a call raises, or the status that it returns, by kind. A read and a write end alike.
RAISES: dict[str, type[RemoteError] | int] = {
    "silent": LostReplyError,
    "silent in the headers": LostReplyError,
    "silent in the body": LostReplyError,
    "silent in a chunk": LostReplyError,
    "one byte a second": LostReplyError,
    "one byte a second in the body": LostReplyError,
    "one chunk a second": LostReplyError,
    "one header a second": LostReplyError,
    "endless continue": BadAnswerError,
    "endless status line": LostReplyError,
    "endless headers": LostReplyError,
    "endless header": LostReplyError,
    "endless body": BadAnswerError,
    "endless chunks": BadAnswerError,
    "endless small chunks": BadAnswerError,
    "endless chunk line": LostReplyError,
    "endless chunk trailer": BadAnswerError,
    "200 MB of zeros in gzip": BadAnswerError,
    "200 MB of zeros in gzip, in chunks": BadAnswerError,
    "200 MB of zeros in gzip in gzip": BadAnswerError,
    "200 MB of zeros in deflate": BadAnswerError,
    "200 MB of zeros": BadAnswerError,
    "a refusal of 200 MB in gzip": 500,
    "cut before a word": LostReplyError,
    "cut in the headers": LostReplyError,
    "cut in the body": LostReplyError,
    "cut in a chunk": LostReplyError,
    "cut in gzip": 200,
    "reset before a word": LostReplyError,
    "reset in the body": LostReplyError,
    "no HTTP": LostReplyError,
    "no gzip": LostReplyError,
    "HTML": 200,
    "HTML of a gateway": 502,
    "nothing": 200,
    "half of it": 200,
    "a deep nest": 200,
    "a deep nest in a row": 200,
    "a chunk of less than nothing": LostReplyError,
    "a chunk of more than there can be": LostReplyError,
    "two lengths": LostReplyError,
    "more than 100 headers": LostReplyError,
    "redirect to itself": 302,
    "redirect to nonsense": 302,
    "a date to come": 200,
    "a date long ago": 200,
    "a date of no calendar": 200,
    "the last date of all": 200,
    "resets far away": 200,
    "resets in seconds": 200,
    "resets long ago": 200,
    "resets that are no numbers": 200,
    "asks for ten days": 429,
    "asks for ten days by a date": 503,
    "asks to wait until long ago": 429,
    "two answers": 200,
}
NOT_JSON = {"cut in gzip", "HTML", "nothing", "half of it"}


def a_transport(seconds: float = SECONDS) -> Transport:
    return Transport(read_timeout=seconds, largest=2**20, clock=RemoteClock(), on_call=lambda _record: None)


def test_every_kind_has_its_line() -> None:
    assert list(RAISES) == list(KINDS)


def outcome_of(transport: Transport, method: str, url: str) -> Answer | RemoteError:
    try:
        return transport.call(method, url, body=b"{}" if method == "POST" else None)
    except RemoteError as error:
        return error


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("name", KINDS)
def test_every_kind_ends_in_time_as_what_it_is(name: str, method: str) -> None:
    by_time = ends_by_its_time_alone(name)
    with start_broken(KINDS[name]) as broken:
        began = time.monotonic()
        outcome = outcome_of(a_transport(SECONDS if by_time else 20), method, f"{broken.address}/x")
        taken = time.monotonic() - began
    assert (outcome.status if isinstance(outcome, Answer) else type(outcome)) == RAISES[name]
    assert isinstance(outcome, Answer) or outcome.may_have_happened
    assert not by_time or taken < 2 * SECONDS + SLACK
    assert broken.asked <= (3 if method == "GET" else 1)


@pytest.mark.parametrize("name", sorted(NOT_JSON))
def test_what_is_no_json_is_a_bad_answer(name: str) -> None:
    with start_broken(KINDS[name]) as broken, pytest.raises(BadAnswerError):
        a_transport(20).call("GET", f"{broken.address}/x").json()


@pytest.mark.parametrize(("name", "kind"), [("a deep nest", list), ("a deep nest in a row", dict)])
def test_a_nest_is_read_as_far_as_anything_real_goes(name: str, kind: type[object]) -> None:
    with start_broken(KINDS[name]) as broken:
        read = a_transport(20).call("GET", f"{broken.address}/x").json()
    assert isinstance(read, kind)


def ends_by_its_time_alone(name: str) -> bool:
    """Say whether a kind ends by its time alone."""
    return RAISES[name] is LostReplyError and name.startswith(("silent", "one "))


@pytest.mark.parametrize("name", [name for name in KINDS if name.startswith(("silent", "one "))])
def test_a_persons_wait_is_bounded_in_all(name: str) -> None:
    with start_broken(KINDS[name]) as broken:
        transport = a_transport(20)
        began = time.monotonic()
        with a_person_waits(PersonsWait(PERSON)):
            with pytest.raises(LostReplyError):
                transport.call("GET", f"{broken.address}/x")
            for _ in range(5):
                with pytest.raises(HeldBackError) as late:
                    transport.call("GET", f"{broken.address}/x")
        assert not late.value.may_have_happened
        assert time.monotonic() - began < PERSON + SLACK
        assert broken.asked == 1


def test_a_person_does_not_wait_for_what_a_503_asks() -> None:
    with start_broken(KINDS["asks for ten days by a date"]) as broken, a_person_waits(PersonsWait(5)):
        assert a_transport().call("GET", f"{broken.address}/x").status == 503
        assert broken.asked == 1


def test_only_so_many_requests_of_people_wait_at_once() -> None:
    places = Places(1)
    with start_broken(KINDS["HTML"]) as broken, a_person_waits(PersonsWait(5, places)):
        assert a_transport().call("GET", f"{broken.address}/x").status == 200
        with a_person_waits(PersonsWait(5, places)), pytest.raises(HeldBackError) as crowded:
            a_transport().call("GET", f"{broken.address}/x")
        assert (broken.asked, crowded.value.may_have_happened) == (1, False)
    assert places.take()


@pytest.mark.parametrize("name", [name for name in KINDS if "zeros" in name or "200 MB" in name])
def test_what_is_too_large_is_never_in_memory(name: str) -> None:
    with start_broken(KINDS[name]) as broken:
        if "in gzip" in name or "deflate" in name:
            list(KINDS[name].pieces())  # packed once, before memory is watched
        tracemalloc.start()
        outcome_of(a_transport(20), "POST", f"{broken.address}/x")
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    # The server's own pieces are of a megabyte.
    assert peak < 8 * 2**20


def test_a_second_answer_is_not_taken_for_that_of_the_next_call() -> None:
    with start_broken(KINDS["two answers"]) as broken:
        transport = a_transport()
        for _ in range(3):
            assert b"stranger" not in transport.call("GET", f"{broken.address}/x").body


def test_a_name_that_nobody_answers_for_takes_no_longer_than_a_person_waits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answered = threading.Event()

    def sleep(*_given: object, **_named: object) -> list[object]:
        answered.wait(30)
        return []

    monkeypatch.setattr("portal.remote.bounded.socket.getaddrinfo", sleep)
    began = time.monotonic()
    with a_person_waits(PersonsWait(PERSON)), pytest.raises(UnreachableError):
        a_transport().call("GET", "http://portal.test/x")
    assert time.monotonic() - began < PERSON + SLACK
    answered.set()


@pytest.mark.parametrize("host", ["x..y", "a" * 300 + ".test"])
def test_a_name_that_cannot_be_is_known_at_once(host: str) -> None:
    began = time.monotonic()
    with pytest.raises(UnreachableError):
        a_transport(20).call("GET", f"http://{host}/x")
    assert time.monotonic() - began < 5


def test_a_list_of_addresses_is_tried_within_one_time(monkeypatch: pytest.MonkeyPatch) -> None:
    with start_broken(KINDS["HTML"]) as broken:
        monkeypatch.setattr("portal.remote.bounded.look_up", lambda *_: ["127.0.0.2", "127.0.0.1"])
        assert a_transport().call("GET", f"http://portal.test:{broken.port}/x").status == 200
