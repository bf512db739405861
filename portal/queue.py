"""The only module that knows RQ: queues, time-outs and life-times, the bell and the worker.

Who can write to Redis can ring, and no more: a job is one of a list, with one plain subject, signed by us.
"""

import hmac
import json
import re
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from functools import cache
from typing import Any, NamedTuple

import structlog
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, Worker
from rq.exceptions import DuplicateJobError, NoSuchJobError
from rq.job import Job as QueuedJob
from rq.job import JobStatus
from rq.serializers import JSONSerializer

from portal.actions.engine.jobs import Job
from portal.extensions import the_portal
from portal.redact import strike_out
from portal.request_ids import current_request, lines_of_job

log = structlog.get_logger("portal.queue")

# The worker looks at these in this order: what a person waits for, what is looked at beforehand, payments,
# what the clock asks for, and long runs, which make room for all others.
INTERACTIVE = "interactive"
BEFOREHAND = "beforehand"
PAYMENTS = "payments"
BATCH = "batch"
RUNS = "runs"
QUEUES = (INTERACTIVE, BEFOREHAND, PAYMENTS, BATCH, RUNS)
# A run looks beforehand by itself, between two copies, so that it need not end for it.
IN_A_RUN = (BEFOREHAND, RUNS)
BEFORE_A_RUN = tuple(name for name in QUEUES if name not in IN_A_RUN)


class Kind(NamedTuple):
    """Where a job waits and how long it may run, in seconds. What has no kind is not run."""

    queue: str
    timeout: int


KINDS: dict[str, Kind] = {
    Job.COPY: Kind(INTERACTIVE, 600),
    Job.RUN_COPIES: Kind(RUNS, 1800),
    Job.MAKE_WISHES: Kind(INTERACTIVE, 600),
    Job.MOVE_OVER: Kind(INTERACTIVE, 600),
    Job.SWEEP: Kind(INTERACTIVE, 60),
    Job.LOOK_AT_HELD: Kind(INTERACTIVE, 600),
    Job.PULL_ALL_PAYMENTS: Kind(PAYMENTS, 60),
    Job.PULL_PAYMENTS: Kind(PAYMENTS, 1800),
    Job.PAY: Kind(PAYMENTS, 1800),
    Job.CONTROL_ALL_PAYMENTS: Kind(PAYMENTS, 60),
    Job.CONTROL_PAYMENTS: Kind(PAYMENTS, 1800),
    Job.PULL_INVOICES: Kind(BATCH, 1800),
    Job.KEEP_READY: Kind(BEFOREHAND, 600),
    Job.COPY_BY_ITSELF: Kind(BEFOREHAND, 600),
    Job.REFRESH_CATALOGUE: Kind(BATCH, 1800),
    Job.READ_ENTRIES: Kind(BATCH, 1800),
    Job.COMPARE_BOOKS: Kind(BATCH, 1800),
    Job.KEEP_GRANTS: Kind(BATCH, 300),
    Job.SETTLE_CONSENTS: Kind(INTERACTIVE, 300),
    Job.PULL_CUSTOMERS: Kind(BATCH, 600),
    Job.KEEP_HOOKS: Kind(BATCH, 300),
    Job.RING_HINTS: Kind(INTERACTIVE, 60),
    Job.WARN: Kind(BATCH, 300),
    Job.MAIL_SUMMARIES: Kind(BATCH, 300),
    Job.KEEP_STATISTICS: Kind(BATCH, 300),
    Job.FOLD_TALLIES: Kind(BATCH, 300),
    Job.PROVE_TALLIES: Kind(BATCH, 1800),
    Job.CLEAN_SESSIONS: Kind(BATCH, 60),
    Job.PERFORM_TRIAL: Kind(BATCH, 1800),
    Job.REMOVE_LEFTOVERS: Kind(BATCH, 600),
    Job.NUDGE_TRIALS: Kind(BATCH, 60),
}
SUBJECT = re.compile(r"[\w./:-]{1,200}", re.ASCII)
SIGNED = "signed"
# The request that asked for a job, for the log alone.
ASKED_BY = "asked_by"

# A job's id is its name and subject; while its hash exists the same wish is not queued twice.
RESULT_TTL = 0
FAILURE_TTL = 3600
SPARE = 60
RUNNING = {JobStatus.QUEUED, JobStatus.STARTED, JobStatus.DEFERRED, JobStatus.SCHEDULED}

