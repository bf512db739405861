"""Calls to Exact for one division: token, lane, envelopes, paging, failures."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from portal.exact.faults import SIGNED_OUT, fault_of, find_reason, says_expired
from portal.exact.odata import Json, Page, follow, read_page, spell_body, spell_key, spell_query
from portal.remote.errors import BadAnswerError, SignInLostError
from portal.remote.pace import Lane, Opening
from portal.remote.transport import Answer, Transport

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class _Call:
    """One call. ``endpoint`` is its path without division and key."""

    method: str
    url: str
    endpoint: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    pull: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ExactSession:
    """How calls to Exact are made. ``access`` gives the present token, ``on_expired`` a new one."""

    base_url: str
    division: int | None
    access: Callable[[], str]
    on_expired: Callable[[], str] | None
    lane: Lane
    transport: Transport
    interactive: bool = False

    def each_page(
        self, path: str, options: Mapping[str, str], *, division: int | str | None = None, pull: bool = False
    ) -> Iterator[list[Json]]:
        """Yield the pages of a list in order, one call each, and leave out the empty ones."""
        link: str | None = spell_query(self._address(path, division), options)
        seen: set[str] = set()

        while link:
            if link in seen:
                raise BadAnswerError("Exact's list leads back to itself.")

            seen.add(link)
            page = read_page(self._answer(_Call("GET", link, path, pull=pull)).json())
            if page.rows:
                yield page.rows

            link = follow(link, page.next) if page.next else None

    def read_all(
        self, path: str, options: Mapping[str, str], *, division: int | str | None = None, pull: bool = False
    ) -> list[Json]:
        """Return all rows of a list."""
        pages = self.each_page(path, options, division=division, pull=pull)
        return [row for page in pages for row in page]

    def probe(self, path: str, options: Mapping[str, str]) -> None:
        """Ask once and drop the answer. Raise what a refusal means."""
        self._answer(_Call("GET", spell_query(self._address(path, None), options), path))

    def post(self, path: str, body: Json) -> Page:
        """Create something with one call and return it as Exact has it."""
        headers = {"Content-Type": JSON, "Prefer": "return=representation"}
        call = _Call("POST", self._address(path, None), path, headers, spell_body(body))
        return read_page(self._answer(call).json())

    def put(self, path: str, guid: str, changes: Json) -> None:
        """Change the given fields of one row."""
        url = spell_key(self._address(path, None), guid)
        self._answer(_Call("PUT", url, path, {"Content-Type": JSON}, spell_body(changes)))

    def delete(self, path: str, guid: str) -> None:
        """Remove one row."""
        self._answer(_Call("DELETE", spell_key(self._address(path, None), guid), path))

    def opening(self, path: str) -> Opening:
        """Say when a call to an endpoint may go, and why not now, without a call."""
        return self.lane.peek(endpoint=path, interactive=self.interactive)

    def _address(self, path: str, division: int | str | None) -> str:
        where = division or self.division
        if where is None:
            raise ValueError("no division is chosen")
        return f"{self.base_url}/api/v1/{where}/{path}"

    def _answer(self, call: _Call) -> Answer:
        """Call, and once more with another token if this one was refused, for then no work was done."""
        with self._turn(call):
            # Only now, for who waits with a token in hand is refused if it was renewed meanwhile, and too
            # many refusals block the endpoint.
            answer = self._send(call, used := self.access())

        if answer.status == 401:
            other = self._another_token(answer, used)
            with self._turn(call):
                answer = self._send(call, other)

        if fault := fault_of(answer, self.transport.clock.local()):
            raise fault

        return answer

    def _turn(self, call: _Call) -> AbstractContextManager[None]:
        return self.lane.turn(endpoint=call.endpoint, interactive=self.interactive, pull=call.pull)

    def _send(self, call: _Call, token: str) -> Answer:
        told = {"Accept": JSON, "Authorization": f"Bearer {token}", **call.headers}
        answer = self.transport.call(call.method, call.url, headers=told, body=call.body)
        self.lane.learn(answer.headers, answer.status, call.endpoint, self.transport.clock.local())
        return answer

    def _another_token(self, refusal: Answer, used: str) -> str:
        """Return the token that replaced the refused one. Raise SignInLostError if there is none."""
        if says_expired(refusal) and self.on_expired:
            return self.on_expired()
        token = self.access()
        if token == used:
            raise SignInLostError(find_reason(refusal) or SIGNED_OUT, status=401)
        return token
