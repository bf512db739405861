"""Faults as a real client meets them."""

import threading
import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from types import SimpleNamespace

import pytest
import requests
from flask import Flask

from portal.sandbox.common import stage
from portal.sandbox.common.server import serving
from tests.furnishing.waits import until
from tests.sandbox.exact.client import Exact

PATH = "/api/v1/1001/salesentry/SalesEntries"


@pytest.fixture
def base(app: Flask) -> Iterator[str]:
    with serving(app) as address:
        yield address


def fail(base: str, **fault: object) -> None:
    answer = requests.post(
        f"{base}/_sandbox/faults", json={"method": "POST", "path": PATH} | fault, timeout=5
    )
    assert answer.status_code == 200


def send(base: str, exact: Exact, timeout: float = 5) -> requests.Response:
    headers = {"Authorization": f"Bearer {exact.access}", "Accept": "application/json"}
    return requests.post(f"{base}{PATH}", json=exact.draft(YourRef="F-1"), headers=headers, timeout=timeout)


def booked(exact: Exact) -> int:
    return len(exact.rows("salesentry/SalesEntries", select="EntryID", filter="YourRef eq 'F-1'"))


def test_a_call_over_a_real_socket_is_answered(base: str, exact: Exact) -> None:
    response = send(base, exact)
    assert response.status_code == 201
    assert response.json()["d"]["__metadata"]["uri"].startswith(base)


def test_there_is_one_date_header_and_it_follows_the_clock(base: str, exact: Exact) -> None:
    exact.advance(86_400 * 20)
    date = requests.get(f"{base}/api/v1/current/Me", timeout=5).headers["Date"]
    ahead = parsedate_to_datetime(date).timestamp() - time.time()
    assert abs(ahead - 86_400 * 20) < 60


@pytest.mark.parametrize(("do", "entries"), [("drop-before", 0), ("drop-after", 1)])
def test_a_dropped_connection_brings_no_byte(base: str, exact: Exact, do: str, entries: int) -> None:
    fail(base, do=do)
    with pytest.raises(requests.ConnectionError):
        send(base, exact)
    assert booked(exact) == entries
    assert send(base, exact).status_code == 201
    calls = [call for call in exact.door("GET", "calls") if call["path"] == PATH]
    assert [call["status"] for call in calls] == [0 if do == "drop-before" else 201, 201]


def test_a_slow_call_is_applied_after_the_client_gave_up(
    base: str, exact: Exact, monkeypatch: pytest.MonkeyPatch
) -> None:
    waking = threading.Event()
    asleep = SimpleNamespace(sleep=lambda _seconds: waking.wait(60))
    monkeypatch.setattr(stage, "time", asleep)
    fail(base, do="slow")
    with pytest.raises(requests.Timeout):
        send(base, exact, timeout=0.2)
    assert booked(exact) == 0
    waking.set()
    until(lambda: booked(exact), "the entry")
    assert booked(exact) == 1


def test_a_truncated_answer_is_half_a_body(base: str, exact: Exact) -> None:
    fail(base, do="truncate")
    with pytest.raises((requests.exceptions.ChunkedEncodingError, requests.ConnectionError)):
        send(base, exact)
    assert booked(exact) == 1


def test_garbage_is_a_page_with_200(base: str, exact: Exact) -> None:
    fail(base, do="garbage")
    response = send(base, exact)
    assert response.status_code == 200
    assert response.text.startswith("<!DOCTYPE html>")
    assert booked(exact) == 1


def test_a_status_comes_without_exacts_error_body(base: str, exact: Exact) -> None:
    fail(base, do="status:503", times=2)
    assert [send(base, exact).status_code for _ in range(3)] == [503, 503, 201]
    assert booked(exact) == 1


def test_the_back_doors_themselves_never_fail(base: str, exact: Exact) -> None:
    fail(base, do="status:500", path="/", method="*", times=99)
    assert requests.get(f"{base}/_sandbox/calls", timeout=5).status_code == 200
    assert requests.get(f"{base}/api/v1/current/Me", timeout=5).status_code == 500
