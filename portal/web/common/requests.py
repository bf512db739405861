"""One log line per request: who, what, how it ended and how long."""
# What was said is never in it.

import time

import structlog
from flask import Flask, Response, g, request
from flask_login import current_user

from portal.extensions import the_portal
from portal.request_ids import HEADER, begin_request

log = structlog.get_logger("portal.request")
QUIET = {"health.show_health", "health.show_ready", "health.show_metrics"}


def register_request_log(app: Flask) -> None:
    """Log every request but the health checks. Static files do not come here."""
    app.before_request(begin)
    app.after_request(note)


def begin() -> None:
    """Give the request an id that all its log lines carry, the one of the proxy where there is one."""
    g.started = time.perf_counter()
    told = request.headers.get(HEADER) if the_portal().settings.trusted_proxies else None
    g.request_id = begin_request(told)


def note(answer: Response) -> Response:
    """Log how a request ended, and tell its id."""
    answer.headers[HEADER] = g.request_id
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
