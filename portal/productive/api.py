"""Calls to Productive: paced, checked and read as documents. The transport repeats reads only."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlencode

from portal.productive.faults import failure_of
from portal.productive.jsonapi import MEDIA_TYPE, Document, Params, next_url, read_document
from portal.remote.errors import BadAnswerError
from portal.remote.pace import Lane
from portal.remote.transport import Transport


@dataclass(frozen=True)
class Api:
    """Productive's API as one token sees it. The token is never shown."""

    base_url: str
    token: str = field(repr=False)
    organization_id: str
    transport: Transport
    lane: Lane
    interactive: bool = False
    pull: bool = False

    def read(self, path: str, params: Params | None = None) -> Document:
        """GET a document."""
        return read_document(self._send("GET", self._url(path, params)))

    def write(self, method: str, path: str, body: bytes | None = None, params: Params | None = None) -> bytes:
        """Make a change, once, and return the answer's body."""
        return self._send(method, self._url(path, params), body)

    def each_page(self, path: str, params: Params) -> Iterator[Document]:
        """Yield the pages of a list, following its links to the end."""
        url: str | None = self._url(path, params)
        seen: set[str] = set()

        while url is not None:
            if url in seen:
                raise BadAnswerError("Productive's list leads back to itself.")

            seen.add(url)
            page = read_document(self._send("GET", url))
            yield page
            url = next_url(page, base_url=self.base_url, current=url)

    def _url(self, path: str, params: Params | None) -> str:
        query = f"?{urlencode(params)}" if params else ""
        return f"{self.base_url}/{path}{query}"

    def _send(self, method: str, url: str, body: bytes | None = None) -> bytes:
        endpoint = url.removeprefix(f"{self.base_url}/").partition("?")[0].partition("/")[0]
        with self.lane.turn(endpoint=endpoint, interactive=self.interactive, pull=self.pull):
            answer = self.transport.call(method, url, headers=self._headers(), body=body)
            now = self.transport.clock.local()
            self.lane.learn(answer.headers, answer.status, endpoint, now)

        error = failure_of(answer, now)
        if error is not None:
            raise error

        return answer.body

    def _headers(self) -> dict[str, str]:
        return {
            "X-Auth-Token": self.token,
            "X-Organization-Id": self.organization_id,
            "Content-Type": MEDIA_TYPE,
            "Accept": MEDIA_TYPE,
        }
