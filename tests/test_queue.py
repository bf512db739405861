"""The queue on a real server: nudges, the worker, and what gets lost."""

import json
import pickle
import signal
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import msgspec
import pytest
from flask import Flask
from redis import Redis
from rq import Queue
from rq.job import Job, JobStatus
from rq.serializers import JSONSerializer
from rq.webhook import Webhook

from jobs.schedule import timetable
from portal import queue
from portal.extensions import the_portal
from tests.furnishing.apps import settings_in
from tests.valkey import start_valkey

TOUCH, ASK, FAIL = (f"tests.test_queue.{name}" for name in ("touch", "touch_and_ask", "fail"))
SECRET = "only for tests"


def touch(path: str) -> None:
    """A job: leave a mark."""
    with Path(path).open("a") as file:
        file.write("x")


def touch_and_ask(path: str) -> None:
    """A job that is asked for twice more while it first runs, as by people who look at what it does."""
    touch(path)
    if Path(path).read_text() == "x":
        url = Path(path).with_suffix(".url").read_text()
        assert not queue.enqueue(url, SECRET, ASK, path)
        assert not queue.enqueue(url, SECRET, ASK, path)


def fail(path: str) -> None:
    """A job that fails."""
    raise ValueError(path)


@pytest.fixture(autouse=True)
def _the_tests_jobs_may_run(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (TOUCH, ASK, FAIL):
        monkeypatch.setitem(queue.KINDS, name, queue.Kind(queue.BATCH, 60))


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
    queue.run_worker(url, SECRET, nullcontext, burst=True)
    for number, way in before.items():
        signal.signal(number, way)


def test_the_same_wish_waits_once_and_may_come_again(url: str, tmp_path: Path) -> None:
    mark = str(tmp_path / "mark")
    assert queue.enqueue(url, SECRET, TOUCH, mark)
    assert not queue.enqueue(url, SECRET, TOUCH, mark)
    work(url)
    assert Path(mark).read_text() == "x"
    assert queue.enqueue(url, SECRET, TOUCH, mark)
    work(url)
    assert Path(mark).read_text() == "xx"


def test_a_wish_that_finds_its_job_running_is_done_once_more_when_that_ends(url: str, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    mark.with_suffix(".url").write_text(url)
    queue.enqueue(url, SECRET, ASK, str(mark))
    work(url)
    assert mark.read_text() == "xx"
    assert queue.enqueue(url, SECRET, ASK, str(mark))


def test_a_job_that_ends_while_it_is_looked_at_keeps_nobody_waiting(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark = str(tmp_path / "mark")
    fetch = Job.fetch
    queue.enqueue(url, SECRET, TOUCH, mark)

    def fetch_and_end(*given: Any, **named: Any) -> Job:
        found = fetch(*given, **named)
        found.set_status(JobStatus.STARTED)
        found.delete()
        return found

    with monkeypatch.context() as patch:
        patch.setattr(Job, "fetch", fetch_and_end)
        assert queue.enqueue(url, SECRET, TOUCH, mark)
    work(url)
    assert Path(mark).read_text().startswith("x")


def test_a_failed_job_does_not_stand_in_the_way(url: str) -> None:
    assert queue.enqueue(url, SECRET, FAIL, "x")
    work(url)
    failed = Job.fetch(
        queue.job_id_of(FAIL, "x"),
        connection=queue.redis_at(url),
        serializer=JSONSerializer,
    )
    assert failed.is_failed
    assert queue.enqueue(url, SECRET, FAIL, "x")


def test_a_run_ends_for_what_goes_before_it_but_not_for_looks_beforehand(
    url: str, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    portal = the_portal(app)
    settings = msgspec.structs.replace(portal.settings, redis_url=url)
    monkeypatch.setattr(portal, "settings", settings)

    def others_wait() -> bool:
        with app.app_context():
            return queue.others_wait()

    for job, kind in queue.KINDS.items():
        if kind.queue in queue.IN_A_RUN:
            queue.enqueue(url, settings.secret_key, job, "1")
    assert not others_wait()

    for name in (queue.INTERACTIVE, queue.PAYMENTS, queue.BATCH):
        job = next(job for job, kind in queue.KINDS.items() if kind.queue == name)
        assert queue.enqueue(url, settings.secret_key, job, "1")
        assert others_wait()
        queue.queue_of(url, settings.secret_key, name).remove(queue.job_id_of(job, "1"))
        assert not others_wait()


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


def foreign(url: str, name: str = TOUCH, **given: Any) -> Job:
    """Put a job into the queue as somebody does who has Redis and not the portal's secret."""
    into = Queue(queue.BATCH, connection=queue.redis_at(url), serializer=JSONSerializer)
    return into.enqueue_call(name, **{"result_ttl": 0, **given})


def signed(job_id: str, name: str, subject: str = "") -> dict[str, str]:
    return {queue.SIGNED: queue.sign(SECRET, job_id, name, subject)}


# What somebody who can write to Redis may try; each would leave a mark at the path if it were run.
FOREIGN: dict[str, Callable[[str, str], object]] = {
    "a job of ours without a signature": lambda url, mark: foreign(url, args=(mark,)),
    "a signature of another secret": lambda url, mark: foreign(
        url, args=(mark,), job_id="x", meta={queue.SIGNED: queue.sign("other", "x", TOUCH, mark)}
    ),
    "a signature of another subject": lambda url, mark: foreign(
        url, args=(mark,), job_id="x", meta=signed("x", TOUCH, "7")
    ),
    "a signature of another job": lambda url, mark: foreign(
        url, args=(mark,), job_id="x", meta=signed("x", FAIL, mark)
    ),
    "a signature of another id": lambda url, mark: foreign(
        url, args=(mark,), job_id="x", meta=signed("y", TOUCH, mark)
    ),
    "a signature that is no text": lambda url, mark: foreign(url, args=(mark,), meta={queue.SIGNED: 7}),
    "a signature beyond ASCII": lambda url, mark: foreign(url, args=(mark,), meta={queue.SIGNED: "ä"}),
    "a command of the machine": lambda url, mark: foreign(
        url, "os.system", args=(f"touch {mark}",), job_id="x", meta=signed("x", "os.system", f"touch {mark}")
    ),
    "code of our own that is no job": lambda url, mark: foreign(
        url, "pathlib.Path.touch", args=(mark,), job_id="x", meta=signed("x", "pathlib.Path.touch", mark)
    ),
    "named arguments": lambda url, mark: foreign(
        url, args=(mark,), kwargs={"mode": 1}, job_id="x", meta=signed("x", TOUCH, mark)
    ),
    "two arguments": lambda url, mark: foreign(
        url, args=(mark, "x"), job_id="x", meta=signed("x", TOUCH, mark)
    ),
    "a subject that is a list": lambda url, mark: foreign(url, args=([mark],), job_id="x"),
    "a subject with a line break": lambda url, mark: foreign(
        url, args=(mark + "\n",), job_id="x", meta=signed("x", TOUCH, mark + "\n")
    ),
    "no name at all": lambda url, mark: write(url, b"[null, null, [], {}]"),
    "a name that is a list": lambda url, mark: write(url, b'[["os", "system"], null, [], {}]'),
    "a pickle": lambda url, mark: write(url, pickle.dumps((TOUCH, None, (mark,), {}))),
    "no JSON": lambda url, mark: write(url, b"{"),
    "a JSON that is no job": lambda url, mark: write(url, b'{"a": 1}'),
    "a time-out that is no number": lambda url, mark: write(url, b"[]", timeout="many"),
    "a state that there is not": lambda url, mark: write(url, b"[]", status="odd"),
    "a date that is none": lambda url, mark: write(url, b"[]", created_at="yesterday"),
}


def write(url: str, data: bytes, **fields: str) -> None:
    """Write a job's hash and its place in the queue by hand."""
    redis: Redis = queue.redis_at(url)
    mapping: dict[Any, Any] = {"data": data, "origin": queue.BATCH, **fields}
    redis.hset("rq:job:x", mapping=mapping)
    redis.rpush(f"rq:queue:{queue.BATCH}", "x")


@pytest.mark.parametrize("kind", FOREIGN)
def test_what_others_write_into_the_queue_is_dropped_and_the_rest_goes_on(
    url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    mark = tmp_path / "mark"
    ours = tmp_path / "ours"
    FOREIGN[kind](url, str(mark))
    queue.enqueue(url, SECRET, TOUCH, str(ours))
    work(url)
    assert (mark.exists(), ours.exists()) == (False, True)
    assert "foreign job dropped" in caplog.text
    assert not queue.redis_at(url).exists("rq:job:x")


def test_of_a_job_of_ours_nothing_else_is_believed(url: str, tmp_path: Path) -> None:
    mark = str(tmp_path / "mark")
    queue.enqueue(url, SECRET, TOUCH, mark)
    redis = queue.redis_at(url)
    key = f"rq:job:{queue.job_id_of(TOUCH, mark)}"
    hook = json.dumps([Webhook("http://127.0.0.1:1/", "finished").to_dict()])
    told: dict[Any, Any] = {"timeout": 99999, "result_ttl": 99999, "webhooks": hook, "retries_left": 9}
    told |= {f"{kind}_callback_name": "os.getpid" for kind in ("success", "failure", "stopped")}
    redis.hset(key, mapping=told)
    job = queue.job_class(SECRET).fetch(key.removeprefix("rq:job:"), redis, JSONSerializer)
    assert (job.timeout, job.result_ttl, job.webhooks, job.retries_left) == (60, 0, [], None)
    assert [job.success_callback, job.failure_callback, job.stopped_callback] == [None, None, None]
    work(url)
    assert Path(mark).exists()


def test_a_foreign_job_of_our_id_does_not_stand_in_the_way(url: str, tmp_path: Path) -> None:
    mark = str(tmp_path / "mark")
    foreign(url, "os.getpid", job_id=queue.job_id_of(TOUCH, mark))
    assert queue.enqueue(url, SECRET, TOUCH, mark)
    work(url)
    assert Path(mark).read_text().startswith("x")


def test_a_job_without_a_kind_cannot_be_asked_for(url: str) -> None:
    with pytest.raises(KeyError):
        queue.enqueue(url, SECRET, "os.getpid")
