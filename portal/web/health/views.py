"""What operators ask: /healthz what is up, /readyz whether requests may come, /metrics how it does."""

import hmac
from collections.abc import Callable
from functools import cache
from typing import TypeVar

import structlog
from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue
from redis.exceptions import RedisError
from sqlalchemy import select, text
from sqlalchemy.exc import SQLAlchemyError

from portal.extensions import MIGRATIONS, db, the_portal
from portal.queue import count_waiting, ping
from portal.store.gauges import read_gauges
from portal.store.people import UserRow
from portal.web.common.access import ANYONE, require
from portal.web.common.clock import now

blueprint = Blueprint("health", __name__)
log = structlog.get_logger("portal.health")
Read = TypeVar("Read")
REVISION = text("SELECT version_num FROM alembic_version")


def ask_database() -> None:
    """Read from a table of ours, which fails where migrations are missing."""
    db.session.execute(select(UserRow.id).limit(1))


def ask_queue() -> None:
    """Ask Redis."""
    ping(the_portal().settings.redis_url)


def state_of(ask: Callable[[], None]) -> str:
    """Return ``up`` or ``down``."""
    try:
        ask()
    except (SQLAlchemyError, RedisError, WrongRevisionError) as error:
        log.warning("not healthy", error=type(error).__name__)
        return "down"
    return "up"


def ask_schema() -> None:
    """Ask which revision the database is at. Raises WrongRevisionError for any but this version's."""
    found = db.session.scalar(REVISION)
    if found != newest_revision():
        raise WrongRevisionError


class WrongRevisionError(Exception):
    """The tables are not those of this version."""


@cache
def newest_revision() -> str:
    """Return the revision of this version, by the names of its migrations."""
    return max(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))


@blueprint.get("/healthz")
@require(ANYONE)
def show_health() -> ResponseReturnValue:
    """Say what is up."""
    return answer(ask_database, ask_queue)


@blueprint.get("/readyz")
@require(ANYONE)
def show_ready() -> ResponseReturnValue:
    """Say whether requests may come: everything is up, and the tables are those of this version."""
    return answer(ask_schema, ask_queue)


def answer(database: Callable[[], None], queue: Callable[[], None]) -> ResponseReturnValue:
    """Answer 200 where both are up, else 503 naming what is down."""
    parts = {"web": "up", "database": state_of(database), "queue": state_of(queue)}
    healthy = set(parts.values()) == {"up"}
    return jsonify(status="ok" if healthy else "down", **parts), 200 if healthy else 503


@blueprint.get("/metrics")
@require(ANYONE)
def show_metrics() -> ResponseReturnValue:
    """Show what Prometheus reads to who brings the token. Without one in the settings there is no page."""
    token = the_portal().settings.metrics_token
    if not token:
        return Response("There is no METRICS_TOKEN.\n", 404, content_type="text/plain")

    told = request.headers.get("Authorization", "").encode()
    if not hmac.compare_digest(told, f"Bearer {token}".encode()):
        return Response(
            "The token of METRICS_TOKEN is needed.\n",
            401,
            {"WWW-Authenticate": "Bearer"},
            content_type="text/plain",
        )

    # Only where it is on, for the library takes memory.
    from portal.web.health.metrics import Readings, spell

    moment = now()
    idle = the_portal().settings.session_idle
    readings = Readings(
        now=moment,
        gauges=read_or_none(lambda: read_gauges(db.session(), idle=idle, now=moment)),
        queues=read_or_none(count_waiting),
        calls=read_or_none(lambda: list(the_portal().call_counts.read())),
    )
    return Response(spell(readings), content_type="text/plain; version=0.0.4; charset=utf-8")


def read_or_none(read: Callable[[], Read]) -> Read | None:
    """Return what was read, None where the other side is down."""
    try:
        return read()
    except (SQLAlchemyError, RedisError) as error:
        log.warning("not measured", error=type(error).__name__)
        return None
