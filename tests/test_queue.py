"""The queue on a real server: nudges, the worker, and what gets lost."""

import signal
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from rq.job import Job, JobStatus
from rq.serializers import JSONSerializer

from jobs.schedule import timetable
from portal import queue
from tests.conftest import settings_in
from tests.valkey import start_valkey

TOUCH, ASK = "tests.test_queue.touch", "tests.test_queue.touch_and_ask"


def touch(path: str) -> None:
    """A job: leave a mark."""
    with Path(path).open("a") as file:
        file.write("x")


def touch_and_ask(path: str) -> None:
    """A job that is asked for twice more while it first runs, as by people who look at what it does."""
    touch(path)
    if Path(path).read_text() == "x":
        url = Path(path).with_suffix(".url").read_text()
        assert not queue.enqueue(url, ASK, path)
        assert not queue.enqueue(url, ASK, path)


def fail(path: str) -> None:
    """A job that fails."""
    raise ValueError(path)


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """A queue server whose folder has a space in its name."""
    folder = tmp_path / "a queue"
    folder.mkdir()
    with start_valkey(folder) as url:
        yield url


def work(url: str) -> None:
    """Work off the queue here; the worker's way of hearing signals must not stay behind."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    queue.run_worker(url, nullcontext, burst=True)
    for number, way in before.items():
        signal.signal(number, way)


def test_the_same_wish_waits_once_and_may_come_again(url: str, tmp_path: Path) -> None:
    mark = str(tmp_path / "mark")
    assert queue.enqueue(url, TOUCH, mark)
    assert not queue.enqueue(url, TOUCH, mark)
    work(url)
    assert Path(mark).read_text() == "x"
    assert queue.enqueue(url, TOUCH, mark)
    work(url)
    assert Path(mark).read_text() == "xx"


def test_a_wish_that_finds_its_job_running_is_done_once_more_when_that_ends(url: str, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    mark.with_suffix(".url").write_text(url)
    queue.enqueue(url, ASK, str(mark))
    work(url)
    assert mark.read_text() == "xx"
    assert queue.enqueue(url, ASK, str(mark))


def test_a_job_that_ends_while_it_is_looked_at_keeps_nobody_waiting(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark, fetch = str(tmp_path / "mark"), Job.fetch
    queue.enqueue(url, TOUCH, mark)

    def fetch_and_end(*given: Any, **named: Any) -> Job:
        found = fetch(*given, **named)
        found.set_status(JobStatus.STARTED)
        found.delete()
        return found

    monkeypatch.setattr(Job, "fetch", fetch_and_end)
    assert queue.enqueue(url, TOUCH, mark)
    monkeypatch.undo()
    work(url)
    assert Path(mark).read_text().startswith("x")


def test_a_failed_job_does_not_stand_in_the_way(url: str) -> None:
    assert queue.enqueue(url, "tests.test_queue.fail", "x")
    work(url)
    failed = Job.fetch(
        queue.job_id_of("tests.test_queue.fail", "x"),
        connection=queue.redis_at(url),
        serializer=JSONSerializer,
    )
    assert failed.is_failed
    assert queue.enqueue(url, "tests.test_queue.fail", "x")


def test_a_nudge_that_finds_no_queue_is_only_logged(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    with app.app_context():
        queue.nudge("jobs.copies.perform_copy", "1")
    assert "nudge lost" in caplog.text


def test_every_job_of_the_timetable_exists_and_has_a_queue(tmp_path: Path) -> None:
    for line in timetable(settings_in(tmp_path)):
        module, _, name = line.job.rpartition(".")
        assert callable(getattr(__import__(module, fromlist=[name]), name))
        assert line.job in queue.KINDS
    for job in queue.KINDS:
        module, _, name = job.rpartition(".")
        assert callable(getattr(__import__(module, fromlist=[name]), name))
