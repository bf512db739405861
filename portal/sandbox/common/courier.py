"""Carries webhooks: in order, in a thread of its own, without any promise, as the services do."""

import http.client
from collections.abc import Mapping
from dataclasses import dataclass, field
from queue import SimpleQueue
from threading import Thread
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

PATIENCE = 5.0
NO_ANSWER = 0
# A sandbox talks to nobody but this machine.
_NEAR = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class Letter:
    """One webhook on its way."""

    url: str
    body: bytes
    headers: Mapping[str, str]


@dataclass
class Courier:
    """Posts to what was subscribed. ``leads_to`` is a server on loopback in the place of the https site."""

    leads_to: str | None = None
    _letters: SimpleQueue[Letter] = field(default_factory=SimpleQueue)
    _thread: Thread | None = None

    def send(self, url: str, body: bytes, headers: Mapping[str, str]) -> None:
        """Post soon. What does not arrive is lost."""
        self._letters.put(Letter(url, body, headers))
        if self._thread is None:
            self._thread = Thread(target=self._carry, daemon=True)
            self._thread.start()

    def post(self, url: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> int:
        """Post now and return the status, or 0 if nobody answered."""
        told = {"Content-Type": "application/json", "Content-Length": str(len(body)), **(headers or {})}
        target = self._route(url)
        if urlsplit(target).hostname not in _NEAR:
            return NO_ANSWER

        request = Request(target, data=body, headers=told, method="POST")  # noqa: S310 - on loopback
        try:
            with urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310 - on loopback
                return int(answer.status)
        except HTTPError as error:
            return error.code
        except (OSError, http.client.HTTPException, ValueError):
            return NO_ANSWER

    def _carry(self) -> None:
        while True:
            letter = self._letters.get()
            self.post(letter.url, letter.body, letter.headers)

    def _route(self, url: str) -> str:
        return f"{self.leads_to}{urlsplit(url).path}" if self.leads_to else url