WORKER_TTL = 20
MAINTENANCE = 5
MONITORING = 5
TIMEOUTS = {"socket_connect_timeout": 3, "socket_timeout": 10}


@cache
def redis_at(url: str, *, blocking: bool = False) -> Redis:
    """Return a connection pool. A worker's may wait for longer than a request's."""
    return Redis.from_url(url, **({} if blocking else TIMEOUTS))


def ping(url: str) -> None:
    """Ask Redis for a sign of life. Raises RedisError."""
    redis_at(url).ping()


class NotOursError(ValueError):
    """A job that this portal did not ask for. The text says by what that shows."""


class PortalJob(QueuedJob):
    """A job as the portal asked for it. What else is said of one in Redis is not believed."""

    secret: str = ""

    def restore(self, raw_data: Mapping[bytes, bytes]) -> Any:
        """Read a job. One that is not ours is dropped, as if it had never been."""
        try:
            super().restore(raw_data)
            kind = self.kind_of_ours()
        except Exception as error:
            log.warning("foreign job dropped", job=self.id, why=str(error) or type(error).__name__)
            self.connection.delete(self.key)
            raise NoSuchJobError(f"{self.id} is not ours") from error

        self.timeout = kind.timeout
        self.result_ttl = RESULT_TTL
        self.failure_ttl = FAILURE_TTL
        self._success_callback_name = None
        self._failure_callback_name = None
        self._stopped_callback_name = None
        self._dependency_ids = []
        self.webhooks = []
        self.retries_left = None
        self.repeats_left = None

    def kind_of_ours(self) -> Kind:
        """Return the kind of this job. Raises NotOursError for what the portal did not ask for."""
        name = self.func_name
        args = self.args
        if not isinstance(name, str) or (kind := KINDS.get(name)) is None:
            raise NotOursError("no such job")
        if self.instance is not None or self.kwargs or not is_plain(args):
            raise NotOursError("odd arguments")

        subject = args[0] if args else ""
        told = self.meta.get(SIGNED)
        right = sign(self.secret, self.id, name, subject)
        if not isinstance(told, str) or not hmac.compare_digest(told.encode(), right.encode()):
            raise NotOursError("not signed by this portal")

        return kind


def is_plain(args: Any) -> bool:
    """Say whether a job's arguments are none, or one subject."""
    return isinstance(args, (list, tuple)) and (
        not args or (len(args) == 1 and isinstance(args[0], str) and bool(SUBJECT.fullmatch(args[0])))
    )


def sign(secret: str, job_id: str, job: str, subject: str) -> str:
    """Return the proof that this portal asked for a job. Of no use for another job or subject."""
    key = hmac.digest(secret.encode(), b"portal.queue", "sha256")
    return hmac.new(key, json.dumps([job_id, job, subject]).encode(), "sha256").hexdigest()


@cache
def job_class(secret: str) -> type[PortalJob]:
    """Return the class of the jobs that are signed with a secret."""
    return type("PortalJob", (PortalJob,), {"secret": secret})


def queue_of(url: str, secret: str, name: str) -> Queue:
    """Return a queue."""
    return Queue(name, connection=redis_at(url), serializer=JSONSerializer, job_class=job_class(secret))


def job_id_of(job: str, subject: str) -> str:
    """Return the id by which the same wish is recognised."""
    return "".join(c if c.isalnum() else "-" for c in f"{job}-{subject}")


def again_key(job_id: str) -> str:
    """Name the note that a job was asked for while it ran."""
    return f"portal:again:{job_id}"


def nudge(job: str, subject: str) -> None:
    """Wake the worker for one subject, which may be empty.

    The sweep finds what a lost nudge was for.
    """
    settings = the_portal().settings
    try:
        enqueue(settings.redis_url, settings.secret_key, job, subject)
    except RedisError as error:
        log.warning("nudge lost", job=job, subject=subject, error=type(error).__name__)


def others_wait() -> bool:
    """Say whether any work waits that goes before a long run, no where the queue cannot be asked."""
    settings = the_portal().settings
    queues = [queue_of(settings.redis_url, settings.secret_key, name) for name in BEFORE_A_RUN]
    try:
        return any(queue.count for queue in queues)
    except RedisError:
        return False


