"""GET /healthz: 200 when database and queue answer, else 503 naming what is down."""

from collections.abc import Callable

import structlog
from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from redis.exceptions import RedisError
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from portal.extensions import db, the_portal
from portal.queue import ping
from portal.store.people import UserRow
from portal.web.common.access import ANYONE, require

blueprint = Blueprint("health", __name__)
log = structlog.get_logger("portal.health")


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
    except (SQLAlchemyError, RedisError) as error:
        log.warning("not healthy", error=type(error).__name__)
        return "down"
    return "up"


@blueprint.get("/healthz")
@require(ANYONE)
def show_health() -> ResponseReturnValue:
    """Say what is up."""
    parts = {"web": "up", "database": state_of(ask_database), "queue": state_of(ask_queue)}
    healthy = set(parts.values()) == {"up"}
    return jsonify(status="ok" if healthy else "down", **parts), 200 if healthy else 503
