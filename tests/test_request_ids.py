"""The id of a request stands in all that comes of it: its answer, log lines, jobs and their calls."""

import json
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
import structlog
from flask import Flask

from portal import queue
from portal.extensions import the_portal
from portal.remote.transport import CallRecord, log_call
from portal.request_ids import HEADER, begin_request, current_request, is_request_id
from tests.pages import CheckingClient
from tests.test_queue import SECRET, url, work

__all__ = ["url"]

GOOD = ("a1b2c3d4", "4f6c1c3e-9c5b-4a7e-8f5e-1d2f3a4b5c6d", "A" * 64)
ODD = (
    "",
    "short",
    "A" * 65,
    "with blank",
    "line\nbreak",
    'quo"te123',
    "ümlaut-123",
    "a1b2c3d4\n",
    "<script>1",
    None,
    7,
    ["a1b2c3d4"],
)
CALL = "tests.test_request_ids.call"


def call(path: str) -> None:
    """A job: log a call to another system, and keep what its line carries."""
    log_call(CallRecord("GET", "/api/v1", 200, 0.1))
    Path(path).write_text(json.dumps(structlog.contextvars.get_contextvars()))


@pytest.fixture(autouse=True)
def _no_request_before() -> Iterator[None]:
    structlog.contextvars.clear_contextvars()
    yield
    structlog.contextvars.clear_contextvars()


@pytest.mark.parametrize("told", GOOD)
def test_what_proxies_write_is_an_id(told: str) -> None:
    assert is_request_id(told)
    assert begin_request(told) == told == current_request()


@pytest.mark.parametrize("told", ODD)
def test_what_could_be_more_than_an_id_is_none(told: object) -> None:
    assert not is_request_id(told)
    if told is None or isinstance(told, str):
        assert begin_request(told) != told


def trust_proxies(app: Flask, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    settings = msgspec.structs.replace(the_portal(app).settings, trusted_proxies=number)
    monkeypatch.setattr(the_portal(app), "settings", settings)


def test_the_answer_tells_the_id_of_a_trusted_proxy(
    app: Flask, client: CheckingClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    trust_proxies(app, monkeypatch, 1)
    assert client.get("/sign-in", headers={HEADER: GOOD[1]}).headers[HEADER] == GOOD[1]
    made = client.get("/sign-in", headers={HEADER: "<script>1"}).headers[HEADER]
    assert is_request_id(made)


def test_without_a_proxy_nobody_chooses_the_id(app: Flask, client: CheckingClient) -> None:
    assert the_portal(app).settings.trusted_proxies == 0
    answers = [client.get(address, headers={HEADER: GOOD[1]}) for address in ("/sign-in", "/no/such/page")]
    told = {answer.headers[HEADER] for answer in answers}
    assert len(told) == 2
    assert GOOD[1] not in told


def test_a_job_and_its_calls_carry_the_id_of_who_asked(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(queue.KINDS, CALL, queue.Kind(queue.BATCH, 60))
    asked, clocked = str(tmp_path / "asked"), str(tmp_path / "clocked")
    begin_request(GOOD[0])
    queue.enqueue(url, SECRET, CALL, asked)
    structlog.contextvars.clear_contextvars()
    queue.enqueue(url, SECRET, CALL, clocked)

    work(url)
    assert json.loads(Path(asked).read_text()) == {"request_id": GOOD[0], "job": CALL, "subject": asked}
    assert json.loads(Path(clocked).read_text()) == {"job": CALL, "subject": clocked}
    assert structlog.contextvars.get_contextvars() == {}


def test_an_odd_id_in_the_queue_is_not_logged(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(queue.KINDS, CALL, queue.Kind(queue.BATCH, 60))
    marks = {str(tmp_path / f"mark-{at}"): told for at, told in enumerate(ODD)}
    for mark, told in marks.items():
        monkeypatch.setattr(queue, "current_request", lambda told=told: told)
        queue.enqueue(url, SECRET, CALL, mark)

    work(url)
    kept = [json.loads(Path(mark).read_text()) for mark in marks]
    assert [one for one in kept if "request_id" in one] == []
