"""The id of a request, in every log line that comes of it: of the request, its jobs, and their calls."""

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

HEADER = "X-Request-ID"
KEY = "request_id"
# What proxies write, and nothing that could pass for more than an id in a log or a header.
PLAIN = re.compile(r"[A-Za-z0-9-]{8,64}", re.ASCII)


def is_request_id(told: object) -> bool:
    """Say whether this can be the id of a request."""
    return isinstance(told, str) and bool(PLAIN.fullmatch(told))


def begin_request(told: str | None = None) -> str:
    """Begin the log lines of a request under its id, one of its own where none was told."""
    request_id = told if told and is_request_id(told) else uuid.uuid4().hex[:12]
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(**{KEY: request_id})
    return request_id


def current_request() -> str | None:
    """Return the id of the request that this is done for, None for what the clock asked for."""
    told = structlog.contextvars.get_contextvars().get(KEY)
    return told if is_request_id(told) else None


@contextmanager
def lines_of_job(job: str, subject: str, request_id: object) -> Iterator[None]:
    """Put the job into its log lines, and the request that asked for it where one did."""
    asked = {KEY: request_id} if is_request_id(request_id) else {}
    with structlog.contextvars.bound_contextvars(job=job, subject=subject, **asked):
        yield
