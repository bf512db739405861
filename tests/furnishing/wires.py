"""A wire without sockets: requests go straight into a sandbox's WSGI app, and may be spoilt on the way."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from io import BytesIO
from urllib.parse import unquote, urlsplit

import requests
from flask import Flask
from requests.adapters import BaseAdapter
from urllib3 import HTTPResponse
from werkzeug.test import run_wsgi_app

from portal.remote.clock import RemoteClock
from portal.remote.pace import Opening
from portal.remote.transport import Transport
from portal.sandbox.common.clock import Clock
from tests.furnishing.said import quote

EMPTY = "empty"
CUT = "cut"
TURNED = "turned"
SHAPED = (EMPTY, CUT, TURNED)


class KilledError(BaseException):
    """The process is killed here: nothing after this happens, and nothing catches it."""


class Mortal:
    """Counts the moments at which a process may die, and lets it die when none is ``left``."""

    def __init__(self) -> None:
        self.left: int | None = None

    def revive(self) -> None:
        """Start another process."""
        self.left = None

    def pass_moment(self) -> None:
        """Come one moment closer; once dead, every further moment is too late."""
        if self.left is None:
            return
        if self.left <= 0:
            raise KilledError
        self.left -= 1


class StillClock(Clock):
    """The sandbox's clock, which only moves when it is told to."""

    def __init__(self, start: datetime) -> None:
        super().__init__()
        self._start = start.timestamp()

    def time(self) -> float:
        """Seconds since 1970."""
        return self._start + self.offset


class OpenLane:
    """A lane that nobody else uses: the limits are tested elsewhere."""

    @contextmanager
    def turn(self, *, endpoint: str, interactive: bool = False, pull: bool = False) -> Iterator[None]:
        """Go at once."""
        yield

    def peek(self, *, endpoint: str, interactive: bool = False, pull: bool = False) -> Opening:
        """Say that it is open."""
        return Opening(datetime.min.replace(tzinfo=UTC), quote(""))

    def learn(self, headers: Mapping[str, str], status: int, endpoint: str, now: datetime) -> None:
        """Learn nothing."""


class Wire(BaseAdapter):
    """Carries requests to one sandbox; ``before`` hears of each call, ``shapes`` spoils what comes back."""

    def __init__(self, app: Flask, mortal: Mortal) -> None:
        super().__init__()
        self._app = app
        self._mortal = mortal
        self.before: Callable[[str, str], None] = lambda _method, _path: None
        self.shapes: list[tuple[str, str]] = []
        self.spoilt = 0

    def close(self) -> None:
        """Nothing is open."""

    def send(  # type: ignore[override]
        self, request: requests.PreparedRequest, **_how: object
    ) -> requests.Response:
        """Answer a request from the app."""
        self._mortal.pass_moment()
        path = urlsplit(str(request.url)).path
        self.before(str(request.method), path)
        try:
            body, status, headers = run_wsgi_app(self._app.wsgi_app, _environ(request), buffered=True)
            content = b"".join(body)
        except ConnectionAbortedError as error:
            self.spoilt += 1
            raise requests.ConnectionError(error, request=request) from None
        self._mortal.pass_moment()
        return _response(request, int(status.split(" ")[0]), dict(headers), self._shape(path, content))

    def _shape(self, path: str, content: bytes) -> bytes:
        """Spoil a list: well formed, but empty, cut off in the middle, or turned round."""
        place = next((at for at, (part, _) in enumerate(self.shapes) if part in path), None)
        if place is None:
            return content
        _, shape = self.shapes.pop(place)
        answer = json.loads(content)
        if not isinstance(answer.get("d"), dict) or "results" not in answer["d"]:
            return content
        rows = answer["d"]["results"]
        self.spoilt += 1
        answer["d"]["results"] = {EMPTY: [], CUT: rows[: len(rows) // 2], TURNED: rows[::-1]}[shape]
        if shape != TURNED:
            answer["d"].pop("__next", None)
        return json.dumps(answer).encode()


def _environ(request: requests.PreparedRequest) -> dict[str, object]:
    address = urlsplit(str(request.url))
    body = request.body or b""
    raw = body if isinstance(body, bytes) else str(body).encode()
    return {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(address.path),
        "QUERY_STRING": address.query,
        "SERVER_NAME": address.hostname,
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_LENGTH": str(len(raw)),
        "CONTENT_TYPE": request.headers.get("Content-Type", ""),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(raw),
        "wsgi.errors": BytesIO(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        **{f"HTTP_{name.upper().replace('-', '_')}": value for name, value in request.headers.items()},
    }


def _response(
    request: requests.PreparedRequest, status: int, headers: Mapping[str, str], content: bytes
) -> requests.Response:
    response = requests.Response()
    response.status_code = status
    response.url = str(request.url)
    response.request = request
    response.headers.update(headers)
    response.raw = HTTPResponse(BytesIO(content), headers=headers, status=status, preload_content=False)
    response._content = content
    return response


def transport_on(wire: Wire, address: str, clock: Clock) -> Transport:
    """Return the real transport on such a wire. A fault is for one read, so none is repeated."""
    session = requests.Session()
    session.mount(address, wire)
    return Transport(
        clock=RemoteClock(lambda: clock.now().astimezone(UTC)),
        on_call=lambda _record: None,
        session=session,
        repeats=False,
    )
