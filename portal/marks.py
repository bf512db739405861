"""How many writes were seen, kept in Redis and in a file."""

from pathlib import Path

import structlog
from redis import Redis
from redis.exceptions import RedisError

log = structlog.get_logger("portal.marks")

TIMEOUTS = {"socket_connect_timeout": 3, "socket_timeout": 5}


class StoredMarks:
    """Marks in two places, of which the higher counts."""

    def __init__(self, redis_url: str, folder: Path) -> None:
        self._redis = Redis.from_url(redis_url, **TIMEOUTS)
        self._folder = folder

    def highest(self, database_id: str) -> int:
        """Return the most writes that were ever seen of a database, 0 if nothing is known."""
        return max(self._in_redis(database_id), self._in_file(database_id))

    def remember(self, database_id: str, writes: int) -> None:
        """Keep a count where it is higher than what is kept."""
        try:
            if self._in_redis(database_id) < writes:
                self._redis.set(f"portal:writes:{database_id}", writes)
        except RedisError as error:
            log.warning("mark not kept", where="redis", error=type(error).__name__)

        try:
            if self._in_file(database_id) < writes:
                self._write(database_id, writes)
        except OSError as error:
            log.warning("mark not kept", where=str(self._folder), error=type(error).__name__)

    def _in_redis(self, database_id: str) -> int:
        try:
            found = self._redis.get(f"portal:writes:{database_id}")
        except RedisError:
            return 0
        return int(found) if isinstance(found, bytes) and found.isdigit() else 0

    def _in_file(self, database_id: str) -> int:
        try:
            text = (self._folder / database_id).read_text()
        except OSError:
            return 0
        return int(text) if text.isdecimal() else 0

    def _write(self, database_id: str, writes: int) -> None:
        """Put the whole file in place at once."""
        self._folder.mkdir(parents=True, exist_ok=True)
        new = self._folder / f"{database_id}.new"
        new.write_text(str(writes))
        new.replace(self._folder / database_id)
