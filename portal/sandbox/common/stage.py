"""The WSGI wrapper around a sandbox: logs each call, acts out faults, sets the ``Date`` header.

A dropped connection needs the raw socket, which werkzeug's server puts into the environment. Without one
(Flask's test client) the ``ConnectionAbortedError`` reaches the caller, which is the same to a test.
"""

import contextlib
import io
import socket
import time
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from werkzeug.datastructures import Headers
from werkzeug.test import run_wsgi_app

from portal.sandbox.common.calls import Call
from portal.sandbox.common.doors import PREFIX, Backstage
from portal.sandbox.common.faults import Fault

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_GARBAGE = b"<!DOCTYPE html><html><head><title>Service</title></head><body>One moment please</body></html>"
_UNLOGGED = ("/", "/favicon.ico")


class Stage:
    """Wraps the app of a sandbox."""

    def __init__(self, app: "WSGIApplication", backstage: Backstage) -> None:
        self._app = app
        self._backstage = backstage

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one call."""
        if environ.get("PATH_INFO", "").startswith(PREFIX):
            status, headers, body = _run(self._app, environ)
            return [self._answer(start_response, status, headers, body)]

        fault = self._backstage.faults.take(*_named(environ))
        if fault and fault.do == "drop-before":
            self._log(environ, 0, fault)
            _drop(environ)

        status, headers, body = self._perform(environ, fault)
        self._log(environ, int(status.split(" ")[0]), fault)
        if fault and fault.do == "drop-after":
            _drop(environ)

        self._answer(start_response, status, headers, body)
        return _half(environ, body) if fault and fault.do == "truncate" else [body]

    def _answer(self, start_response: "StartResponse", status: str, headers: Headers, body: bytes) -> bytes:
        """Begin the answer, dated by the sandbox's clock, and return its body."""
        headers["Date"] = self._backstage.clock.http_date()
        start_response(status, headers.to_wsgi_list())
        return body

    def _perform(self, environ: "WSGIEnvironment", fault: Fault | None) -> tuple[str, Headers, bytes]:
        if fault and fault.do == "slow":
            time.sleep(fault.seconds)

        if fault and fault.do == "twice":
            _run(self._app, _for_another_run(environ))

        if fault is None or fault.is_applied:
            status, headers, body = _run(self._app, environ)

        if fault and fault.status:
            return f"{fault.status} Fault", _headers("text/plain", fault.body.encode()), fault.body.encode()
        if fault and fault.do == "garbage":
            return "200 OK", _headers("text/html; charset=utf-8", _GARBAGE), _GARBAGE

        return status, headers, body

    def _log(self, environ: "WSGIEnvironment", status: int, fault: Fault | None) -> None:
        method, path, query = _named(environ)
        if path in _UNLOGGED or path.startswith("/static/"):
            return
        whole = f"{path}?{query}" if query else path
        now = self._backstage.clock.now()
        self._backstage.calls.record(Call(method, whole, status, now, fault.do if fault else None))


def _named(environ: "WSGIEnvironment") -> tuple[str, str, str]:
    path = environ.get("PATH_INFO", "").encode("latin-1").decode("utf-8", "replace")
    return environ["REQUEST_METHOD"], path, environ.get("QUERY_STRING", "")


def _run(app: "WSGIApplication", environ: "WSGIEnvironment") -> tuple[str, Headers, bytes]:
    parts, status, headers = run_wsgi_app(app, environ, buffered=True)
    return status, headers, b"".join(parts)


def _for_another_run(environ: "WSGIEnvironment") -> "WSGIEnvironment":
    """Copy a call whose body can be read only once, and wind the original back."""
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = io.BytesIO(body)
    return {**environ, "wsgi.input": io.BytesIO(body)}


def _headers(content_type: str, body: bytes) -> Headers:
    return Headers([("Content-Type", content_type), ("Content-Length", str(len(body)))])


def _drop(environ: "WSGIEnvironment") -> None:
    connection = environ.get("werkzeug.socket")
    if isinstance(connection, socket.socket):
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
    raise ConnectionAbortedError("the sandbox dropped the connection, as it was told to")


def _half(environ: "WSGIEnvironment", body: bytes) -> Iterator[bytes]:
    yield body[: len(body) // 2]
    _drop(environ)