def count_waiting() -> dict[str, int]:
    """Count the jobs that wait in each queue. Raises RedisError."""
    settings = the_portal().settings
    return {name: queue_of(settings.redis_url, settings.secret_key, name).count for name in QUEUES}


def enqueue(url: str, secret: str, job: str, subject: str = "") -> bool:
    """Queue a job unless the same wish already waits. Say whether it was queued.

    A job that runs may have read all it will read, so it is queued again when it ends (``ring_again``). That
    is noted before this is tried, so whichever of both comes last sees what the other did.
    """
    kind = KINDS[job]
    job_id = job_id_of(job, subject)
    queue = queue_of(url, secret, kind.queue)
    if forget_ended(queue, job_id) == JobStatus.STARTED:
        queue.connection.set(again_key(job_id), 1, ex=kind.timeout + SPARE)

    try:
        queue.enqueue_call(
            job,
            args=(subject,) if subject else (),
            timeout=kind.timeout,
            result_ttl=RESULT_TTL,
            failure_ttl=FAILURE_TTL,
            job_id=job_id,
            meta={SIGNED: sign(secret, job_id, job, subject), ASKED_BY: current_request()},
            unique=True,
        )
    except DuplicateJobError:
        return False

    return True


def ring_again(url: str, secret: str, job: QueuedJob) -> None:
    """Queue a job anew that was asked for while it ran. To be called once it is forgotten."""
    try:
        if job.func_name and redis_at(url).getdel(again_key(job.id)):
            enqueue(url, secret, job.func_name, *job.args)
    except RedisError as error:
        log.warning("nudge lost", job=job.func_name, error=type(error).__name__)


def forget_ended(queue: Queue, job_id: str) -> JobStatus | None:
    """Delete a job of this id that failed or was stopped, and tell its status."""
    try:
        old = queue.job_class.fetch(job_id, connection=queue.connection, serializer=JSONSerializer)
        # As it was fetched: asked for again, a job that has just ended would be a failure of its own.
        status = old.get_status(refresh=False)

        if status not in RUNNING:
            # The list of executions outlives those of a killed worker, and RQ would stumble over it.
            queue.connection.delete(old.execution_registry.key)
            old.delete()
    except NoSuchJobError:
        return None

    return status


class PortalWorker(Worker):
    """A worker that notices within seconds that another one died, and gives each job a fresh app context."""

    url: str
    secret: str
    in_context: Callable[[], AbstractContextManager[Any]]

    def get_heartbeat_ttl(self, *_args: Any, **_kwargs: Any) -> int:
        """Call a job abandoned after three missed looks."""
        return 3 * MONITORING

    def handle_job_failure(
        self,
        job: QueuedJob,
        queue: Queue,
        started_job_registry: Any = None,
        exc_string: str = "",
        execution: Any = None,
    ) -> None:
        """Keep why a job failed, without the secrets that a traceback may hold."""
        super().handle_job_failure(job, queue, started_job_registry, strike_out(exc_string), execution)

    def perform_job(self, job: QueuedJob, *args: Any, **kwargs: Any) -> bool:
        """Run one job inside its own app context (and, after the fork, its own connections)."""
        subject = job.args[0] if job.args else ""
        with self.in_context(), lines_of_job(str(job.func_name), subject, job.meta.get(ASKED_BY)):
            done = bool(super().perform_job(job, *args, **kwargs))
            if done:
                ring_again(self.url, self.secret, job)
            return done


def run_worker(
    url: str, secret: str, in_context: Callable[[], AbstractContextManager[Any]], *, burst: bool = False
) -> None:
    """Work off the queues until told to stop."""
    connection = redis_at(url, blocking=True)
    ours = job_class(secret)
    queues = [
        Queue(name, connection=connection, serializer=JSONSerializer, job_class=ours) for name in QUEUES
    ]
    worker = PortalWorker(
        queues,
        connection=connection,
        job_class=ours,
        serializer=JSONSerializer,
        worker_ttl=WORKER_TTL,
        maintenance_interval=MAINTENANCE,
        job_monitoring_interval=MONITORING,
    )

    worker.url = url
    worker.secret = secret
    worker.in_context = in_context
    worker.work(burst=burst, logging_level="WARNING")
