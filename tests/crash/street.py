"""Both sandboxes in a process of their own, as strangers to the portal; Exact's is watched at every write."""

import re
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Flask, jsonify
from flask.typing import ResponseReturnValue

from portal.cli.demo.supervisor import end_with_parent
from portal.sandbox.common.server import build_server
from portal.sandbox.exact.app import create_exact_app
from portal.sandbox.exact.state import ExactState
from portal.sandbox.productive.app import create_productive_app
from portal.settings import ROOT
from tests.furnishing.sandboxes import without_limits
from tests.journeys.world import Door

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

CALLBACK = "http://localhost:8000/connections/exact/callback"
WRITE = re.compile(r"/(?P<division>\d+)/salesentry/SalesEntr\w+(?:\(guid'(?P<key>[^']+)'\))?$")


class Busy:
    """Counts the calls that are under way; the back doors do not count."""

    def __init__(self, app: "WSGIApplication") -> None:
        self.app = app
        self.lock = threading.Lock()
        self.under_way = 0

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Let a call pass."""
        if environ.get("PATH_INFO", "").startswith("/_sandbox"):
            return self.app(environ, start_response)
        with self.lock:
            self.under_way += 1
        try:
            return self.serve(environ, start_response)
        finally:
            with self.lock:
                self.under_way -= 1

    def serve(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer."""
        return self.app(environ, start_response)


class Watch(Busy):
    """Looks after every write whether an entry stands without lines, or went with its last line."""

    def __init__(self, app: "WSGIApplication", state: ExactState) -> None:
        super().__init__(app)
        self.state = state
        self.empty: list[str] = []

    def serve(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer, and count the lines of the entry that a write was about."""
        found = WRITE.search(environ.get("PATH_INFO", ""))
        if not found or environ["REQUEST_METHOD"] == "GET":
            return super().serve(environ, start_response)
        books = self.state.books[int(found["division"])]
        with self.state.lock:
            line = books["SalesEntryLines"].get(found["key"]) or {}
        try:
            return super().serve(environ, start_response)
        finally:
            with self.state.lock:
                newest = next(reversed(books["SalesEntries"].rows.values()), {})
                for entry in {str(row["EntryID"]) for row in (line, newest) if row}:
                    if not books["SalesEntryLines"].where("EntryID", entry):
                        self.empty.append(f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}")


def build_street() -> tuple[Flask, Flask]:
    """Both services; their limits are out of the way, for what is tested here is not the pace."""
    exact = create_exact_app(redirect_uris=(CALLBACK,))
    state: ExactState = exact.extensions["sandbox"]
    without_limits(state.backstage)
    watch = Watch(exact.wsgi_app, state)
    exact.wsgi_app = watch  # type: ignore[method-assign]

    @exact.get("/_sandbox/watch")
    def show_watch() -> ResponseReturnValue:
        return jsonify(under_way=watch.under_way, empty=watch.empty)

    productive = create_productive_app()
    without_limits(productive.extensions["sandbox"].backstage)
    busy = Busy(productive.wsgi_app)
    productive.wsgi_app = busy  # type: ignore[method-assign]

    @productive.get("/_sandbox/watch")
    def show_busy() -> ResponseReturnValue:
        return jsonify(under_way=busy.under_way)

    return exact, productive


def serve_street() -> None:
    """Serve both until the parent is gone; the ports are told on standard output."""
    servers = [build_server(app, 0) for app in build_street()]
    for server in servers[1:]:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    print(*(server.port for server in servers), flush=True)  # noqa: T201
    servers[0].serve_forever()


@dataclass(frozen=True)
class Street:
    """The back doors of the running sandboxes."""

    exact: Door
    productive: Door
    ports: tuple[int, int]


@contextmanager
def open_street() -> Iterator[Street]:
    """Both sandboxes, running meanwhile."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.crash.street"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=end_with_parent,
    )
    try:
        assert process.stdout
        exact, productive = (int(port) for port in process.stdout.readline().split())
        yield Street(Door(exact), Door(productive), (exact, productive))
    finally:
        process.kill()
        process.wait()


if __name__ == "__main__":
    serve_street()
