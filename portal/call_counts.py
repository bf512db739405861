"""How often each service was called, how that ended and how long it took, counted in Redis."""

import re
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

import structlog
from redis import Redis
from redis.exceptions import RedisError

from portal.remote.transport import CallRecord

log = structlog.get_logger("portal.call_counts")

# A call waits no longer for its count than this, and nothing is counted for a while where Redis is down.
TIMEOUTS = {"socket_connect_timeout": 0.3, "socket_timeout": 0.3}
REST = 30.0
COUNTS = "portal:calls"
MILLISECONDS = "portal:calls:ms"
# What tells one row from another: keys in brackets, and ids and divisions between slashes.
KEYS = re.compile(r"\([^)]*\)")
IDS = re.compile(r"(?<=/)(\d+|[0-9a-fA-F]{8}-[0-9a-fA-F-]{27})(?=/|$)")


class Calls(NamedTuple):
    """The calls of one kind since counting began: how many, and how many seconds they took in all."""

    service: str
    method: str
    endpoint: str
    # The status, or the kind of failure where nothing came back.
    outcome: str
    times: int
    seconds: float


def endpoint_of(path: str) -> str:
    """Return a call's path without what names one row."""
    return IDS.sub("{id}", KEYS.sub("({id})", path))


class CallCounts:
    """Counts calls, and says what was counted. A count that is lost holds nobody up."""

    def __init__(self, redis_url: str) -> None:
        self._redis = Redis.from_url(redis_url, **TIMEOUTS)
        self._rests_until = 0.0

    def count(self, service: str, record: CallRecord) -> None:
        """Count one call."""
        if time.monotonic() < self._rests_until:
            return

        outcome = record.failure or str(record.status)
        kind = "\n".join((service, record.method, endpoint_of(record.path), outcome))
        try:
            both = self._redis.pipeline(transaction=False)
            both.hincrby(COUNTS, kind, 1)
            both.hincrby(MILLISECONDS, kind, round(record.seconds * 1000))
            both.execute()
        except RedisError as error:
            self._rests_until = time.monotonic() + REST
            log.warning("calls not counted", error=type(error).__name__)

    def read(self) -> Iterator[Calls]:
        """Yield what was counted. Raises RedisError."""
        counts: Any = self._redis.hgetall(COUNTS)
        taken: Any = self._redis.hgetall(MILLISECONDS)
        for kind, count in sorted(counts.items()):
            service, method, endpoint, outcome = kind.decode().split("\n")
            seconds = int(taken.get(kind, 0)) / 1000
            yield Calls(service, method, endpoint, outcome, int(count), seconds)
