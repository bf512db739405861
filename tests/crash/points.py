"""The boundaries that a process passes: every commit, and every remote call before, during and after it."""

import http.client
import os
import re
import select
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

import requests
from sqlalchemy import Engine, event

WRITTEN = re.compile(r"\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+\"?(\w+)", re.IGNORECASE)
# What these tables hold is no wish, no write and no book.
BOOKKEEPING = frozenset({"lane", "grant", "gate", "stale_comparison", "event"})
NOT_SENT = "not sent"
HALF_SENT = "half sent"
SENT = "on its way"
UNREAD = "done, unread"
READ = "read"
READS = frozenset({"GET"})


class Trace:
    """Counts the boundaries by their names, and tells each to ``reach``."""

    def __init__(self, reach: Callable[[str], None]) -> None:
        self._reach = reach
        self._seen: Counter[str] = Counter()
        self._thread = threading.get_ident()

    def pass_by(self, name: str) -> None:
        """Pass a boundary; those of a heartbeat's thread do not count."""
        if threading.get_ident() == self._thread:
            self._seen[name] += 1
            number = self._seen[name]
            self._reach(f"{name} ({number})" if number > 1 else name)


def struck_at(point: str, blow: int) -> Callable[[str], None]:
    """Send this process a signal when it comes to a point: it dies as by kill -9, or stands still."""

    def reach(name: str) -> None:
        if name == point:
            os.kill(os.getpid(), blow)

    return reach


def watch_commits(engine: Engine, trace: Trace) -> None:
    """Pass a boundary before and after every commit that wrote something, named by its tables."""
    written: dict[int, list[str]] = {}
    commit = engine.dialect.do_commit

    @event.listens_for(engine, "before_cursor_execute")
    def _note(connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if found := WRITTEN.match(statement):
            tables = written.setdefault(id(connection.connection.dbapi_connection), [])
            if found[1] not in {*tables, *BOOKKEEPING}:
                tables.append(found[1])

    @event.listens_for(engine, "rollback")
    def _forget(connection: Any) -> None:
        written.pop(id(connection.connection.dbapi_connection), None)

    def do_commit(dbapi_connection: Any) -> None:
        tables = "+".join(sorted(written.pop(id(dbapi_connection.dbapi_connection), [])))
        if tables:
            trace.pass_by(f"before commit of {tables}")
        commit(dbapi_connection)
        if tables:
            trace.pass_by(f"after commit of {tables}")

    engine.dialect.do_commit = do_commit  # type: ignore[method-assign]


def name_of(method: str, url: str) -> str:
    """A call in two words: its method and the last word of its path."""
    parts = [re.sub(r"\(.*", "", part) for part in urlsplit(url).path.split("/")]
    return f"{method} {[part for part in parts if part and not part.isdigit()][-1]}"


def watch_calls(trace: Trace) -> None:
    """Pass a boundary at each step of every HTTP call of this process, for good."""
    call = requests.Session.request
    send = http.client.HTTPConnection.send
    answer = http.client.HTTPConnection.getresponse
    name = [""]
    parts = [0]

    def request(self: requests.Session, method: str, url: str, *given: Any, **more: Any) -> Any:
        name[0] = name_of(method, url)
        parts[0] = 0
        trace.pass_by(f"{name[0]}: {NOT_SENT}")
        reply = call(self, method, url, *given, **more)
        trace.pass_by(f"{name[0]}: {READ}")
        return reply

    def send_part(self: http.client.HTTPConnection, part: Any) -> None:
        if parts[0] == 1:
            trace.pass_by(f"{name[0]}: {HALF_SENT}")
        parts[0] += 1
        send(self, part)

    def getresponse(self: http.client.HTTPConnection) -> http.client.HTTPResponse:
        trace.pass_by(f"{name[0]}: {SENT}")
        select.select([self.sock], [], [], 30)
        trace.pass_by(f"{name[0]}: {UNREAD}")
        return answer(self)

    patch.object(requests.Session, "request", request).start()
    patch.object(http.client.HTTPConnection, "send", send_part).start()
    patch.object(http.client.HTTPConnection, "getresponse", getresponse).start()
