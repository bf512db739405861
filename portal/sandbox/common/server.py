"""A threaded HTTP server for a sandbox on loopback: ``serve`` blocks, ``serving`` is for tests."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from types import FrameType
from typing import TYPE_CHECKING

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

LOOPBACK = "127.0.0.1"


class QuietHandler(WSGIRequestHandler):
    """Logs nothing (the back door ``calls`` does) and sends small answers at once."""

    disable_nagle_algorithm = True

    def send_response(self, code: int, message: str | None = None) -> None:
        """Begin an answer without the standard library's ``Date``, for the sandbox's clock gives its own."""
        self.send_response_only(code, message)
        self.send_header("Server", self.version_string())

    def log(self, type: str, message: str, *args: object) -> None:
        """Say nothing."""


def build_server(app: "WSGIApplication", port: int, host: str = LOOPBACK) -> BaseWSGIServer:
    """A server that is bound but does not answer yet. Port 0 takes a free one."""
    return make_server(host, port, app, threaded=True, request_handler=QuietHandler)


def serve(app: "WSGIApplication", port: int, host: str = LOOPBACK) -> None:
    """Answer until interrupted or terminated. Either way what is registered at exit still runs."""
    signal.signal(signal.SIGTERM, _stop)
    server = build_server(app, port, host)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


@contextmanager
def serving(app: "WSGIApplication") -> Iterator[str]:
    """Answer in a thread, and give the base URL without a slash at its end."""
    server = build_server(app, 0)
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()

    try:
        yield f"http://{LOOPBACK}:{server.port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
