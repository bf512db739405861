"""One log line per request: who, what, how it ended and how long."""
# What was said is never in it.

import time
import uuid

import structlog
from flask import Flask, Response, g, request
from flask_login import current_user

log = structlog.get_logger("portal.request")
QUIET = {"health.show_health"}


def register_request_log(app: Flask) -> None:
    """Log every request but the health checks. Static files do not come here."""
    app.before_request(begin)
    app.after_request(note)


def begin() -> None:
    """Give the request an id that all its log lines carry."""
    g.started = time.perf_counter()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=uuid.uuid4().hex[:12])


def note(answer: Response) -> Response:
    """Log how a request ended."""
    # The query string may hold secrets and stays out.
    if request.endpoint not in QUIET:
        taken = round((time.perf_counter() - g.started) * 1000)
        person = getattr(current_user, "id", None)
        log.info(
            "request",
            method=request.method,
            path=request.path,
            status=answer.status_code,
            ms=taken,
            person=person,
        )

    return answer
