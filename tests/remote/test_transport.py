"""HTTP, and what its failures mean."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal

import pytest
import requests
import responses
from urllib3.exceptions import MaxRetryError, SSLError

from portal.remote.clock import RemoteClock
from portal.remote.errors import BadAnswerError, HeldBackError, LostReplyError, RemoteError, UnreachableError
from portal.remote.lease import only_while
from portal.remote.transport import Answer, CallRecord, Transport, failure_of

URL = "https://exact.test/api/v1/1/crm/Accounts"


@contextmanager
def a_server(*replies: bytes | None, silent: bool = False) -> Iterator[str]:
    """Serve raw bytes, one connection each; None closes without a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        done = threading.Event()

        def serve() -> None:
            for reply in replies:
                connection, _ = listener.accept()
                with connection:
                    connection.recv(65536)
                    if silent:
                        done.wait(5)
                    elif reply is not None:
                        connection.sendall(reply)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/x"
        done.set()
        thread.join(5)


def records() -> tuple[list[CallRecord], Transport]:
    kept: list[CallRecord] = []
    return kept, Transport(on_call=kept.append, read_timeout=0.5)


def test_nothing_leaves_once_the_lease_may_be_anothers() -> None:
    kept, transport = records()
    with a_server(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}") as url:
        with only_while(lambda: False), pytest.raises(HeldBackError) as held:
            transport.call("POST", url, body=b"{}")
        assert (held.value.may_have_happened, kept) == (False, [])
        assert transport.call("POST", url, body=b"{}").status == 200


def test_nobody_listening_means_that_nothing_happened() -> None:
    kept, transport = records()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(UnreachableError) as failed:
        transport.call("POST", f"http://127.0.0.1:{port}/x?secret=1", body=b"{}")
    assert not failed.value.may_have_happened
    assert failed.value.helps_to_retry
    assert [(each.method, each.path, each.status, each.failure) for each in kept] == [
        ("POST", "/x", None, "UnreachableError")
    ]


def test_a_site_without_a_name_means_that_nothing_happened() -> None:
    with pytest.raises(UnreachableError):
        records()[1].call("POST", "http://nowhere.invalid/x")


@pytest.mark.parametrize(
    "reply",
    [
        None,
        b"HTTP/1.1 201 Created\r\nContent-Length: 500\r\n\r\n{",
        b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{",
    ],
)
def test_a_connection_that_breaks_leaves_a_post_uncertain(reply: bytes | None) -> None:
    with a_server(reply) as url, pytest.raises(LostReplyError) as failed:
        records()[1].call("POST", url, body=b"{}")
    assert failed.value.may_have_happened


def test_no_answer_in_time_leaves_a_post_uncertain() -> None:
    with a_server(None, silent=True) as url, pytest.raises(LostReplyError) as failed:
        records()[1].call("POST", url, body=b"{}")
    assert "time" in failed.value.text


def test_a_read_is_tried_again_when_the_connection_breaks() -> None:
    with a_server(None, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}") as url:
        assert records()[1].call("GET", url).json() == {}


def test_a_certificate_that_is_not_trusted_means_that_nothing_was_sent() -> None:
    inner = SSLError(ssl.SSLCertVerificationError("self-signed"))
    assert isinstance(
        failure_of(requests.exceptions.SSLError(MaxRetryError(None, "/", inner))),  # type: ignore[arg-type]
        UnreachableError,
    )
    assert type(failure_of(requests.exceptions.SSLError("broke later"))) is LostReplyError
    assert type(failure_of(requests.RequestException())) is LostReplyError
    assert type(failure_of(requests.ConnectTimeout())) is UnreachableError


@responses.activate
def test_a_read_is_repeated_after_a_passing_failure_but_a_write_is_not() -> None:
    _, transport = records()
    for method in (responses.GET, responses.POST):
        responses.add(method, URL, status=503)
        responses.add(method, URL, json={"d": []})
    assert transport.call("GET", URL).status == 200
    assert transport.call("POST", URL, body=b"{}").status == 503


@responses.activate
def test_a_429_is_never_repeated_here() -> None:
    kept, transport = records()
    responses.add(responses.GET, URL, status=429, headers={"Retry-After": "1"})
    assert transport.call("GET", URL).status == 429
    assert len(responses.calls) == 1
    assert kept[0].status == 429


@responses.activate
def test_redirects_are_not_followed() -> None:
    responses.add(responses.GET, URL, status=302, headers={"Location": "https://elsewhere.test/"})
    answer = records()[1].call("GET", URL)
    assert answer.status == 302
    assert not answer.is_success
    assert len(responses.calls) == 1


@responses.activate
def test_the_remote_clock_is_learned_and_calls_are_logged_without_queries() -> None:
    clock = RemoteClock(lambda: datetime(2026, 1, 31, 12, tzinfo=UTC))
    responses.add(responses.GET, URL, json={}, headers={"Date": "Sat, 31 Jan 2026 13:00:00 GMT"})
    Transport(clock=clock).call("GET", f"{URL}?$filter=Name eq 'Secret'")
    assert clock.now() == datetime(2026, 1, 31, 13, tzinfo=UTC)


@responses.activate
def test_a_netrc_password_does_not_replace_our_token(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    netrc = tmp_path_factory.mktemp("home") / "netrc"
    netrc.write_text("machine exact.test login a password b\n")
    monkeypatch.setenv("NETRC", str(netrc))
    responses.add(responses.GET, URL, json={})
    records()[1].call("GET", URL, headers={"Authorization": "Bearer t"})
    assert responses.calls[0].request.headers["Authorization"] == "Bearer t"


def an_answer(body: bytes) -> Answer:
    return Answer(200, {}, body, URL)


def test_numbers_stay_exact() -> None:
    assert an_answer(b'{"a": 99999999999999.99}').json() == {"a": Decimal("99999999999999.99")}
    assert an_answer(b'\xef\xbb\xbf{"a": "\xc3\xa9"}').json() == {"a": "é"}


def test_one_odd_value_leaves_the_rest_readable() -> None:
    huge = b"1" * 5000
    body = (
        b'{"d": [{"a": "x\x01", "b": NaN, "c": 1e999999999999999999999, "d": ' + huge + b', "e": "whole"}]}'
    )
    read = an_answer(body).json()
    assert isinstance(read, dict)
    (row,) = read["d"]
    assert (row["a"], row["e"]) == ("x\x01", "whole")
    assert row["b"].is_nan()
    assert row["c"].is_nan()
    assert row["d"] == Decimal(huge.decode())


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"d": [', b"[" * 100_000])
def test_what_is_not_json_is_a_bad_answer(body: bytes) -> None:
    with pytest.raises(BadAnswerError) as failed:
        an_answer(body).json()
    assert failed.value.may_have_happened
    assert isinstance(failed.value, RemoteError)
